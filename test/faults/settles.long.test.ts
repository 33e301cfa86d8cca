import fc from 'fast-check'
import { describe, it } from 'vitest'
import { partsAddUp, settlesOverTheWire } from './story.ts'

describe('against the simulator, for many random specs and messes', () => {
  it('plan, apply, plan is empty, also when the tests have ended', async () => {
    await fc.assert(settlesOverTheWire, { numRuns: 100 })
  }, 900_000)

  it('an approved part of a plan, applied, leaves a plan of exactly the rest', async () => {
    await fc.assert(partsAddUp, { numRuns: 100 })
  }, 900_000)
})
