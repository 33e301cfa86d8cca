import fc from 'fast-check'
import { describe, it } from 'vitest'
import { partsAddUp, settlesOverTheWire } from './story.ts'

describe('against the simulator, for random specs and messes', () => {
  it('plan, apply, plan is empty, also when the tests have ended', async () => {
    await fc.assert(settlesOverTheWire, { seed: 20_261_120, numRuns: 8 })
  })

  it('an approved part of a plan, applied, leaves a plan of exactly the rest', async () => {
    await fc.assert(partsAddUp, { seed: 20_261_120, numRuns: 8 })
  })
})
