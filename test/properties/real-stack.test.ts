import { expect, it } from 'vitest'
import { PROPERTIES } from './real-stack.ts'

it.each(PROPERTIES)(
  '$name',
  async ({ check, quickRuns }) => {
    await expect(check({ seed: 20261120, numRuns: quickRuns })).resolves.toBeUndefined()
  },
  120_000,
)
