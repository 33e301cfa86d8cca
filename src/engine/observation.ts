// What a read of a remote system can say. Three values, never two: a row is there, a row is absent (only a complete read can say so),
// or we do not know. Unknown is never absent, and never becomes a write.

/** Names one object within a stage, for example a canonical address. Stable over restarts and over copies of an organization. */
export type Key = string

/** A value of a comparable field. Sets are sorted lists of text. */
export type FieldValue = string | number | boolean | null | readonly string[]

/** The comparable shape of one stage. Declare it as a type alias, not as an interface. */
export type Fields = Readonly<Record<string, FieldValue>>

/** Why something is unknown, waiting, held or refused. `code` is PascalCase, `message` a sentence with the next step. */
export interface Reason {
  readonly code: string
  readonly message: string
}

/** Whether an object works, as far as its stage can tell. `Unverifiable`: no interface answers the question; a person must. */
export interface Verdict extends Reason {
  readonly status: 'True' | 'False' | 'Unknown' | 'Unverifiable'
  /** A failure of a kind that will repeat for every other object: a rollout stops at the first one. */
  readonly repeats?: true
}

/** One observed object. `ref` is the stage's own handle (identifiers of the remote system); it never enters a plan. */
export interface Observed<F extends Fields = Fields, Ref = unknown> {
  readonly fields: F
  readonly ref: Ref
  /** What people call it. */
  readonly label?: string
  /** It exists but must not be touched, for example an inactive mailbox. */
  readonly hold?: Reason
  readonly ready?: Verdict
  /** For checks: the stages a `False` verdict blocks; absent = every later stage. */
  readonly gates?: readonly string[]
  /** For checks: unless the verdict is good, nothing at all is written, not even what only stops something. */
  readonly forbidsAll?: true
}

/** A set of objects. `complete: false` says nothing about any object. */
export type Read<F extends Fields = Fields, Ref = unknown> = CompleteRead<F, Ref> | IncompleteRead

export interface CompleteRead<F extends Fields = Fields, Ref = unknown> {
  readonly complete: true
  readonly rows: ReadonlyMap<Key, Observed<F, Ref>>
  /** Objects that exist in some form but could not be told, for example two rows with one address. */
  readonly unknown: ReadonlyMap<Key, Reason>
}

export interface IncompleteRead {
  readonly complete: false
  readonly reason: Reason
}
