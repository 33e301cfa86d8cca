import type { Dependency, Fields, Projection, Reason, Wish } from '../../engine/index.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../spec/desired.ts'
import { needsIdentity } from '../mailboxes/mailbox-projection.ts'
import { SETTINGS_KEY, STAGE_NAMES } from '../stage-names.ts'
import { usesServerSide } from '../testing/test-state.ts'
import type { MailboxFields } from './fields.ts'

/**
 * Makes the wish of a mailbox; `actual` is the mailbox as it is, for directions nobody manages. Members of a set wish the same, so fields
 * that are equal are one object: a set of 50,000 costs 50,000 small wishes and one of these.
 */
export function createWishes(
  desired: DesiredOrganization,
  projection: Projection,
): (member: DesiredMailbox, actual: Fields) => Wish<MailboxFields> {
  const known = new Map<string, Shape>()
  let last: { readonly member: DesiredMailbox; readonly isTested: boolean; readonly shape: Shape } | undefined
  const profiles = new Map<string, Dependency>()
  const shared = channelNeeds(projection)
  for (const key of desired.profiles.keys()) profiles.set(key, { stage: STAGE_NAMES.emailServerProfile, key })
  return (member, actual) => {
    if (member.testRequested) return testNow(member, actual)
    const isTested = isToBeTested(member, actual)
    // Members of a set come one after the other and are alike.
    const isLikeLast = last !== undefined && last.isTested === isTested && isAlike(last.member, member)
    const shape = last && isLikeLast ? last.shape : shapeOf(member, isTested)
    last = { member, isTested, shape }
    const { fields, needs } = shape
    const { address, origin } = member
    const wish = {
      ensure: 'present',
      fields,
      label: address,
      origin,
      // Not spread: arrays made of parts keep room for more.
      needs: [needsIdentity(address)].concat(needs),
    } as const
    return hasCredentials(member) ? { ...wish, unclear: CREDENTIALS, stopsAllTheSame: true } : wish
  }

  function shapeOf(member: DesiredMailbox, isTested: boolean): Shape {
    const id = shapeId(member, isTested)
    const found = known.get(id)
    if (found) return found
    const shape = { fields: fieldsOf(desired, member, isTested), needs: needsOf(member, profiles, shared) }
    known.set(id, shape)
    return shape
  }
}

/** What wishes of members that are alike have in common. */
interface Shape {
  readonly fields: MailboxFields
  /** Beside the mailbox itself. */
  readonly needs: readonly Dependency[]
}

/** Every field that makes the shape of a wish. */
const SHAPING = [
  'profile',
  'incoming',
  'outgoing',
  'appointmentsContactsTasks',
  'primarySync',
  'processEmailFrom',
  'processAndDelete',
] as const satisfies readonly (keyof DesiredMailbox)[]

function isAlike(one: DesiredMailbox, other: DesiredMailbox): boolean {
  return SHAPING.every((field) => one[field] === other[field])
}

/** A test and nothing else. Where there is nothing to test, or a test is on its way, nothing is wished for. */
function testNow({ address, origin }: DesiredMailbox, { test }: Fields): Wish<MailboxFields> {
  const fields: MailboxFields = test === 'Unneeded' || test === 'Scheduled' ? {} : { test: 'Requested' }
  return { ensure: 'present', fields, label: address, origin }
}

/** Half a wish is none: a mailbox that needs credentials of its own is not put on a profile without them. To stop, it needs none. */
function hasCredentials({ useCredentials, userName, password }: DesiredMailbox): boolean {
  return useCredentials !== undefined || userName !== undefined || password !== undefined
}

const CREDENTIALS: Reason = {
  code: 'CredentialsNotSupported',
  message:
    'this version does not write credentials of mailboxes; take useCredentials, userName and password out of the spec',
}

function shapeId(member: DesiredMailbox, isTested: boolean): string {
  return JSON.stringify([isTested, ...SHAPING.map((field) => member[field] ?? null)])
}

function fieldsOf(desired: DesiredOrganization, member: DesiredMailbox, isTested: boolean): MailboxFields {
  const { incoming, outgoing, appointmentsContactsTasks, processEmailFrom, processAndDelete } = member
  const profile = member.profile === undefined ? undefined : desired.profiles.get(member.profile)?.displayName
  return {
    ...(profile !== undefined && { profile }),
    ...(incoming !== undefined && { incoming }),
    ...(outgoing !== undefined && { outgoing }),
    ...(appointmentsContactsTasks !== undefined && { appointmentsContactsTasks }),
    ...(member.primarySync === 'Claim' && { primarySync: true }),
    ...(processEmailFrom !== undefined && { processEmailFrom }),
    ...(processAndDelete !== undefined && { processAndDelete }),
    ...(isTested && { test: 'Tested' }),
  }
}

/** A mailbox is tested where it uses server-side synchronization once the wish has come true. */
function isToBeTested(member: DesiredMailbox, actual: Fields): boolean {
  if (!member.testAndEnable || member.released) return false
  return usesServerSide({
    incoming: member.incoming ?? textOf(actual, 'incoming'),
    outgoing: member.outgoing ?? textOf(actual, 'outgoing'),
    appointmentsContactsTasks: member.appointmentsContactsTasks ?? textOf(actual, 'appointmentsContactsTasks'),
  })
}

function textOf(actual: Fields, field: keyof MailboxFields): string | undefined {
  const value = actual[field]
  return typeof value === 'string' ? value : undefined
}

/** Where the Email Router is at work, nothing is written to a mailbox before the settings have turned it off: no test would run. */
function channelNeeds(projection: Projection): readonly Dependency[] {
  const stage = STAGE_NAMES.emailSettings
  const read = projection.read(stage)
  const actual = read?.complete ? read.rows.get(SETTINGS_KEY)?.fields['processEmailsUsing'] : undefined
  const turns = projection.change(stage, SETTINGS_KEY)?.fields.some(({ field }) => field === 'processEmailsUsing')
  return turns || actual === 'EmailRouter' ? [{ stage, key: SETTINGS_KEY, updated: true }] : []
}

/** A mailbox that only stops waits for no profile and no channel: stopping must always be possible. */
function needsOf(
  member: DesiredMailbox,
  profiles: ReadonlyMap<string, Dependency>,
  shared: readonly Dependency[],
): readonly Dependency[] {
  const { profile, incoming, outgoing, appointmentsContactsTasks } = member
  const managed = [incoming, outgoing, appointmentsContactsTasks].filter((method) => method !== undefined)
  if (managed.length > 0 && managed.every((method) => method === 'None')) return []
  const needed = profile === undefined ? undefined : profiles.get(profile)
  return needed ? [needed, ...shared] : shared
}
