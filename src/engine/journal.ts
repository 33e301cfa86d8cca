import type { Change } from './change.ts'
import type { FieldValue, Key } from './observation.ts'
import type { Outcome } from './outcome.ts'
import type { Passage } from './permit.ts'
import type { Effect, Origin } from './stage.ts'

/** What is about to be written, with the values as they were read just before. */
export interface Intent {
  readonly id: string
  readonly stage: string
  readonly kind: string
  readonly key: Key
  readonly label: string
  readonly action: Change['action']
  /** What it does to people: guards with a limit per hour count these. */
  readonly effects: readonly Effect[]
  readonly fields: readonly { readonly field: string; readonly from?: FieldValue; readonly to: FieldValue }[]
  readonly origin: Origin
  /** The overrides that let it pass a guard. Absent where none was needed. */
  readonly passed?: readonly Passage[]
}

/** Where apply writes down what it is about to do and what came of it. `intend` resolves only when the record is durable. */
export interface Journal {
  intend(intents: readonly Intent[]): Promise<void>
  conclude(outcomes: readonly Outcome[]): Promise<void>
}
