// Spreads the changes of mailboxes over passes: waves where a set asks for them, and no more tests at once than CRM stands. It keeps no
// state: a pass looks at what is there, lets go what may go now, and says of everything else what it waits for.
import { type Change, type Key, onlyStops, type PaceContext, type Slice } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { createPolicy } from '../mailbox-policy.ts'
import { addressChanges } from '../mailbox-projection.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { asksForTest, howLongTestsTakeMs, testsInFlight } from './meter.ts'
import { type RolloutDefault, rolloutOf } from './rollout.ts'
import { slicesOfSet } from './wave-slices.ts'
import type { Sight } from './wave-state.ts'
import { metered, notKnown } from './wave-words.ts'

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

/** The `pace` of the mailbox stage. */
export function pacing(options: PaceOptions): (changes: readonly Change[], context: Context) => readonly Slice[] {
  return (changes, context) => {
    const { waved, others } = parted(changes, context, options)
    const inWaves = waved.size === 0 ? [] : wavedSlices(waved, sightOf(changes, context), context, options)
    const rest = { name: inWaves.length === 0 ? 'all' : 'others', changes: others }
    return withEstimates(throughMeter([...inWaves, rest], context, options.maximumInFlight))
  }
}

interface Parted {
  /** By set. */
  readonly waved: ReadonlyMap<string, readonly Change[]>
  readonly others: readonly Change[]
}

function parted(changes: readonly Change[], { desired }: Context, { rollout }: PaceOptions): Parted {
  const waved = new Map<string, Change[]>()
  const others: Change[] = []
  for (const change of changes) {
    const member = desired.mailboxes.get(change.key)
    const isRolledOut =
      member && !member.released && rolloutOf(desired.rollouts?.get(member.set), rollout) !== undefined
    if (!isRolledOut || !changesSomething(change)) others.push(change)
    else if (waved.get(member.set)?.push(change) === undefined) waved.set(member.set, [change])
  }
  return { waved, others }
}

/** What only stops never waits for others, and a test alone changes nothing. */
function changesSomething(change: Change): boolean {
  return !onlyStops(change) && change.effects.some((effect) => effect !== 'test')
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
function sightOf(changes: readonly Change[], context: Context): Sight | string {
  const { desired, reads, exceptions, leftOut, now } = context
  const mailboxes = reads.get(STAGE_NAMES.mailbox)
  const results = reads.get(STAGE_NAMES.testResult)
  if (!mailboxes?.complete) return mailboxes?.reason.message ?? 'mailboxes were not read'
  if (!results?.complete) return results?.reason.message ?? 'results were not read'
  const open = new Set([...changes, ...leftOut.values()].filter(isOpen).map(({ key }) => key))
  const { isHanging } = testsInFlight(mailboxes, now)
  return { desired, mailboxes, results, open, exceptions, policy: createPolicy(now), isHanging }
}

function isOpen(change: Change): boolean {
  return changesSomething(change) || asksForTest(change)
}

/** Lets tests go while there are places: the foremost waves first, tests alone last. */
function throughMeter(slices: readonly Slice[], context: Context, maximum: number): readonly Slice[] {
  const { count } = testsInFlight(context.reads.get(STAGE_NAMES.mailbox), context.now)
  const going = slices.filter(({ waits }) => !waits)
  const asking = going.flatMap((slice) =>
    slice.changes.filter(asksForTest).map((change) => ({ change, turn: turnOf(change, slice, context) })),
  )
  asking.sort((a, b) => a.turn - b.turn)
  const free = Math.max(0, maximum - count)
  const must = asking.filter(({ turn }) => turn === AT_ONCE).length
  const late = new Set(asking.slice(Math.max(free, must)).map(({ change }) => change))
  if (late.size === 0) return slices
  const waits = metered(count, maximum)
  return slices.flatMap((slice) => [
    { ...slice, changes: slice.changes.filter((change) => !late.has(change)) },
    { ...slice, changes: slice.changes.filter((change) => late.has(change)), waits },
  ])
}

const AT_ONCE = 0

/** A place in the queue for the meter; `AT_ONCE` where nothing may hold it back. */
function turnOf(change: Change, { rollout }: Slice, context: Context): number {
  if (onlyStops(change) || wouldBeForgotten(change, context)) return AT_ONCE
  if (rollout) return AT_ONCE + 1 + rollout.wave
  return changesSomething(change) ? AFTER_WAVES : AFTER_ALL
}

const AFTER_WAVES = 1000
const AFTER_ALL = 1001

/** A test because of a new address is asked for with the address: the next pass would see no occasion for it any more. */
function wouldBeForgotten(change: Change, { projection }: Context): boolean {
  return !changesSomething(change) && addressChanges(projection, change.key)
}

function withEstimates(slices: readonly Slice[]): readonly Slice[] {
  return slices.map((slice) => {
    const tests = slice.changes.filter(asksForTest).length
    return tests === 0 ? slice : { ...slice, estimateMs: howLongTestsTakeMs(tests) }
  })
}
