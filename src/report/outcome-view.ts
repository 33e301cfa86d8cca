import { type Outcome, succeeded } from '../engine/index.ts'
import { touchedInWords } from './people.ts'
import { countedBy, nounOfStage, type ReportInput } from './plan-view.ts'
import { type Remark, remarksOnOutcomes } from './remarks.ts'
import { isTrustScope, titleOf } from './scope-title.ts'
import { count, duration, number, short } from './wording.ts'

/** What an apply came to, ready to be told. */
export interface OutcomeView {
  /** What it is about, see `titleOf`. */
  readonly title: string
  readonly revision: string
  /** `41 changes applied for 27 people in 12 s`, or `38 of 41 changes applied …`. */
  readonly headline: string
  readonly allApplied: boolean
  readonly remarks: readonly Remark[]
}

/** Works out what there is to say about an apply. */
export function viewOutcomes(input: ReportInput, outcomes: readonly Outcome[]): OutcomeView {
  const { scope, revision, plan, startedAt, finishedAt } = input.result
  const nounOf = nounOfStage(input.vocabulary)
  const applied = new Set(outcomes.filter(succeeded).map(({ id }) => id))
  const total = outcomes.length
  const changes = plan.steps.flatMap((step) => step.changes).filter(({ id }) => applied.has(id))
  const whole = countedBy(input)
  const share = applied.size === total ? count(total, whole) : `${number(applied.size)} of ${count(total, whole)}`
  const people =
    changes.length > 0 && !isTrustScope(scope) ? ` for ${touchedInWords(changes, input.desired.mailboxes, nounOf)}` : ''
  const waiting = plan.steps.reduce((sum, { waits, changes: some }) => (waits ? sum + some.length : sum), 0)
  const later = waiting === 0 ? '' : `, ${number(waiting)} ${waiting === 1 ? 'waits' : 'wait'} for a later pass`
  const took = duration(Date.parse(finishedAt) - Date.parse(startedAt))
  return {
    title: titleOf(input.result),
    revision: short(revision),
    headline: `${share} ${input.about === 'tests' ? 'asked for' : 'applied'}${people} in ${took}${later}`,
    allApplied: applied.size === total,
    remarks: remarksOnOutcomes(
      outcomes.filter((outcome) => !succeeded(outcome) || outcome.reason),
      nounOf,
    ),
  }
}
