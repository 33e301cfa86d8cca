import type { EntityName, Reference, Row } from '../../world.ts'
import { LEVEL, raiseAlert } from '../alerts.ts'
import { dateText } from '../clock.ts'
import { type Core, neverIn, systemUser, tableIn } from '../core.ts'
import { initialRow, ownerColumns, standardColumns } from '../new-row.ts'
import { randomGuid } from '../random.ts'
import { referenceTo } from '../row-values.ts'
import { APPROVAL, APPROVAL_COLUMN, addressColumn } from '../rules/address-approval.ts'
import { type Draft, UNTESTED } from './draft.ts'

const DAY_MS = 86_400_000
const TESTED_BEFORE_MS = 3 * DAY_MS
const ALERTED_BEFORE_MS = 20 * DAY_MS

/** Puts users, queues and mailboxes; what all of them have in common is worked out once. */
export class People {
  readonly #core: Core
  readonly #templates = new Map<string, Readonly<Row>>()

  constructor(core: Core) {
    this.#core = core
  }

  /** Puts a user or queue and its mailbox, linked both ways; returns the user or queue. A user owns its mailbox. */
  put(draft: Draft, profile: Reference | null, queueOwner?: Reference): Reference {
    const core = this.#core
    const { entity, identity } = draft
    const id = randomGuid(core.random)
    const mailboxId = randomGuid(core.random)
    const person = referenceTo(entity, id)
    const owner = queueOwner ?? person
    core.store.add(entity, id, (versionnumber) => ({
      ...this.#template(entity, entity),
      [`${entity}id`]: id,
      ...(entity === 'queue' ? { name: identity.displayName, ...ownerColumns(owner) } : userNames(draft)),
      [addressColumn(entity)]: identity.address,
      defaultmailbox: referenceTo('mailbox', mailboxId),
      ...draft.person,
      versionnumber,
    }))
    const mailbox = core.store.add('mailbox', mailboxId, (versionnumber) => ({
      ...this.#template(`mailbox of ${entity}`, 'mailbox'),
      mailboxid: mailboxId,
      name: identity.displayName,
      emailaddress: identity.address,
      emailserverprofile: profile,
      regardingobjectid: person,
      ownerid: owner,
      owninguser: owner,
      ...dated(core, draft.mailbox),
      versionnumber,
    }))
    if (draft.truth !== undefined) core.truths.set(mailboxId, draft.truth)
    if (draft.alert !== undefined) raiseOldAlert(core, mailbox, draft.alert)
    return person
  }

  /** Puts a forward mailbox, which belongs to no user or queue. */
  putForward(number: number, profile: Reference, owner: Reference): void {
    const id = randomGuid(this.#core.random)
    const suffix = number === 0 ? '' : String(number)
    this.#core.store.put('mailbox', id, {
      ...initialRow(tableIn(this.#core, 'mailbox')),
      ...standardColumns(this.#core, 'mailbox', id, systemUser(this.#core), owner),
      name: `Forwarded mail${suffix && ` ${suffix}`}`,
      emailaddress: `forward${suffix}@contoso.com`,
      emailserverprofile: profile,
      incomingemaildeliverymethod: 3,
      actdeliverymethod: 2,
    })
  }

  #template(name: string, entity: EntityName): Readonly<Row> {
    const known = this.#templates.get(name)
    if (known !== undefined) return known
    const template = {
      ...initialRow(tableIn(this.#core, entity)),
      ...standardColumns(this.#core, entity, '', systemUser(this.#core)),
      [APPROVAL_COLUMN]: APPROVAL.approved,
      ...(entity === 'systemuser' ? { islicensed: true } : {}),
      ...(entity === 'mailbox' ? healthyMailbox(this.#core, name === 'mailbox of systemuser') : {}),
    }
    this.#templates.set(name, template)
    return template
  }
}

/** The columns with what this organization keeps for a moment that never was. */
function dated(core: Core, columns: Readonly<Row>): Readonly<Row> {
  const column = 'testmailboxaccesscompletedon'
  return columns[column] === UNTESTED[column] ? { ...columns, [column]: neverIn(core) } : columns
}

/** A mailbox that works: server-side synchronization in every direction it can have, tested. */
function healthyMailbox(core: Core, hasCalendar: boolean): Row {
  return {
    isforwardmailbox: false,
    incomingemaildeliverymethod: 2,
    outgoingemaildeliverymethod: 2,
    actdeliverymethod: hasCalendar ? 1 : 2,
    incomingemailstatus: 1,
    outgoingemailstatus: 1,
    actstatus: hasCalendar ? 1 : 0,
    mailboxstatus: 1,
    testemailconfigurationretrycount: 1,
    testmailboxaccesscompletedon: dateText(core.clock.nowMs() - TESTED_BEFORE_MS),
    isactsyncorgflagset: hasCalendar,
  }
}

function userNames({ identity }: Draft): Row {
  return {
    fullname: identity.displayName,
    firstname: identity.firstName,
    lastname: identity.lastName,
    domainname: `CONTOSO\\${identity.localPart}`,
  }
}

function raiseOldAlert(core: Core, mailbox: Readonly<Row>, topic: NonNullable<Draft['alert']>): void {
  core.clock.at(core.clock.nowMs() - ALERTED_BEFORE_MS, () => raiseAlert(core, mailbox, topic, LEVEL.error))
}
