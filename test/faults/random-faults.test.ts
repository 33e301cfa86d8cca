import fc from 'fast-check'
import { describe, it } from 'vitest'
import { survivesFaults } from './story.ts'

describe('B1 B3 B4 B5 a server that throttles, breaks, truncates and lies at random', () => {
  it('is never written to wrongly, is told truly, and ends in sync when the faults are over', async () => {
    await fc.assert(survivesFaults, { seed: 20_261_120, numRuns: 10 })
  }, 120_000)
})
