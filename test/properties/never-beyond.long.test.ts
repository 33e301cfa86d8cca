import fc from 'fast-check'
import { expect, it } from 'vitest'
import { neverBeyond } from './never-beyond.ts'

/** A failure prints the seed and path that play it again: `MAILKEEL_TEST_SEED` starts elsewhere. */
const SEED = Number(process.env['MAILKEEL_TEST_SEED'] ?? 1)

it('whatever breaks, nothing is sent beyond an approved plan and its guards, and everything comes to its end, many times', async () => {
  const check = fc.assert(neverBeyond, { seed: SEED, numRuns: 500 })

  await expect(check).resolves.toBeUndefined()
}, 1_800_000)
