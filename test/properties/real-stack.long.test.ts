import { expect, it } from 'vitest'
import { PROPERTIES } from './real-stack.ts'

it.each(PROPERTIES)(
  '$name, many times',
  async ({ check }) => {
    await expect(check({ seed: 1, numRuns: 400 })).resolves.toBeUndefined()
  },
  1_800_000,
)
