import { describe, expect, it } from 'vitest'
import { type Plan, type Step, WAITS } from '../../src/engine/index.ts'
import { nextRollouts } from '../../src/reconcile/rollouts.ts'
import { change, resultOf } from './fake-result.ts'

const BEFORE = '2026-11-20T08:00:00.000Z'
const NOW = '2026-11-20T09:00:00.000Z'

function planOf(waves: readonly (readonly [wave: number, waits?: string])[]): Plan {
  const steps = waves.map(([wave, code]): Step => {
    const waits = code === undefined ? {} : { waits: { code, message: '' } }
    return {
      stage: 'mailbox',
      slice: `${wave}`,
      changes: [change(`${wave}`)],
      rollout: { name: 'sales', wave, waves: 3 },
      ...waits,
    }
  })
  return { ...resultOf({ wished: [] }).plan, steps }
}

describe('how far a rollout is', () => {
  it.each([
    { reason: 'the canary goes', waves: [[0], [1, WAITS.turn], [2, WAITS.turn]] as const, wave: 0 },
    {
      reason: 'the canary is tested',
      waves: [
        [1, WAITS.turn],
        [2, WAITS.turn],
      ] as const,
      wave: 0,
    },
    { reason: 'a wave goes', waves: [[2], [3, WAITS.turn]] as const, wave: 2 },
    { reason: 'one of an earlier wave is left behind', waves: [[1], [3]] as const, wave: 3 },
    { reason: 'a wave waits for places', waves: [[3], [3, WAITS.place]] as const, wave: 3 },
  ])('$reason: wave $wave', ({ waves, wave }) => {
    expect(nextRollouts(undefined, planOf(waves), NOW).get('sales')).toEqual({ wave, waves: 3, since: NOW })
  })

  it('keeps the time while it stands where it does, and takes a new one when it goes on', () => {
    const before = new Map([['sales', { wave: 1, waves: 3, since: BEFORE }]])

    expect(nextRollouts(before, planOf([[1]]), NOW).get('sales')?.since).toBe(BEFORE)
    expect(nextRollouts(before, planOf([[2]]), NOW).get('sales')?.since).toBe(NOW)
  })

  it('forgets what is done', () => {
    const before = new Map([['sales', { wave: 3, waves: 3, since: BEFORE }]])

    expect(nextRollouts(before, planOf([]), NOW)).toEqual(new Map())
  })
})
