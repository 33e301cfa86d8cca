import type { Key, Reason, Verdict } from '../../engine/index.ts'

/** One check with what it found. */
export interface Check {
  readonly key: Key
  readonly label: string
  readonly verdict: Verdict
  /** Unless it is good, nothing at all is written. */
  readonly forbidsAll?: true
  /** What was read, for whoever looks at the trust as a whole. */
  readonly ref?: unknown
}

/** In order, with the evidence. */
export function yes(message: string): Verdict {
  return { status: 'True', code: 'InOrder', message }
}

/** Not in order, with what to do. */
export function no(code: string, message: string): Verdict {
  return { status: 'False', code, message }
}

/** It could not be told now. */
export function unread({ code, message }: Reason): Verdict {
  return { status: 'Unknown', code, message }
}

/** No interface tells: a person must look. */
export function unverifiable(code: string, message: string): Verdict {
  return { status: 'Unverifiable', code, message }
}
