import fc from 'fast-check'
import { expect, it } from 'vitest'
import { neverBeyond } from './never-beyond.ts'

it('whatever breaks, nothing is sent beyond an approved plan and its guards, and everything comes to its end', async () => {
  const check = fc.assert(neverBeyond, { seed: 20261123, numRuns: 12, endOnFailure: true })

  await expect(check).resolves.toBeUndefined()
}, 120_000)
