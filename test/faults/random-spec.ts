// A random spec over the mailboxes that a simulated organization really has, and a few it has not.
import fc from 'fast-check'
import { FAULT_LAYERS, type FaultRule, MESS_KINDS, type SimulatedWorld } from '../../src/simulator/index.ts'
import type { Fault } from '../../src/simulator/wire/faults/kinds.ts'
import { canonicalAddress } from '../../src/spec/address.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../src/spec/desired.ts'
import { mailbox, organization, profile } from '../stages/desired.ts'

/** What one member asks for; the generator draws one for each place in the list of mailboxes. */
export type Asked = Pick<
  DesiredMailbox,
  'profile' | 'incoming' | 'outgoing' | 'appointmentsContactsTasks' | 'approval' | 'testAndEnable' | 'primarySync'
>

/** A random world and what is asked of it. */
export interface Story {
  readonly seed: number
  readonly mess: readonly string[]
  readonly profiles: { readonly minimumPollingIntervalMinutes?: number; readonly description?: string }
  /** Used one after the other; `undefined` leaves a mailbox unmanaged. */
  readonly asked: readonly (Asked | undefined)[]
}

const method = fc.constantFrom('None' as const, 'Outlook' as const, 'ServerSideSync' as const)

const asked: fc.Arbitrary<Asked> = fc
  .record(
    {
      profile: fc.constantFrom('online', 'old'),
      incoming: method,
      outgoing: method,
      appointmentsContactsTasks: method,
      approval: fc.constantFrom('Approved' as const, 'Approved' as const, 'Rejected' as const),
      testAndEnable: fc.boolean(),
      primarySync: fc.constant('Claim' as const),
    },
    { requiredKeys: ['testAndEnable'] },
  )
  .map((fields) => fields as Asked)

/** Random stories. */
export const stories: fc.Arbitrary<Story> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  mess: fc.oneof(fc.constant(['default']), fc.constant(['all']), fc.subarray([...MESS_KINDS].map(({ name }) => name))),
  profiles: fc.record(
    { minimumPollingIntervalMinutes: fc.integer({ min: 0, max: 60 }), description: fc.constantFrom('', 'by mailkeel') },
    { requiredKeys: [] },
  ),
  asked: fc.array(fc.option(asked, { freq: 4, nil: undefined }), { minLength: 3, maxLength: 12 }),
})

/** Faults that meet some of the requests, in reading and in writing. */
export const faultRules: fc.Arbitrary<FaultRule> = fc
  .record({
    fault: fc.constantFrom<Fault>(
      { kind: 'status', status: 429, retryAfter: 1 },
      { kind: 'status', status: 503, body: 'html' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 401, body: 'empty' },
      { kind: 'html', page: 'iis-502' },
      { kind: 'html', page: 'sign-in', status: 200 },
      { kind: 'redirect' },
      { kind: 'empty-body' },
      { kind: 'content-type', contentType: 'text/plain' },
      { kind: 'truncated-body' },
      { kind: 'reset' },
      { kind: 'reset', effect: true },
      { kind: 'half-body' },
      { kind: 'duplicate-row' },
      { kind: 'lying-write' },
      { kind: 'status', status: 500, effect: true },
    ),
    operation: fc.constantFrom('request' as const, 'part' as const, 'any' as const),
    method: fc.constantFrom(undefined, 'GET', 'POST', 'PATCH'),
    probability: fc.constantFrom(0.05, 0.2, 0.5, 1),
    after: fc.integer({ min: 0, max: 12 }),
  })
  .map(({ fault, operation, method, probability, after }) => ({
    ...fault,
    // Parts of a batch have no connection of their own.
    match: {
      operation: FAULT_LAYERS[fault.kind] === 'delivery' ? ('request' as const) : operation,
      ...(method ? { method } : {}),
    },
    times: 'always',
    probability,
    after,
  }))

/** The spec of a story, for the world as it was seeded. Ambiguous addresses are asked for once, as the spec's own checks make sure. */
export function specOf(story: Story, world: SimulatedWorld): DesiredOrganization {
  const members = new Map<string, DesiredMailbox>()
  let turn = 0
  for (const row of world.rows('mailbox').values()) {
    const wanted = story.asked[turn % story.asked.length]
    turn += 1
    const { emailaddress, regardingobjectid } = row
    if (wanted === undefined || typeof emailaddress !== 'string' || emailaddress === '') continue
    // Forward mailboxes need names and owners, which this spec does not draw.
    if (regardingobjectid === null || typeof regardingobjectid !== 'object') continue
    const address = canonicalAddress(emailaddress)
    const type = regardingobjectid.entity === 'queue' ? 'Queue' : 'User'
    members.set(address, mailbox(address, { ...valid(wanted, type), type }))
  }
  members.set('nobody@contoso.com', mailbox('nobody@contoso.com', { incoming: 'ServerSideSync' }))
  const profiles = [
    profile('online', {
      displayName: 'Exchange Online',
      autoDiscover: true,
      useDefaultTenantId: true,
      ...story.profiles,
    }),
    profile('old', { displayName: 'Old Exchange', serverType: 'ExchangeServer', autoDiscover: true }),
  ]
  return organization([...members.values()], profiles)
}

/** Without the combinations that the spec's own checks refuse. */
function valid(wanted: Asked, type: 'User' | 'Queue'): Asked {
  const { primarySync, ...fields } = wanted
  const methods = (['incoming', 'outgoing', 'appointmentsContactsTasks'] as const)
    .filter((field) => type === 'Queue' && fields[field] === 'Outlook')
    .map((field) => [field, 'None'])
  const claims = primarySync !== undefined && fields.appointmentsContactsTasks === 'ServerSideSync'
  return { ...fields, ...Object.fromEntries(methods), ...(claims ? { primarySync } : {}) }
}
