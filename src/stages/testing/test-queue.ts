// How long a test may take. The asynchronous service works through a queue, so a test is late only when it waited longer than those ahead
// of it need; and before a mailbox is called late, the service itself is looked at.
import type { MailboxRow } from '../../crm/rows.ts'
import { isInFlight, type TestState } from './test-state.ts'

const MINUTE_MS = 60_000
/** How long the web client waits for one test (observed). */
const PATIENCE_MS = 15 * MINUTE_MS
/** What one test costs those behind it. Unverified: the vendor gives no figure; 15 s each, one after the other. */
export const PER_TEST_MS = 15_000

/** What the rows of an organization tell of its asynchronous service. Times are the server's, in milliseconds. */
export interface TestQueue {
  /** When the service is known to have done anything last; undefined for never. */
  readonly lastActivityMs: number | undefined
  /** Tests that may begin now, of all mailboxes, managed or not. */
  readonly waiting: number
  /** How many tests ended after a moment. */
  endedAfter(ms: number): number
}

/** Counts what waits and what was done, over all mailboxes of the organization. */
export function testQueueOf(rows: Iterable<MailboxRow>, nowMs: number): TestQueue {
  const ended: number[] = []
  let isSorted = false
  let waiting = 0
  let lastActivityMs: number | undefined
  for (const row of rows) {
    if (row.testScheduled && (timeMs(row.testPostponedUntil) ?? 0) <= nowMs) waiting += 1
    const endedMs = timeMs(row.testCompletedOn)
    if (endedMs !== undefined) ended.push(endedMs)
    for (const ms of [endedMs, timeMs(row.processedOn), timeMs(row.lastSyncedOn)]) {
      if (ms !== undefined && (lastActivityMs === undefined || ms > lastActivityMs)) lastActivityMs = ms
    }
  }
  return {
    lastActivityMs,
    waiting,
    endedAfter(ms) {
      if (!isSorted) ended.sort((one, other) => one - other)
      isSorted = true
      return ended.length - indexBehind(ended, ms)
    },
  }
}

/** The index of the first of the sorted times that is later. */
function indexBehind(sorted: readonly number[], ms: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? Number.POSITIVE_INFINITY) > ms) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * When a test that was asked for, and is not postponed beyond it, should have ended: 15 minutes and what the queue ahead needs. Those ahead
 * are those that still wait and those that ended since.
 */
export function testDeadlineMs(requestedMs: number, ahead: number): number {
  return requestedMs + PATIENCE_MS + ahead * PER_TEST_MS
}

/** What became of a test in flight: it is on its way, it should have ended, or nothing ends at all. */
export type Progress = 'OnItsWay' | 'Overdue' | 'ServiceOff'

/** How a test in flight gets on. `requestedMs` is when it was asked for, or any later moment; not known = it is on its way. */
export function progressOf(
  state: TestState,
  requestedMs: number | undefined,
  queue: TestQueue,
  nowMs: number,
): Progress {
  if (!isInFlight(state) || requestedMs === undefined) return 'OnItsWay'
  const beginsMs = Math.max(requestedMs, beginningMs(state) ?? requestedMs)
  if (nowMs <= testDeadlineMs(beginsMs, 0)) return 'OnItsWay'
  if (state.name === 'Running') return 'Overdue'
  if (isAsyncServiceOff(queue, nowMs)) return 'ServiceOff'
  const ahead = Math.max(queue.waiting - 1, 0) + queue.endedAfter(requestedMs)
  return nowMs > testDeadlineMs(beginsMs, ahead) ? 'Overdue' : 'OnItsWay'
}

function beginningMs(state: TestState): number | undefined {
  if (state.name === 'Running') return timeMs(state.since)
  return state.name === 'Waiting' || state.name === 'Retrying' ? timeMs(state.notBefore) : undefined
}

/**
 * Question: is the asynchronous service off (or its background operations, or is the organization in administration mode)? No interface
 * says so. It is inferred where tests wait and nothing at all was processed in the whole organization for as long as one test may take.
 */
export function isAsyncServiceOff({ lastActivityMs, waiting }: TestQueue, nowMs: number): boolean {
  return waiting > 0 && (lastActivityMs === undefined || nowMs - lastActivityMs > PATIENCE_MS)
}

/** A service that is well processes a mailbox now and then; after this it is told that it did not, long before it can be called off. */
const QUIET_MS = 5 * MINUTE_MS

/** True where tests wait and nothing was processed for some minutes: that is told, and nothing follows from it. */
export function isQuiet({ lastActivityMs, waiting }: TestQueue, nowMs: number): boolean {
  return waiting > 0 && (lastActivityMs === undefined || nowMs - lastActivityMs > QUIET_MS)
}

/**
 * When the test in flight was asked for, as far as that can be told: when we last changed the mailbox, unless a test ended since; else the
 * last change of its row, which is no earlier than the request.
 */
export function requestedAtMs(row: MailboxRow, changedMs: number | undefined): number | undefined {
  const endedMs = timeMs(row.testCompletedOn)
  const isOurs = changedMs !== undefined && (endedMs === undefined || endedMs < changedMs)
  return isOurs ? changedMs : timeMs(row.modifiedOn)
}

function timeMs(time: string | null): number | undefined {
  const ms = time === null ? Number.NaN : Date.parse(time)
  return Number.isNaN(ms) ? undefined : ms
}
