import { expect, it } from 'vitest'
import { expectGoodDay } from './day/expect-good-day.ts'

const DAY = { hours: 24, lookAfterHours: 4 }

it.each([1, 2])(
  'a whole day of accidents ends as the last commit asks: seed %i',
  async (seed) => {
    const day = await expectGoodDay({ ...DAY, seed, isRestarted: true })

    expect(day.restarts).toBeGreaterThan(3)
    expect(day.faults).toBeGreaterThan(100)
  },
  600_000,
)

it('a whole day in one process gathers no memory', async () => {
  const { late, fresh } = await expectGoodDay({ ...DAY, seed: 3, isRestarted: false })

  expect(late.heapMiB - fresh.heapMiB).toBeLessThan(3)
}, 600_000)
