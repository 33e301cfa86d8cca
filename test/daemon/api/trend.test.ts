import { describe, expect, it } from 'vitest'
import { followTrend, MOST_POINTS } from '../../../src/daemon/api/trend.ts'
import { change, outcome, resultOf } from '../../reconcile/fake-result.ts'
import { emptyBoard, reportOf } from './serving.ts'

const SCOPE = 'organization/sales'

function passAt(minutes: number) {
  const finishedAt = new Date(Date.parse('2026-11-20T00:00:00Z') + minutes * 60_000).toISOString()
  return reportOf(resultOf({ wished: ['ann', 'bob'], verdicts: { ann: 'True' }, more: { finishedAt } }))
}

describe('a trend', () => {
  it('keeps the first and the last of very many passes, in order, and most of what is new', () => {
    const board = emptyBoard()
    const trend = followTrend(board)

    for (let minute = 0; minute < 5000; minute += 1)
      board.tell({ type: 'pass', scope: SCOPE, report: passAt(minute), tookMs: 1 })

    const times = trend(SCOPE).points.map(({ at }) => at)
    expect(times.length).toBeLessThanOrEqual(MOST_POINTS)
    expect([times[0], times.at(-1)]).toEqual([passAt(0).result.finishedAt, passAt(4999).result.finishedAt])
    expect(times).toEqual([...new Set(times)].sort())
    expect(times.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => passAt(4900 + index).result.finishedAt))
  })

  it('begins with what the board knows already', () => {
    const board = emptyBoard()
    const result = resultOf({ wished: ['ann'], changes: [change('ann')], outcomes: [outcome('ann', 'Applied')] })
    const desired = { name: 'sales', mailboxes: new Map() } as never
    const report = reportOf(result)
    board.setScope({
      scope: SCOPE,
      kind: 'organization',
      name: 'sales',
      desired,
      policy: 'Enforce',
      phase: 'Idle',
      revision: 'r1',
      report,
    })

    expect(followTrend(board)(SCOPE).points).toEqual([
      { at: result.finishedAt, healthy: 0, waiting: 1, failing: 0, unknown: 0, drifted: 0, changes: 1 },
    ])
  })

  it('forgets a scope that is gone', () => {
    const board = emptyBoard()
    const trend = followTrend(board)
    board.setScope({ scope: SCOPE } as never)
    board.tell({ type: 'pass', scope: SCOPE, report: passAt(1), tookMs: 1 })

    board.removeScope(SCOPE)

    expect(trend(SCOPE).points).toEqual([])
  })
})
