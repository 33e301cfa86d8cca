// Random organizations and random specs for them. What a spec may not say is left out here; everything it may say is mixed freely.
import fc from 'fast-check'
import type { FaultRule, SimulatorOptions } from '../../src/simulator/index.ts'
import { MESS_KINDS } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { documentOf, type Member, ORGANIZATION, organizationOf, setOf } from '../stack/spec.ts'
import type { Stack } from '../stack/stack.ts'
import { plainAddresses } from '../stack/world.ts'

/** Disorder whose end nobody has to wait days for. */
const MESS = MESS_KINDS.map(({ name }) => name).filter((name) => name !== 'never-picked-up' && name !== 'stuck')

/** What organization to simulate. */
export const organizations: fc.Arbitrary<SimulatorOptions> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  mailboxes: fc.integer({ min: 3, max: 18 }),
  queues: fc.integer({ min: 0, max: 4 }),
  mess: fc.subarray(MESS),
  version: fc.constantFrom('8.2', '9.0', '9.1', '9.1', '9.1'),
})

/** What is chosen for one mailbox that CRM has. */
interface Choice {
  readonly wanted: boolean
  readonly own: Readonly<Record<string, unknown>>
  readonly renamed: boolean
}

/** What a spec is made from, before it is known which mailboxes there are. */
export interface Wish {
  readonly profile: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, unknown>> | undefined
  readonly users: Readonly<Record<string, unknown>>
  readonly queues: Readonly<Record<string, unknown>>
  readonly choices: readonly Choice[]
  readonly forwards: number
  readonly absent: number
}

/** Guards that count what happens to people. */
export const EFFECT_GUARDS = [
  'change',
  'move',
  'stop',
  'unapprove',
  'claim',
  'old-mail',
  'delete-mail',
  'default-profile',
  'stop-all',
] as const

/** The name of one of them. */
export type EffectGuard = (typeof EFFECT_GUARDS)[number]

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })
const synchronized = fc.constantFrom('ServerSideSync', 'ServerSideSync', 'None')
const method = fc.constantFrom('ServerSideSync', 'ServerSideSync', 'None', 'Outlook')
const approval = fc.constantFrom('Approved', 'Approved', 'Rejected')

const profileFields = fc.record(
  {
    description: fc.constantFrom('Mail of sales', 'two\nlines', ''),
    useDefaultTenantId: fc.constant(true),
    autoDiscover: fc.constant(true),
    minimumPollingIntervalMinutes: fc.integer({ min: 1, max: 60 }),
    moveFailedEmailsToUndeliverableFolder: fc.boolean(),
    processEmailFrom: fc.constant('2026-11-01T00:00:00Z'),
    owner: fc.constantFrom({ user: 'crm-mail@contoso.com' }, { team: 'Mail Administrators' }),
  },
  { requiredKeys: ['autoDiscover'] },
)

const settings = fc.record(
  {
    processEmailsUsing: fc.constant('ServerSideSync'),
    defaultProfile: fc.constant('exchange-online'),
    incoming: method,
    requireApproval: fc.boolean().map((users) => ({ users })),
    tracking: fc.boolean().map((internalEmail) => ({ internalEmail })),
    maximumAttachmentKilobytes: fc.integer({ min: 0, max: 2_097_151 }),
  },
  { requiredKeys: [] },
)

function ignoring(field: string) {
  return { ignore: [{ field, reason: 'tries something', until: '9999-12-31' }] }
}

/** Only a calendar on the server can be claimed, and a queue has none. */
const CLAIM = { primarySync: 'Claim', appointmentsContactsTasks: 'ServerSideSync' }
/** Only of a queue; a person would lose the mail. */
const DELETES = { processAndDelete: true, incoming: 'ServerSideSync' }

