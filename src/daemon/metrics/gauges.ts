// What the board says at a moment, as numbers. Pure but for the clock that comes in: nothing is added up here.
import type { Board, ScopeReport, ScopeStanding, SourceStanding } from '../board.ts'
import type { ConvergenceBook } from './convergence.ts'
import { isInSync } from './convergence.ts'
import { objectGauges } from './object-gauges.ts'
import { codeLabel, type Sample, secondsBetween } from './sample.ts'

const DAY_MS = 86_400_000

/** Every gauge that is told by the board, as of now. */
export function boardGauges(board: Board, convergence: ConvergenceBook, now: Date): readonly Sample[] {
  const source = board.source()
  const scopes = board.scopes().flatMap((standing) => scopeGauges(standing, source, convergence, now))
  return [...sourceGauges(source, board.startedAt, now), ...scopes]
}

function sourceGauges(source: SourceStanding, startedAt: string, now: Date): readonly Sample[] {
  const { enforced, refused, failure, lookedAt = startedAt } = source
  const known: Sample[] = enforced
    ? [
        { metric: 'mailkeel_revision_info', labels: { revision: enforced.id }, value: 1 },
        { metric: 'mailkeel_revision_age_seconds', labels: {}, value: secondsBetween(enforced.seenAt, now) },
      ]
    : []
  const refusedFor = refused ? secondsBetween(refused.revision.seenAt, now) : 0
  return [
    ...known,
    {
      metric: 'mailkeel_source_age_seconds',
      labels: {},
      value: secondsBetween(failure?.since ?? lookedAt, now),
    },
    ...(failure
      ? [{ metric: 'mailkeel_source_failing', labels: { reason: codeLabel(failure.reason.code) }, value: 1 } as const]
      : []),
    // Never 0 where one is refused, however fast the scrape comes.
    { metric: 'mailkeel_revision_refused_seconds', labels: {}, value: refused ? Math.max(refusedFor, 0.001) : 0 },
  ]
}

function scopeGauges(
  standing: ScopeStanding,
  source: SourceStanding,
  convergence: ConvergenceBook,
  now: Date,
): readonly Sample[] {
  const { scope, kind, policy, phase, held, failure, report } = standing
  const isElsewhere = phase === 'Elsewhere'
  const common: Sample[] = [
    { metric: 'mailkeel_scope_info', labels: { scope, kind, policy, phase }, value: 1 },
    { metric: 'mailkeel_lease_held', labels: { scope }, value: isElsewhere ? 0 : 1 },
  ]
  // Whoever works on it tells the rest; what is known here is of the time before.
  if (isElsewhere) return common
  const one = (metric: Sample['metric'], value: number, labels = {}): Sample => ({
    metric,
    labels: { scope, ...labels },
    value,
  })
  return [
    ...common,
    one('mailkeel_scope_enforced', policy === 'Enforce' ? 1 : 0),
    one('mailkeel_scope_in_sync', isInSync(standing, source) ? 1 : 0),
    one('mailkeel_convergence_age_seconds', secondsBetween(convergence.lastInSync(scope), now)),
    one('mailkeel_last_pass_age_seconds', secondsBetween(standing.lastPassAt ?? convergence.firstSeen(scope), now)),
    one('mailkeel_queue_age_seconds', queueAge(standing, now)),
    ...(held ? [one('mailkeel_scope_held', 1, { reason: codeLabel(held.code) })] : []),
    ...(failure ? [one('mailkeel_scope_failing', 1, { reason: codeLabel(failure.reason.code) })] : []),
    ...(report ? reportGauges(scope, report, now) : []),
  ]
}

/** A pass that runs is not late any more. */
function queueAge({ phase, nextPassAt }: ScopeStanding, now: Date): number {
  return phase === 'Reconciling' || nextPassAt === undefined ? 0 : secondsBetween(nextPassAt, now)
}

function reportGauges(scope: string, report: ScopeReport, now: Date): readonly Sample[] {
  const { result, drift, fights, runway } = report
  const planned = result.plan.steps.reduce((sum, { changes }) => sum + changes.length, 0)
  const drifted = new Map<string, number>()
  for (const { stage } of drift) drifted.set(stage, (drifted.get(stage) ?? 0) + 1)
  const days = new Map<string, number>()
  for (const { name, label, on } of runway) {
    const ends = name ?? label
    days.set(ends, Math.min(days.get(ends) ?? Number.POSITIVE_INFINITY, daysUntil(on, now)))
  }
  return [
    ...objectGauges(scope, report),
    ...result.plan.stages.flatMap(({ stage, incomplete }): readonly Sample[] =>
      incomplete
        ? [{ metric: 'mailkeel_stages_unread', labels: { scope, stage, reason: codeLabel(incomplete.code) }, value: 1 }]
        : [],
    ),
    { metric: 'mailkeel_changes_planned', labels: { scope }, value: planned },
    { metric: 'mailkeel_fights', labels: { scope }, value: fights.length },
    ...[...drifted].map(([stage, value]): Sample => ({ metric: 'mailkeel_drift', labels: { scope, stage }, value })),
    ...[...days].map(([ends, value]): Sample => ({ metric: 'mailkeel_runway_days', labels: { scope, ends }, value })),
    ...result.verdicts
      .filter(({ decision, overridden }) => decision !== 'allow' && overridden !== true)
      .map(
        ({ guard, decision }): Sample => ({
          metric: 'mailkeel_guard_objecting',
          labels: { scope, guard, decision },
          value: 1,
        }),
      ),
  ]
}

/** Counted on between passes, in the way of the runway: a day that has begun counts. */
function daysUntil(on: string, now: Date): number {
  return Math.ceil((Date.parse(on) - now.getTime()) / DAY_MS) + 0
}
