import { beforeAll, describe, expect, it } from 'vitest'
import { QUICK, SLOW } from './breakages.ts'
import { isThere, runBroken, type Verdict } from './run-broken.ts'

let verdicts: Readonly<Record<string, Verdict>> = {}
beforeAll(async () => {
  verdicts = await runBroken('quick')
}, 240_000)

describe('deliberate breakages', () => {
  it.each([...QUICK, ...SLOW])('$name: the text that is replaced stands in our code once', async (breakage) => {
    expect(await isThere(breakage)).toBe(true)
  })

  it('nothing broken: the tests pass', () => {
    expect(verdicts['intact']).toMatchObject({ failed: 0, notLoaded: [] })
    expect(verdicts['intact']?.passed).toBeGreaterThan(100)
  })

  it.each(QUICK)('$name turns tests red', ({ name }) => {
    expect(verdicts[name]?.notLoaded).toEqual([])
    expect(verdicts[name]?.failed).toBeGreaterThan(0)
  })
})
