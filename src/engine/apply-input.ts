import type { Journal } from './journal.ts'
import type { Outcome } from './outcome.ts'
import type { Plan, ScopeStage } from './plan.ts'

/** What happens while a plan is applied. `written`: how many changes of the step at hand the server answered so far. */
export type ApplyEvent =
  | { readonly type: 'step'; readonly stage: string; readonly changes: number }
  | { readonly type: 'written'; readonly stage: string; readonly count: number }
  | { readonly type: 'outcomes'; readonly stage: string; readonly outcomes: readonly Outcome[] }

/** What applying needs. */
export interface ApplyInput<D, Reader, Writer> {
  readonly plan: Plan
  readonly stages: readonly ScopeStage<D, Reader, Writer>[]
  readonly desired: D
  /** A reader that sees the server as it is from now on. */
  readonly newReader: () => Reader
  readonly writer: Writer
  readonly journal: Journal
  readonly now: () => Date
  readonly signal: AbortSignal
  /** Changes with other ids wait. Absent: all of the plan are approved. */
  readonly approved?: ReadonlySet<string>
  readonly onEvent?: (event: ApplyEvent) => void
}