const choice: fc.Arbitrary<Choice> = fc.record({
  wanted: fc.boolean(),
  renamed: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  own: fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constant({ outgoing: 'None' }) },
    { weight: 1, arbitrary: fc.constant({ incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' }) },
    { weight: 1, arbitrary: fc.constant({ approval: 'Rejected' }) },
    { weight: 1, arbitrary: fc.constant({ processEmailFrom: '2026-11-05' }) },
    { weight: 1, arbitrary: fc.constant(DELETES) },
    { weight: 1, arbitrary: fc.constant(CLAIM) },
    { weight: 1, arbitrary: fc.constant({ policy: 'Observe' }) },
    { weight: 1, arbitrary: fc.constantFrom('approval', 'settings', 'test').map((part) => ({ manage: [part] })) },
    { weight: 1, arbitrary: fc.constantFrom('outgoing', 'approval', 'test', 'profile').map(ignoring) },
    { weight: 1, arbitrary: fc.constant({ suspend: { owner: 'ann', reason: 'on leave', until: '9999-12-31' } }) },
  ),
})

/** What to ask for. */
export const wishes: fc.Arbitrary<Wish> = fc.record({
  profile: profileFields,
  settings: maybe(settings),
  users: fc.record({
    profile: maybe(fc.constant('exchange-online')),
    incoming: maybe(method),
    outgoing: maybe(method),
    appointmentsContactsTasks: maybe(method),
    approval: maybe(approval),
    testAndEnable: fc.boolean(),
  }),
  queues: fc.record({
    profile: maybe(fc.constant('exchange-online')),
    incoming: maybe(synchronized),
    outgoing: maybe(synchronized),
    approval: maybe(approval),
    testAndEnable: fc.boolean(),
  }),
  choices: fc.array(choice, { minLength: 25, maxLength: 25 }),
  forwards: fc.integer({ min: 0, max: 2 }),
  absent: fc.integer({ min: 0, max: 2 }),
})

/** The spec that asks a simulated organization for it. */
export function specFor(stack: Stack, wish: Wish): Promise<DesiredOrganization> {
  return organizationOf(filesFor(stack, wish))
}

/** The same as files. One that is empty is of nobody. */
export function filesFor({ simulator: { world } }: Stack, wish: Wish): Readonly<Record<string, string>> {
  const users = chosen(plainAddresses(world, 'systemuser'), wish.choices, {})
  const queues = chosen(plainAddresses(world, 'queue'), wish.choices.toReversed(), { type: 'Queue' })
  const absent = numbered(wish.absent, (number) => `nobody${number}@contoso.com`)
  const forwards = numbered(wish.forwards, (number) => ({
    address: `forward${number}@contoso.com`,
    type: 'Forward',
    name: `Forward ${number}`,
    owner: { team: 'Mail Administrators' },
  }))
  const profile = { displayName: 'Exchange Online', serverType: 'ExchangeOnlineHybrid', ...wish.profile }
  return {
    'organization.yaml': ORGANIZATION,
    'profile.yaml': documentOf('EmailServerProfile', 'exchange-online', profile),
    'settings.yaml': wish.settings === undefined ? '' : documentOf('EmailSettings', 'settings', wish.settings),
    'users.yaml': setUnlessEmpty('users', [...users, ...absent], wish.users),
    'queues.yaml': setUnlessEmpty('queues', queues, wish.queues),
    'forwards.yaml': setUnlessEmpty('forwards', forwards, { profile: 'exchange-online', incoming: 'ServerSideSync' }),
  }
}

/** A reviewed permission to pass a guard, before it is known which sets there are. */
export interface Permission {
  readonly guard: string
  readonly limit: number
  readonly expires: string
  readonly sets: readonly string[] | undefined
  readonly isCommitted: boolean
}

/** Overrides that count, and some that do not. */
export const permissions: fc.Arbitrary<Permission> = fc.record({
  guard: fc.constantFrom(...EFFECT_GUARDS),
  limit: fc.constantFrom(1, 2, 5, 1000),
  expires: fc.constantFrom('2026-11-01T00:00:00Z', '2030-01-01T00:00:00Z', '2030-01-01T00:00:00Z'),
  sets: fc.option(fc.subarray(['users', 'queues', 'forwards'], { minLength: 1 }), { nil: undefined }),
  isCommitted: fc.integer({ min: 0, max: 4 }).map((number) => number > 0),
})

/** Where overrides stand that nobody reviewed. */
export const UNCOMMITTED = 'uncommitted.yaml'

/** The files of a spec with overrides beside it. Sets that nobody is in cannot be named. */
export function withOverrides(
  files: Readonly<Record<string, string>>,
  wanted: readonly Permission[],
): Readonly<Record<string, string>> {
  const all = { ...files }
  for (const [index, { guard, limit, expires, sets, isCommitted }] of wanted.entries()) {
    const named = sets?.filter((set) => (files[`${set}.yaml`] ?? '') !== '')
    if (named?.length === 0) continue
    const scope = named === undefined ? {} : { scope: { sets: named } }
    const file = isCommitted ? 'overrides.yaml' : UNCOMMITTED
    const spec = { guard, limit, expires, reason: 'it was agreed', ...scope }
    all[file] = (all[file] ?? '') + documentOf('Override', `override-${index}`, spec)
  }
  return all
}

function chosen(addresses: readonly string[], choices: readonly Choice[], common: object): readonly Member[] {
  return addresses.flatMap((address, index) => {
    const { wanted, own, renamed } = choices[index % choices.length] ?? { wanted: false, own: {}, renamed: false }
    if (!wanted) return []
    const fields = { ...(own === ('type' in common ? CLAIM : DELETES) ? {} : own), ...common }
    return [renamed ? { address: `new.${address}`, previousAddress: address, ...fields } : { address, ...fields }]
  })
}

function numbered<T>(count: number, make: (number: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1))
}

