// A company to practise on: people, queues, profiles, and as much disorder as asked for. The same options give the same organization.
import type { Row } from '../../world.ts'
import { foundOrganization } from '../callers.ts'
import { dateText } from '../clock.ts'
import { type Core, createCore } from '../core.ts'
import { assembleWorld } from '../create-world.ts'
import { shuffled } from '../random.ts'
import type { SimulatedWorld, WorldOptions } from '../types.ts'
import { type Draft, healthyDraft, patched } from './draft.ts'
import { type MessContext, type MessKind, resolveMess } from './mess.ts'
import { DOMAIN, personNumber, queueNumber } from './names.ts'
import { putProfiles, putSettings, putTeams } from './organization.ts'
import { putDraft, putForwardMailbox } from './people.ts'

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

const TESTED_BEFORE_MS = 3 * 86_400_000

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

function fillOrganization(core: Core, options: SeedOptions, kinds: readonly MessKind[]): void {
  const has = (name: string) => kinds.some((kind) => kind.name === name)
  const testedOn = dateText(core.clock.nowMs() - TESTED_BEFORE_MS)
  putTeams(core)
  const service = {
    ...personNumber(0),
    displayName: 'CRM Mail',
    firstName: 'CRM',
    lastName: 'Mail',
    localPart: 'crm-mail',
  }
  const identity = { ...service, address: `crm-mail@${DOMAIN}` }
  const serviceDraft = healthyDraft('user', -1, identity, { isserviceaccount: true }, testedOn)
  const owner = putDraft(core, serviceDraft, { entity: 'systemuser', id: '' })
  const profiles = putProfiles(core, owner, identity.address, !has('no-new-profile'))
  const serviceMailbox = core.store.get('systemuser', owner.id)?.['defaultmailbox']
  if (typeof serviceMailbox === 'object' && serviceMailbox !== null) {
    core.store.put('mailbox', serviceMailbox.id, { emailserverprofile: profiles.current })
  }
  putSettings(core, profiles, has('defaults'))

  const profile: Row = { emailserverprofile: profiles.current }
  const drafts = [
    ...numbers(options.mailboxes).map((number) =>
      healthyDraft('user', number, personNumber(number), profile, testedOn),
    ),
    ...numbers(options.queues).map((number) => healthyDraft('queue', number, queueNumber(number), profile, testedOn)),
  ]
  const context: MessContext = {
    oldProfile: { mailbox: { emailserverprofile: profiles.old } },
    nowMs: core.clock.nowMs(),
    addressAfter: ({ kind, number }) => (kind === 'user' ? personNumber(number + 1) : queueNumber(number + 1)).address,
  }
  for (const draft of messedUp(core, drafts, kinds, context)) putDraft(core, draft, owner)

  const forward = kinds.find((kind) => kind.name === 'forward')
  const forwards = forward === undefined ? 0 : countOf(forward, drafts.length)
  for (const number of numbers(forwards)) putForwardMailbox(core, owner, number, profiles.current)
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number)
}

function countOf(kind: MessKind, total: number): number {
  return Math.max(1, Math.round(kind.share * total))
}

/** The drafts in their order; in each layer the kinds take their shares of a shuffled row of mailboxes one after the other. */
function messedUp(core: Core, drafts: readonly Draft[], kinds: readonly MessKind[], context: MessContext): Draft[] {
  const result = [...drafts]
  for (const layer of ['settings', 'result', 'outside', 'text'] as const) {
    let free = shuffled(numbers(drafts.length), core.random)
    for (const kind of kinds.filter((candidate) => candidate.layer === layer)) {
      const fitting = free.filter((index) => kind.usersOnly !== true || result[index]?.kind === 'user')
      const taken = new Set(fitting.slice(0, countOf(kind, drafts.length)))
      free = free.filter((index) => !taken.has(index))
      for (const index of taken) {
        const draft = result[index]
        if (draft !== undefined) result[index] = patched(draft, kind.patch?.(draft, context) ?? {})
      }
    }
  }
  return result
}

function requestScheduledTests(core: Core): void {
  for (const [id, row] of core.store.rows('mailbox')) {
    if (row['testemailconfigurationscheduled'] === true) core.requestTest(id)
  }
}
