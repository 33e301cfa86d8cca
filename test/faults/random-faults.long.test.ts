import fc from 'fast-check'
import { describe, it } from 'vitest'
import { survivesFaults } from './story.ts'

describe('B1 B3 B4 B5 a server that throttles, breaks, truncates and lies at random, many times', () => {
  it('is never written to wrongly, is told truly, and ends in sync when the faults are over', async () => {
    await fc.assert(survivesFaults, { numRuns: 150 })
  }, 1_200_000)
})
