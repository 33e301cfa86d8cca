import type { Key, Reason } from './observation.ts'

/**
 * What became of one change.
 * Applied: written and read back; with a reason where a person must know what else came of it. AlreadyDone: it was so before we wrote. Moved: the object changed since the plan, nothing was written.
 * Failed: refused, nothing changed. WriteNotEffective: accepted, but the read-back shows the old value. Unknown: the read-back could not
 * tell. Blocked: something it needs did not succeed. Cancelled: not begun.
 */
export type Result =
  | 'Applied'
  | 'AlreadyDone'
  | 'Moved'
  | 'Failed'
  | 'WriteNotEffective'
  | 'Unknown'
  | 'Blocked'
  | 'Cancelled'

/** The outcome of one change, by the change's id. */
export interface Outcome {
  readonly id: string
  readonly stage: string
  readonly kind: string
  readonly key: Key
  readonly label: string
  readonly result: Result
  readonly reason?: Reason
}

/** True where the object is now as the change wanted it. */
export function succeeded(outcome: Outcome): boolean {
  return outcome.result === 'Applied' || outcome.result === 'AlreadyDone'
}
