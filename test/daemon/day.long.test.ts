import { expect, it } from 'vitest'
import { expectGoodDay } from './day/expect-good-day.ts'

it.each([1, 2])(
  'a whole day in one process ends as the last commit asks, and leaves nothing behind: seed %i',
  async (seed) => {
    const day = await expectGoodDay({ hours: 24, seed, lookAfterHours: 4 })

    expect(day.restarts).toBeGreaterThan(3)
    expect(day.faults).toBeGreaterThan(100)
  },
  1_200_000,
)
