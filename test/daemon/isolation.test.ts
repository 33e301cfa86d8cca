import { describe, expect, it } from 'vitest'
import { FIRST, startFleet } from './fleet.ts'

const MINUTE_MS = 60_000
const OTHER = 'contoso-test'

/** The configuration without the part that one organization needs. */
const MISTAKES: readonly {
  readonly reason: string
  readonly configure: (text: string) => string
  readonly says: RegExp
}[] = [
  {
    reason: 'nobody says how to reach it',
    configure: (text) => text.replace(/,"contoso-test":\{[^}]*\}/, ''),
    says: /does not say how to reach contoso-test/,
  },
  {
    reason: 'its secret is missing',
    configure: (text) =>
      text
        .replace('"identities":{', '"identities":{"other":{"type":"Bearer","token":{"env":"NOT_THERE"}},')
        .replace(/("contoso-test":\{"url":"[^"]*","reading":)"crm"/, '$1"other"'),
    says: /NOT_THERE/,
  },
]

describe('a mistake in one scope', () => {
  it.each(MISTAKES)('is the failure of that scope and of no other: $reason', async ({ configure, says }) => {
    const { harness, spec } = await startFleet({ beside: [OTHER], configure })

    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)

    expect(harness.standing(OTHER).failure?.reason.message).toMatch(says)
    expect(harness.standing(OTHER).phase).toBe('BackingOff')
    expect(harness.standing(FIRST)).toMatchObject({ phase: 'Idle', inSyncSince: expect.any(String) })
  })

  it('is tried again ever more rarely', async () => {
    const { harness, spec } = await startFleet({
      beside: [OTHER],
      configure: MISTAKES[0]?.configure ?? ((text) => text),
    })

    await harness.push(spec())
    await harness.advance(2 * 60 * MINUTE_MS)

    const { attempts = 0, since = '' } = harness.standing(OTHER).failure ?? {}
    expect(attempts).toBeGreaterThan(5)
    expect(attempts).toBeLessThan(20)
    expect(Date.parse(since)).toBeLessThan(harness.machine.now().getTime() - 100 * MINUTE_MS)
  })
})
