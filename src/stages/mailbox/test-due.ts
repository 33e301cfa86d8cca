// When a mailbox is tested. A test costs the asynchronous service minutes, so it is asked for only where its result could be another one
// than before, and never while one is scheduled already, no matter by whom.
import { approvalOf } from '../mailbox-approval.ts'
import type { MailboxEntry } from '../mailbox-directory.ts'
import { hasFailed, isResult, summarizeTest, type TestSummary, testEndedAtMs } from '../test-summary.ts'

/** What the spec can ask: that there is a result at all, or that a test is asked for now. */
export type WishedTest = 'Tested' | 'Requested'

/** What speaks for a test besides there being no result. */
export interface Occasion {
  /** Profile, methods or claim change with the same write. */
  readonly settingsChange: boolean
  /** An earlier change of the same plan gives the mailbox another address. */
  readonly addressChanges: boolean
  /** An earlier change of the same plan approves the address. */
  readonly isApproved: boolean
  /** The address was perhaps approved after the last test failed. */
  readonly approvalMayHaveChanged: boolean
}

/** True where a mailbox that must hold a result needs a new one. `actual` is undefined for a mailbox that does not exist yet. */
export function isTestDue(actual: string | undefined, occasion: Occasion): boolean {
  if (actual === 'Scheduled') return false
  return Object.values(occasion).includes(true)
}

/** True where what CRM has satisfies the wish. A failed test is a result: it is repeated when its cause may be gone, not before. */
export function satisfiesTest(wished: string, actual: string): boolean {
  return wished === 'Requested' ? actual === 'Scheduled' : actual !== 'NotRun'
}

/** True where a request took effect: a test is scheduled, or one ended meanwhile. */
export function tookEffect(before: string | undefined, after: string): boolean {
  return after === 'Scheduled' || (after !== before && isResult(after))
}

/**
 * True where the last test failed and user or queue, approved now, were changed after it: the approval may have been what was missing. It
 * is how a pass that was cut off between approving and testing is healed by the next one. A forward mailbox has no such trace.
 */
export function mayApprovalHaveChangedSince(
  entry: MailboxEntry,
  summary: TestSummary = summarizeTest(entry.mailbox),
): boolean {
  const { holder } = entry
  if (!holder?.modifiedOn || !hasFailed(summary) || approvalOf(entry) !== 'Approved') return false
  return Date.parse(holder.modifiedOn) > (testEndedAtMs(summary) ?? Number.POSITIVE_INFINITY)
}
