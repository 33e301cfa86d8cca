import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deathsIn, LENGTHS, LOSSES, type Mortal, startMortal } from './trust-kill.ts'

describe.each(['connection', 'rotation'] as const)('a %s', (undertaking) => {
  let mortal: Mortal
  beforeAll(async () => {
    mortal = await startMortal(undertaking)
  }, 60_000)
  afterAll(() => mortal.stack.close())

  it('takes as many writes and records as there are places to die at', async () => {
    expect(await mortal.count()).toEqual(LENGTHS[undertaking])
  })

  it.each(deathsIn(undertaking).flatMap((death) => LOSSES.map((loss) => ({ ...death, loss }))))(
    'that dies ($at $number) and loses $loss goes on and ends right',
    async ({ loss, ...death }) => {
      await mortal.dieAndGoOn(death, loss)
    },
  )
})
