// When a mailbox is tested. A test costs the asynchronous service minutes, so it is asked for only where its result could be another one
// than before, and never while one is scheduled already, no matter by whom.
import type { RetestReason } from '../testing/retest.ts'
import { isResult } from '../testing/test-summary.ts'

/** What the spec can ask: that there is a result at all, or that a test is asked for now; where one failed before, with the reason. */
export type WishedTest = 'Tested' | 'Requested' | `Requested ${RetestReason}`

/** What speaks for a test besides there being no result. */
export interface Occasion {
  /** Profile, methods or claim change with the same write. */
  readonly settingsChange: boolean
  /** An earlier change of the same plan gives the mailbox another address. */
  readonly addressChanges: boolean
  /** An earlier change of the same plan approves the address. */
  readonly isApproved: boolean
  /** An earlier pass gave it another address or approved it, and never came to ask for the test. */
  readonly isUnfinished: boolean
  /** An earlier change of the same plan changes how the profile connects. */
  readonly profileChanges: boolean
  /** The last test failed, and may end otherwise now. */
  readonly again: RetestReason | undefined
}

/** The test a mailbox that must hold a result needs; undefined for none. `actual` is undefined for a mailbox that does not exist yet. */
export function dueTest(actual: string | undefined, occasion: Occasion): WishedTest | undefined {
  const { settingsChange, addressChanges, isApproved, isUnfinished, profileChanges, again } = occasion
  if (actual === 'Scheduled') return undefined
  if (settingsChange || addressChanges || isApproved || isUnfinished) return 'Requested'
  if (profileChanges) return 'Requested ProfileChanged'
  return again && `Requested ${again}`
}

/** Why a test is asked for again; undefined for a first one. */
export function retestReasonOf(wished: string): string | undefined {
  return wished.startsWith(REQUESTED_AGAIN) ? wished.slice(REQUESTED_AGAIN.length) : undefined
}

const REQUESTED_AGAIN = 'Requested '

/** True where what CRM has satisfies the wish. A failed test is a result: it is repeated when its cause may be gone, not before. */
export function satisfiesTest(wished: string, actual: string): boolean {
  return wished === 'Tested' ? actual !== 'NotRun' : actual === 'Scheduled'
}

/** True where a request took effect: a test is scheduled, or one ended meanwhile. */
export function tookEffect(before: string | undefined, after: string): boolean {
  return after === 'Scheduled' || (after !== before && isResult(after))
}
