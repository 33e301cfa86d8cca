import fc from 'fast-check'
import { expect, it } from 'vitest'
import { explainedTruly } from './explained-truly.ts'

it('whatever the disorder, a mailbox is said to work only where it does', async () => {
  const check = fc.assert(explainedTruly, { seed: 20261123, numRuns: 10, endOnFailure: true })

  await expect(check).resolves.toBeUndefined()
}, 120_000)
