// The records of the journal: append-only JSON Lines, one object a line, the first line a header. A change was sent to a remote system
// only if an `intents` record before it is complete; what came of it stands in `outcomes`, or in `looked-up` where the pass was cut off.
import type { GuardVerdict, Intent, Outcome, PassedBy, Reason, Result, Subject } from '../engine/index.ts'

/** The format of a journal file. */
export const JOURNAL_VERSION = 'mailkeel.journal/v1'

/** The first line of each journal file. */
export interface JournalHeader {
  readonly version: typeof JOURNAL_VERSION
  readonly scope: string
  readonly createdAt: string
}

/** What stands in every record: sequence counts over all files of a scope and never goes back. */
export interface Stamp {
  readonly sequence: number
  readonly time: string
  readonly pass: string
}

/** An override that passed a guard, with the objects it covered that this pass does not change: they tell in no intent. */
export interface JournaledOverride extends PassedBy {
  readonly unchanged?: readonly Subject[]
}

/** A guard that was passed: by a person, by name, or by overrides of the spec. */
export interface AllowedGuard {
  readonly guard: string
  /** Who asked for the pass. */
  readonly by: string
  readonly at: string
  readonly overrides?: readonly JournaledOverride[]
}

/** A pass is about to write. */
export interface PassStarted {
  readonly type: 'pass-started'
  readonly scope: string
  readonly revision: string
  readonly mode: 'plan' | 'apply'
  /** What the writer is for: only `Enforce` writes. */
  readonly policy: 'Observe' | 'Enforce'
  readonly by: string
  /** Digest of the plan. */
  readonly digest: string
  readonly changes: number
  readonly verdicts: readonly GuardVerdict[]
  readonly allowed: readonly AllowedGuard[]
}

/**
 * What an intent of an earlier, interrupted pass came to, by what is observed now. One that took effect is unfinished until it is looked
 * up once more, by a pass that has nothing left to do to the object.
 */
export interface LookedUp {
  readonly id: string
  readonly key: string
  readonly label: string
  readonly result: 'Applied' | 'NotApplied' | 'Unverifiable'
}

/** A pass is over. */
export interface PassFinished {
  readonly type: 'pass-finished'
  readonly results: Readonly<Partial<Record<Result, number>>>
  /** Intents of this scope that have no outcome: of this pass, where it ended early, and of earlier ones. */
  readonly open: number
  /** Changes, of this pass or of earlier ones, that took effect while others of the same object did not, by id: they may be the only reason for those. */
  readonly unfinished?: readonly string[]
  readonly failure?: Reason
}

/** The body of a record. */
export type JournalEntry =
  | PassStarted
  | { readonly type: 'intents'; readonly intents: readonly Intent[] }
  | { readonly type: 'outcomes'; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'looked-up'; readonly found: readonly LookedUp[] }
  | PassFinished
  /** The line before this one is torn: the process was cut off while it wrote. It stays as it is. */
  | { readonly type: 'torn-line'; readonly bytes: number }

/** A record of the journal. */
export type JournalRecord = Stamp & JournalEntry

/** A line of a journal file that is no record: torn by a crash, or damaged. `last` where nothing follows it. */
export interface DamagedLine {
  readonly type: 'damaged'
  readonly file: string
  readonly line: number
  readonly last: boolean
}

/** A line as a record, or undefined where it is none. */
export function parseRecord(line: string): JournalRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(line)
    return isRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== 'object' || value === null) return false
  const { sequence, type, intents, outcomes, found } = value as Readonly<Record<string, unknown>>
  if (typeof sequence !== 'number' || typeof type !== 'string') return false
  if (type === 'intents') return Array.isArray(intents)
  if (type === 'outcomes') return Array.isArray(outcomes)
  return type !== 'looked-up' || Array.isArray(found)
}
