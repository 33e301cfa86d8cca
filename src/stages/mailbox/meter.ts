// How many tests may be asked for now. The asynchronous service runs a few tests at a time and is the first thing to break, so the tests
// of an organization are counted, no matter who asked for them, and a request beyond the limit waits for a later pass.
import type { Change, Read } from '../../engine/index.ts'
import type { MailboxEntry } from '../mailbox-directory.ts'
import { PER_TEST_MS } from '../test-queue.ts'

/** How long so many tests take, in milliseconds. */
export function howLongTestsTakeMs(tests: number): number {
  return tests * PER_TEST_MS
}

/** A test is given up when the whole queue should have been through so many times, and not before the time below. */
const PATIENCE = 4
const SHORTEST_PATIENCE_MS = 3_600_000

/** Tests that are scheduled, and which of them hang. */
export interface TestsInFlight {
  readonly count: number
  /** True for a scheduled test that should have ended long ago: it takes no place, and nobody waits for it. */
  isHanging(entry: MailboxEntry): boolean
}

/** Counts the tests of all mailboxes that were seen, also of those nobody manages. */
export function testsInFlight(mailboxes: Read | undefined, now: Date): TestsInFlight {
  const scheduled = entriesOf(mailboxes).filter(({ mailbox }) => mailbox.testScheduled)
  const patienceMs = Math.max(SHORTEST_PATIENCE_MS, PATIENCE * howLongTestsTakeMs(scheduled.length))
  const isHanging = ({ mailbox }: MailboxEntry) => {
    const times = [mailbox.modifiedOn, mailbox.testPostponedUntil].flatMap((time) =>
      time === null ? [] : Date.parse(time),
    )
    return mailbox.testScheduled && times.length > 0 && now.getTime() - Math.max(...times) > patienceMs
  }
  return { count: scheduled.filter((entry) => !isHanging(entry)).length, isHanging }
}

function entriesOf(read: Read | undefined): readonly MailboxEntry[] {
  if (!read?.complete) return []
  return [...read.rows.values()].flatMap(({ ref }) => (isEntry(ref) ? [ref] : []))
}

/** True for the handle that the stages of mailboxes give their rows. */
export function isEntry(ref: unknown): ref is MailboxEntry {
  return typeof ref === 'object' && ref !== null && 'mailbox' in ref
}

/** True where a change asks for a test. */
export function asksForTest({ fields }: Change): boolean {
  return fields.some(({ field }) => field === 'test')
}
