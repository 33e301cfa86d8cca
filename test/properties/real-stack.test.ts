import { expect, it } from 'vitest'
import { PROPERTIES } from './real-stack.ts'

it.each(PROPERTIES)(
  '$name',
  async ({ check }) => {
    await expect(check({ seed: 20261120, numRuns: 12 })).resolves.toBeUndefined()
  },
  120_000,
)
