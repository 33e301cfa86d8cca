// Spreads the changes of mailboxes over passes: waves where a set asks for them, and no more tests at once than CRM stands. It keeps no
// state: a pass looks at what is there, lets go what may go now, and says of everything else what it waits for.
//
// Two stages are spread alike: a new address needs another test as much as new settings do. What an address change of a later pass would
// bring waits with it (engine/slices.ts), so a place that is given to an address change is kept for its test.
import { type Change, type FieldValue, type Key, onlyStops, type PaceContext, type Slice } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { createPolicy } from '../mailboxes/mailbox-policy.ts'
import { addressChanges } from '../mailboxes/mailbox-projection.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { hasFailed } from '../testing/test-summary.ts'
import { AT_ONCE, asksForTest, howLongTestsTakeMs, testsInFlight, throughMeter } from './meter.ts'
import { type RolloutDefault, rolloutOf } from './rollout.ts'
import { retestReasonOf } from './test-due.ts'
import { slicesOfSet } from './wave-slices.ts'
import type { Sight } from './wave-state.ts'
import { notKnown } from './wave-words.ts'

/** What the runtime configuration says of pace. */
export interface PaceOptions {
  /** Tests that may be scheduled in one organization at once. */
  readonly maximumInFlight: number
  /** For sets without a rollout of their own; absent = those have none. */
  readonly rollout?: RolloutDefault
}

/** What holds where nothing is configured. */
export const USUAL_PACE: PaceOptions = { maximumInFlight: 100 }

type Context = PaceContext<DesiredOrganization>

/** What the changes of a stage are to waves and to the meter. */
interface Manner {
  /** True for a change that goes with its wave. */
  isWaved(change: Change): boolean
  asks(change: Change, context: Context): boolean
  turnOf(change: Change, slice: Slice, context: Context): number
}

type Pace = (changes: readonly Change[], context: Context) => readonly Slice[]

/** The `pace` of the mailbox stage. */
export function pacing(options: PaceOptions): Pace {
  const manner = { isWaved: changesSomething, asks: asksForTest, turnOf }
  return (changes, context) => withEstimates(spread(changes, context, options, manner))
}

/** The `pace` of the stage of identities: changes of addresses are spread, everything else goes at once. */
export function identityPacing(options: PaceOptions): Pace {
  const manner = { isWaved: changesAddress, asks: bringsTest, turnOf: turnOfWave }
  return (changes, context) => spread(changes, context, options, manner)
}

function spread(changes: readonly Change[], context: Context, options: PaceOptions, manner: Manner) {
  const { waved, others } = parted(changes, context, options, manner)
  const inWaves = waved.size === 0 ? [] : wavedSlices(waved, sightOf(changes, context, manner), context, options)
  const rest = { name: inWaves.length === 0 ? 'all' : 'others', changes: others }
  return throughMeter([...inWaves, rest], {
    inFlight: testsInFlight(context.reads.get(STAGE_NAMES.mailbox)),
    maximum: options.maximumInFlight,
    asks: (change) => manner.asks(change, context),
    turnOf: (change, slice) => manner.turnOf(change, slice, context),
  })
}

interface Parted {
  /** By set. */
  readonly waved: ReadonlyMap<string, readonly Change[]>
  readonly others: readonly Change[]
}

function parted(
  changes: readonly Change[],
  { desired }: Context,
  { rollout }: PaceOptions,
  { isWaved }: Manner,
): Parted {
  const waved = new Map<string, Change[]>()
  const others: Change[] = []
  for (const change of changes) {
    const member = desired.mailboxes.get(change.key)
    const isRolledOut =
      member && !member.released && rolloutOf(desired.rollouts?.get(member.set), rollout) !== undefined
    if (!isRolledOut || !isWaved(change)) others.push(change)
    else if (waved.get(member.set)?.push(change) === undefined) waved.set(member.set, [change])
  }
  return { waved, others }
}

function wavedSlices(
  waved: Parted['waved'],
  seen: Sight | string,
  { desired, allows }: Context,
  options: PaceOptions,
): readonly Slice[] {
  const members = new Map<string, Key[]>([...waved.keys()].map((set) => [set, []]))
  for (const [key, { set, released }] of desired.mailboxes) if (!released) members.get(set)?.push(key)
  const isAlone = waved.size === 1
  return [...waved].flatMap(([set, changes]) => {
    const rollout = rolloutOf(desired.rollouts?.get(set), options.rollout)
    if (!rollout) return []
    const sight = typeof seen === 'string' ? notKnown(set, seen) : seen
    return slicesOfSet({ set, isAlone, rollout, members: members.get(set) ?? [], changes, sight, allows })
  })
}

/** What is seen of all mailboxes, or why it is not known. */
function sightOf(changes: readonly Change[], context: Context, { isWaved }: Manner): Sight | string {
  const { desired, reads, exceptions, leftOut, now } = context
  const mailboxes = reads.get(STAGE_NAMES.mailbox)
  const results = reads.get(STAGE_NAMES.testResult)
  if (!mailboxes?.complete) return mailboxes?.reason.message ?? 'mailboxes were not read'
  if (!results?.complete) return results?.reason.message ?? 'results were not read'
  const all = [...changes, ...leftOut.values()]
  const open = new Set(all.filter(isWaved).map(({ key }) => key))
  const untested = new Set(all.filter(asksForTest).map(({ key }) => key))
  return { desired, mailboxes, results, open, untested, exceptions, policy: createPolicy(now) }
}

/** What only stops never waits for others, and a test alone changes nothing. */
function changesSomething(change: Change): boolean {
  return !onlyStops(change) && change.effects.some((effect) => effect !== 'test')
}

function changesAddress({ action, fields }: Change): boolean {
  return action === 'update' && fields.some(({ field }) => field === 'address')
}

function bringsTest(change: Change, { desired, now }: Context): boolean {
  const member = desired.mailboxes.get(change.key)
  return member !== undefined && changesAddress(change) && createPolicy(now).managed(member).testAndEnable
}

const RETEST = 1
const FIRST_WAVE = 2
const AFTER_WAVES = 1000
const AFTER_ALL = 1001

/** What failed before is tried again before more is tried; the foremost waves go first, and a first test alone last. */
function turnOf(change: Change, slice: Slice, { projection }: Context): number {
  // The test of a new address is asked for with the address: its place is taken, and the next pass would see no occasion any more.
  if (addressChanges(projection, change.key)) return AT_ONCE
  if (changesSomething(change)) return turnOfWave(change, slice)
  return change.fields.some(({ from, to }) => isFailed(from) || provesTrust(to)) ? RETEST : AFTER_ALL
}

function isFailed(value: FieldValue | undefined): boolean {
  return typeof value === 'string' && hasFailed(value)
}

/** Nothing else is worth a test before it is known that the trust works. */
function provesTrust(value: FieldValue): boolean {
  return typeof value === 'string' && retestReasonOf(value) === 'TrustChanged'
}

function turnOfWave(_change: Change, { rollout }: Slice): number {
  return rollout ? FIRST_WAVE + rollout.wave : AFTER_WAVES
}

function withEstimates(slices: readonly Slice[]): readonly Slice[] {
  return slices.map((slice) => {
    const tests = slice.changes.filter(asksForTest).length
    return tests === 0 ? slice : { ...slice, estimateMs: howLongTestsTakeMs(tests) }
  })
}
