import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Breakable, mendsOrTells, startBreakable } from './trust-drift.ts'

let breakable: Breakable

beforeAll(async () => {
  breakable = await startBreakable()
}, 60_000)

afterAll(() => breakable.close())

it('a trust of which anything is broken is mended or told, and nothing is written that is not ours', async () => {
  await fc.assert(
    mendsOrTells(() => breakable),
    { numRuns: 150 },
  )

  expect(breakable.leaks()).toEqual([])
}, 1_800_000)
