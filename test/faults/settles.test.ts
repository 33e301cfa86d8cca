import fc from 'fast-check'
import { describe, it } from 'vitest'
import { settlesOverTheWire } from './story.ts'

describe('against the simulator, for random specs and messes', () => {
  it('plan, apply, plan is empty, also when the tests have ended', async () => {
    await fc.assert(settlesOverTheWire, { seed: 20_261_120, numRuns: 12 })
  })
})
