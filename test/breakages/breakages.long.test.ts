import { beforeAll, describe, expect, it } from 'vitest'
import { SLOW } from './breakages.ts'
import { runBroken, type Verdict } from './run-broken.ts'

let verdicts: Readonly<Record<string, Verdict>> = {}
beforeAll(async () => {
  verdicts = await runBroken('slow')
}, 900_000)

describe('deliberate breakages that are noticed over real sockets', () => {
  it('nothing broken: the tests pass', () => {
    expect(verdicts['intact']).toMatchObject({ failed: 0, notLoaded: [] })
  })

  it.each(SLOW)('$name turns tests red', ({ name }) => {
    expect(verdicts[name]?.notLoaded).toEqual([])
    expect(verdicts[name]?.failed).toBeGreaterThan(0)
  })
})
