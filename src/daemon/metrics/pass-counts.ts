// What one pass adds to the counters.
import { standing } from '../../engine/guard.ts'
import type { Drift, ScopeReport } from '../board.ts'
import type { Sample } from './sample.ts'

/** What a pass came to, the first that holds. */
type PassOutcome = 'Failed' | 'Blocked' | 'OverrideNeeded' | 'Unread' | 'Partly' | 'Applied' | 'Planned' | 'InSync'

/** Everything that a pass adds. `before` is the drift that the pass before it told. */
export function passCounts(scope: string, report: ScopeReport, before: readonly Drift[] = []): readonly Sample[] {
  const { result } = report
  const samples: Sample[] = [
    { metric: 'mailkeel_passes_total', labels: { scope, outcome: outcomeOf(report) }, value: 1 },
  ]
  for (const { stage, result: became } of result.outcomes ?? [])
    samples.push({ metric: 'mailkeel_changes_total', labels: { scope, stage, result: became }, value: 1 })
  for (const { guard, decision, overridden } of result.verdicts) {
    if (decision === 'allow' || overridden === true) continue
    samples.push({ metric: 'mailkeel_guard_blocks_total', labels: { scope, guard, decision }, value: 1 })
  }
  return [...samples, ...driftCounts(scope, report, before)]
}

function driftCounts(scope: string, report: ScopeReport, before: readonly Drift[] = []): readonly Sample[] {
  const known = new Set(before.map((one) => `${one.since} ${idOf(one)}`))
  const applied = new Set((report.result.outcomes ?? []).filter((one) => one.result === 'Applied').map(idOf))
  const found = report.drift.filter((one) => !known.has(`${one.since} ${idOf(one)}`))
  const all = new Map([...before, ...report.drift].map((one) => [idOf(one), one]))
  const corrected = [...all].filter(([id]) => applied.has(id)).map(([, one]) => one)
  const told = (metric: Sample['metric'], drift: readonly Drift[]) =>
    drift.map(({ stage }): Sample => ({ metric, labels: { scope, stage }, value: 1 }))
  return [...told('mailkeel_drift_found_total', found), ...told('mailkeel_drift_corrected_total', corrected)]
}

function idOf({ stage, kind, key }: Pick<Drift, 'stage' | 'kind' | 'key'>): string {
  return JSON.stringify([stage, kind, key])
}

function outcomeOf({ result }: ScopeReport): PassOutcome {
  const { failure, plan, outcomes = [] } = result
  const objection = standing(result.verdicts)
  if (failure) return 'Failed'
  if (result.decision === 'blocked' || objection === 'blocked') return 'Blocked'
  if (result.decision === 'override') return 'OverrideNeeded'
  if (plan.stages.some(({ incomplete }) => incomplete !== undefined)) return 'Unread'
  const wentWell = outcomes.filter(({ result: became }) => became === 'Applied' || became === 'AlreadyDone').length
  if (wentWell < outcomes.length) return 'Partly'
  if (outcomes.length > 0) return 'Applied'
  return plan.steps.some(({ changes }) => changes.length > 0) ? 'Planned' : 'InSync'
}
