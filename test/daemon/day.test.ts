import { expect, it } from 'vitest'
import { expectGoodDay } from './day/expect-good-day.ts'

it('some hours of commits, faults, restarts and strangers end as the last commit asks, and nobody wrote what no commit asked for', async () => {
  const day = await expectGoodDay({ hours: 1, seed: 20261123, lookAfterHours: 0.5, isRestarted: true })

  expect(day.restarts).toBeGreaterThan(0)
  expect(day.faults).toBeGreaterThan(0)
  expect(day.writes).toBeGreaterThan(0)
}, 120_000)
