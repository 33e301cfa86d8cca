// How many tests may be asked for now. The asynchronous service runs a few tests at a time and is the first thing to break, so the tests
// of an organization are counted, no matter who asked for them, and a request beyond the limit waits for a later pass. While the service
// is off nothing is asked for at all: whoever waits already would only have more company.
import { type Change, onlyStops, type Read, type Slice } from '../../engine/index.ts'
import type { TestsInFlight } from '../testing/test-health.ts'
import { PER_TEST_MS } from '../testing/test-queue.ts'
import { metered, notCounted, serviceOff } from './wave-words.ts'

/** How long so many tests take, in milliseconds. */
export function howLongTestsTakeMs(tests: number): number {
  return tests * PER_TEST_MS
}

/** What the mailboxes that were read tell of tests under way; undefined where they were not read. */
export function testsInFlight(mailboxes: Read | undefined): TestsInFlight | undefined {
  if (!mailboxes?.complete || !('inFlight' in mailboxes)) return undefined
  return mailboxes.inFlight as TestsInFlight | undefined
}

/** True where a change asks for a test. */
export function asksForTest({ fields }: Change): boolean {
  return fields.some(({ field }) => field === 'test')
}

/** What a request for a test is let go by. */
export interface Meter {
  readonly inFlight: TestsInFlight | undefined
  readonly maximum: number
  /** True where a change brings a test. */
  asks(change: Change): boolean
  /** Its place in the queue: the smallest goes first, and `AT_ONCE` always where the service is not off. */
  turnOf(change: Change, slice: Slice): number
}

/** The turn of what nothing may hold back. */
export const AT_ONCE = 0

/** Lets tests go while there are places. */
export function throughMeter(slices: readonly Slice[], { inFlight, maximum, asks, turnOf }: Meter): readonly Slice[] {
  const asking = slices
    .filter(({ waits }) => !waits)
    .flatMap((slice) =>
      slice.changes
        .filter((change) => asks(change) && !onlyStops(change))
        .map((change) => ({ change, turn: turnOf(change, slice) })),
    )
  asking.sort((a, b) => a.turn - b.turn)
  const must = asking.filter(({ turn }) => turn === AT_ONCE).length
  const stopping = slices.flatMap(({ changes }) => changes.filter((change) => asks(change) && onlyStops(change))).length
  const places = !inFlight || inFlight.isServiceOff ? 0 : Math.max(maximum - inFlight.count - stopping, must)
  const late = new Set(asking.slice(Math.max(0, places)).map(({ change }) => change))
  if (late.size === 0) return slices
  const waits = !inFlight ? notCounted() : inFlight.isServiceOff ? serviceOff() : metered(inFlight.count, maximum)
  return slices.flatMap((slice) => [
    { ...slice, changes: slice.changes.filter((change) => !late.has(change)) },
    { ...slice, changes: slice.changes.filter((change) => late.has(change)), waits: slice.waits ?? waits },
  ])
}
