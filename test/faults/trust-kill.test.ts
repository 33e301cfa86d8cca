// A trust whose process is killed goes on rightly. The long run has every death with every loss.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deathsIn, LENGTHS, LOSSES, type Mortal, startMortal } from './trust-kill.ts'

describe('a rotation', () => {
  let mortal: Mortal
  beforeAll(async () => {
    mortal = await startMortal('rotation')
  }, 60_000)
  afterAll(() => mortal.stack.close())

  it('takes as many writes and records as there are places to die at', async () => {
    expect(await mortal.count()).toEqual(LENGTHS.rotation)
  })

  it.each(
    deathsIn('rotation')
      .filter((_, index) => index % 4 === 0)
      .map((death, index) => ({ ...death, loss: LOSSES[index % LOSSES.length] ?? 'nothing' })),
  )('that dies ($at $number) and loses $loss goes on and ends right', async ({ loss, ...death }) => {
    await mortal.dieAndGoOn(death, loss)
  })
})
