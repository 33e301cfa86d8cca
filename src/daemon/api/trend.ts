// How the mailboxes of each scope were over time: a point per pass, kept in memory. Where there are too many, every second point of the older
// half goes, so that a trend of months keeps its shape and today keeps its detail.
import type { Board, ScopeReport } from '../board.ts'
import { mailboxCounts } from './object-state.ts'
import type { TrendShape } from './shapes.ts'

type Point = TrendShape['points'][number]

/** The most points of a scope. */
export const MOST_POINTS = 500

/** Follows a board from now on. */
export function followTrend(board: Board): (scope: string) => TrendShape {
  const rings = new Map<string, readonly Point[]>()
  const add = (scope: string, report: ScopeReport) => {
    rings.set(scope, thinned([...(rings.get(scope) ?? []), pointOf(report)]))
  }
  for (const { scope, report } of board.scopes()) if (report) add(scope, report)
  board.subscribe((event) => {
    if (event.type === 'pass') add(event.scope, event.report)
    if (event.type === 'scopeGone') rings.delete(event.scope)
  })
  return (scope) => ({ points: rings.get(scope) ?? [] })
}

function pointOf(report: ScopeReport): Point {
  const { healthy, waiting, failing, unknown, drifted } = mailboxCounts(report)
  const changes = report.result.plan.steps.reduce((sum, step) => sum + step.changes.length, 0)
  return { at: report.result.finishedAt, healthy, waiting, failing, unknown, drifted, changes }
}

/** The same points, at most `MOST_POINTS`; the first and the last stay. */
export function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_POINTS) return points
  const half = Math.floor(points.length / 2)
  return points.filter((_, index) => index >= half || index % 2 === 0)
}