function setUnlessEmpty(name: string, members: readonly Member[], fields: object): string {
  return members.length === 0 ? '' : setOf(name, members, fields)
}

const OFTEN = { times: 'always' } as const
const anyOperation = fc.constantFrom('request', 'part', 'any') as fc.Arbitrary<'request' | 'part' | 'any'>

/** A fault that may strike anywhere. */
export const faults: fc.Arbitrary<FaultRule> = fc
  .record({
    kind: fc.oneof<fc.Arbitrary<FaultRule>[]>(
      fc.constantFrom(429, 500, 503, 404, 403, 412, 401).map((status) => ({ kind: 'status', status }) as const),
      fc.constantFrom(429, 503).map((status) => ({ kind: 'status', status, retryAfter: 3 }) as const),
      fc.boolean().map((effect) => ({ kind: 'status', status: 502, body: 'html', effect }) as const),
      fc.boolean().map((effect) => ({ kind: 'reset', effect }) as const),
      fc.constantFrom('iis-404', 'iis-503', 'sign-in').map((page) => ({ kind: 'html', page }) as const),
      fc.constant({ kind: 'expired-token' }),
      fc.constant({ kind: 'redirect' }),
      fc.constant({ kind: 'empty-body' }),
      fc.constant({ kind: 'truncated-body' }),
      fc.constant({ kind: 'half-body' }),
      fc.constant({ kind: 'duplicate-row' }),
      fc.constant({ kind: 'cut-pages' }),
      fc.constant({ kind: 'lying-write' }),
      fc.constant({ kind: 'lying-write', columns: ['emailserverprofile', 'emailrouteraccessapproval'] }),
      fc.constantFrom(60_000, 7_200_000).map((delayMs) => ({ kind: 'late-write', delayMs }) as const),
      fc.constantFrom(0.2, 0.6, 1).map((share) => ({ kind: 'hide-rows', share }) as const),
    ),
    probability: fc.constantFrom(0.05, 0.2, 0.5, 1),
    after: fc.constantFrom(0, 0, 5, 20),
    method: fc.constantFrom(undefined, 'GET', 'PATCH', 'POST'),
    operation: anyOperation,
  })
  .map(({ kind, probability, after, method: of, operation }) => {
    const inPart = ['reset', 'half-body'].includes(kind.kind) ? 'request' : operation
    return {
      ...kind,
      ...OFTEN,
      probability,
      after,
      match: { operation: inPart, ...(of === undefined ? {} : { method: of }) },
    }
  })
