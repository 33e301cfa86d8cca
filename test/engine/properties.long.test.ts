import fc from 'fast-check'
import { describe, it } from 'vitest'
import { PROPERTIES } from './properties.ts'

describe('for many random specs and random states', () => {
  it.each(Object.entries(PROPERTIES))(
    '%s',
    async (_name, property) => {
      await fc.assert(property as fc.IAsyncProperty<unknown>, { numRuns: 3_000 })
    },
    600_000,
  )
})
