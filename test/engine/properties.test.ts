import fc from 'fast-check'
import { describe, it } from 'vitest'
import { PROPERTIES } from './properties.ts'

describe('for random specs and random states', () => {
  it.each(Object.entries(PROPERTIES))('%s', async (_name, property) => {
    await fc.assert(property as fc.IAsyncProperty<unknown>, { seed: 20_261_120, numRuns: 150 })
  })
})
