// A company to practise on: people, queues, profiles, and as much disorder as asked for. The same options give the same organization.
import type { Reference } from '../../world.ts'
import { foundOrganization } from '../callers.ts'
import { type Core, createCore } from '../core.ts'
import { assembleWorld } from '../create-world.ts'
import { shuffled } from '../random.ts'
import type { SimulatedWorld, WorldOptions } from '../types.ts'
import { type Draft, patched } from './draft.ts'
import { type MessContext, type MessKind, resolveMess } from './mess.ts'
import { DOMAIN, personNumber, queueNumber } from './names.ts'
import { bindMailboxOf, emptySettings, putProfiles, putSettings, putTeams } from './organization.ts'
import { People } from './people.ts'

/** What organization to make. */
export interface SeedOptions extends WorldOptions {
  /** Users with a mailbox. The owner of the profiles, `crm-mail@contoso.com`, and its mailbox come besides. */
  readonly mailboxes: number
  /** Queues, each with a mailbox. */
  readonly queues: number
  /** Names as `resolveMess` takes them; default `['default']`. */
  readonly mess?: readonly string[]
  readonly organizationName?: string
}

/** A simulated organization with people and queues in it. Throws an Error for an unknown kind of mess. */
export function seedWorld(options: SeedOptions): SimulatedWorld {
  const kinds = resolveMess(options.mess ?? ['default'])
  const core = createCore(options)
  foundOrganization(core, options.organizationName ?? 'Contoso')
  fillOrganization(core, options, kinds)
  const world = assembleWorld(core, options)
  requestScheduledTests(core)
  return world
}

function fillOrganization(core: Core, { mailboxes, queues }: SeedOptions, kinds: readonly MessKind[]): void {
  const has = (name: string) => kinds.some((kind) => kind.name === name)
  const people = new People(core)
  putTeams(core)
  const isService = !has('no-service-mailbox')
  const owner = people.put({ ...SERVICE_ACCOUNT, mailbox: { isserviceaccount: isService } }, null)
  const profiles = putProfiles(core, owner, SERVICE_ACCOUNT.identity.address, !has('no-new-profile'))
  bindMailboxOf(core, owner, profiles.current)
  putSettings(core, profiles, has('defaults'))
  if (has('no-settings')) emptySettings(core)

  const context: MessContext = {
    oldProfile: { mailbox: { emailserverprofile: profiles.old } },
    nowMs: core.clock.nowMs(),
    neighbourOf: ({ entity, number }) => draftOf(entity, number === 0 ? 1 : number - 1).identity.address,
  }
  const mess = assignMess(core, kinds, mailboxes, queues)
  for (let index = 0; index < mailboxes + queues; index += 1) {
    const draft = index < mailboxes ? draftOf('systemuser', index) : draftOf('queue', index - mailboxes)
    const messy = (mess.get(index) ?? []).reduce(
      (made, kind) => patched(made, kind.patch?.(made, context) ?? {}),
      draft,
    )
    people.put(messy, profiles.current, draft.entity === 'queue' ? owner : undefined)
  }
  putForwards(people, kinds, mailboxes + queues, profiles.current, owner)
}

const NO_COLUMNS = {}
const SERVICE_ACCOUNT: Draft = {
  entity: 'systemuser',
  number: 0,
  identity: {
    firstName: 'CRM',
    lastName: 'Mail',
    displayName: 'CRM Mail',
    localPart: 'crm-mail',
    address: `crm-mail@${DOMAIN}`,
  },
  person: NO_COLUMNS,
  mailbox: NO_COLUMNS,
}

function draftOf(entity: Draft['entity'], number: number): Draft {
  const identity = entity === 'systemuser' ? personNumber(number) : queueNumber(number)
  return { entity, number, identity, person: NO_COLUMNS, mailbox: NO_COLUMNS }
}

/** Which mailbox, by index, has which kinds: in each layer the kinds take their shares of a shuffled row of mailboxes one after the other. */
function assignMess(
  core: Core,
  kinds: readonly MessKind[],
  mailboxes: number,
  queues: number,
): Map<number, MessKind[]> {
  const assigned = new Map<number, MessKind[]>()
  for (const layer of ['settings', 'result', 'outside', 'text'] as const) {
    const taking = kinds.filter((kind) => kind.layer === layer)
    if (taking.length === 0) continue
    let free = shuffled(
      Array.from({ length: mailboxes + queues }, (_, index) => index),
      core.random,
    )
    for (const kind of taking) {
      const fitting = kind.usersOnly === true ? free.filter((index) => index < mailboxes) : free
      const taken = new Set(fitting.slice(0, countOf(kind, mailboxes + queues)))
      free = free.filter((index) => !taken.has(index))
      for (const index of taken) assigned.set(index, [...(assigned.get(index) ?? []), kind])
    }
  }
  return assigned
}

function countOf(kind: MessKind, total: number): number {
  return Math.max(1, Math.round(kind.share * total))
}

function putForwards(
  people: People,
  kinds: readonly MessKind[],
  total: number,
  profile: Reference,
  owner: Reference,
): void {
  const kind = kinds.find(({ name }) => name === 'forward')
  const count = kind === undefined ? 0 : countOf(kind, total)
  for (let number = 0; number < count; number += 1) people.putForward(number, profile, owner)
}

function requestScheduledTests(core: Core): void {
  for (const [id, row] of core.store.rows('mailbox')) {
    if (row['testemailconfigurationscheduled'] === true) core.requestTest(id)
  }
}
