import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BREAKAGES } from './trust-breakages.ts'
import { type Breakable, mendsOrTells, saidIn, startBreakable, writtenBy } from './trust-drift.ts'

let breakable: Breakable

beforeAll(async () => {
  breakable = await startBreakable()
}, 60_000)

afterAll(() => breakable.close())

describe('a trust of which one thing is broken', () => {
  it.each(BREAKAGES.filter(({ mendedBy }) => mendedBy.length > 0))(
    '($what) is mended in exactly that',
    async ({ strike, mendedBy }) => {
      await breakable.reset()
      strike(breakable.stack)
      const before = breakable.unmanaged()

      const first = await breakable.pass()
      const mended = breakable.stack.problem()
      breakable.stack.finishTests()
      const second = await breakable.pass()

      expect(writtenBy(first)).toEqual(mendedBy)
      expect(mended).toBeUndefined()
      expect(writtenBy(second)).toEqual([])
      expect(breakable.unmanaged()).toBe(before)
    },
  )

  it.each(BREAKAGES.filter(({ mendedBy }) => mendedBy.length === 0))(
    '($what) is left as it is, and told where it does harm',
    async ({ strike, told }) => {
      await breakable.reset()
      strike(breakable.stack)
      const before = breakable.unmanaged()

      const results = told === 'tests' ? await breakable.lookAfterTests() : await breakable.pass()

      expect(writtenBy(results)).toEqual([])
      if (told === undefined) expect(saidIn(await breakable.lookAfterTests())).toBe('')
      else if (told === 'tests') expect(saidIn(results)).toMatch(/@contoso\.com: .+/)
      else expect(saidIn(results)).toMatch(told)
      expect(breakable.unmanaged()).toBe(before)
    },
  )
})

describe('a trust of which anything is broken', () => {
  it('is mended or told, and nothing is written that is not ours', async () => {
    await fc.assert(
      mendsOrTells(() => breakable),
      { numRuns: 6, seed: 4 },
    )
  }, 90_000)

  it('tells no secret, whatever happened', () => {
    expect(breakable.leaks()).toEqual([])
  })
})
