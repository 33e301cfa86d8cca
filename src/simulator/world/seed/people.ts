import type { Reference, Row } from '../../world.ts'
import { LEVEL, raiseAlert } from '../alerts.ts'
import { type Core, systemUser, tableIn } from '../core.ts'
import { initialRow, standardColumns } from '../new-row.ts'
import { randomGuid } from '../random.ts'
import { referenceTo } from '../row-values.ts'
import type { Draft } from './draft.ts'

const DAY_MS = 86_400_000

/** Puts the rows of a draft, the user or queue and its mailbox, linked both ways; returns the user or queue. */
export function putDraft(core: Core, draft: Draft, queueOwner: Reference): Reference {
  const entity = draft.kind === 'user' ? 'systemuser' : 'queue'
  const id = randomGuid(core.random)
  const mailboxId = randomGuid(core.random)
  const person = referenceTo(entity, id)
  const owner = draft.kind === 'user' ? person : queueOwner
  core.store.put(entity, id, {
    ...initialRow(tableIn(core, entity)),
    ...standardColumns(core, entity, id, systemUser(core), draft.kind === 'queue' ? owner : undefined),
    ...nameColumns(draft),
    ...draft.person,
    defaultmailbox: referenceTo('mailbox', mailboxId),
  })
  const mailbox = core.store.put('mailbox', mailboxId, {
    ...initialRow(tableIn(core, 'mailbox')),
    ...standardColumns(core, 'mailbox', mailboxId, systemUser(core), owner),
    ...draft.mailbox,
    regardingobjectid: person,
    isforwardmailbox: false,
  })
  if (Object.keys(draft.truth).length > 0) core.truths.set(mailboxId, draft.truth)
  if (draft.alert !== undefined) raiseOldAlert(core, mailbox, draft.alert)
  return person
}

function nameColumns({ kind, identity }: Draft): Row {
  if (kind === 'queue') return { name: identity.displayName }
  return {
    fullname: identity.displayName,
    firstname: identity.firstName,
    lastname: identity.lastName,
    domainname: `CONTOSO\\${identity.localPart}`,
    islicensed: true,
  }
}

function raiseOldAlert(core: Core, mailbox: Readonly<Row>, topic: NonNullable<Draft['alert']>): void {
  core.clock.at(core.clock.nowMs() - 20 * DAY_MS, () => raiseAlert(core, mailbox, topic, LEVEL.error))
}

/** Puts a forward mailbox, which belongs to no user or queue. */
export function putForwardMailbox(core: Core, owner: Reference, number: number, profile: Reference): void {
  const id = randomGuid(core.random)
  const suffix = number === 0 ? '' : String(number)
  core.store.put('mailbox', id, {
    ...initialRow(tableIn(core, 'mailbox')),
    ...standardColumns(core, 'mailbox', id, systemUser(core), owner),
    name: `Forwarded mail${suffix && ` ${suffix}`}`,
    emailaddress: `forward${suffix}@contoso.com`,
    emailserverprofile: profile,
    incomingemaildeliverymethod: 3,
    actdeliverymethod: 2,
  })
}
