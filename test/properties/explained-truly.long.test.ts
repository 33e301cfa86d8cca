import fc from 'fast-check'
import { expect, it } from 'vitest'
import { explainedTruly } from './explained-truly.ts'

/** A failure prints the seed and path that play it again: `MAILKEEL_TEST_SEED` starts elsewhere. */
const SEED = Number(process.env['MAILKEEL_TEST_SEED'] ?? 1)

it('whatever the disorder, a mailbox is said to work only where it does, many times', async () => {
  const check = fc.assert(explainedTruly, { seed: SEED, numRuns: 300 })

  await expect(check).resolves.toBeUndefined()
}, 1_800_000)
