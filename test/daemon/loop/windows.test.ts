import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { windowAt, windowsOf } from '../../../src/daemon/loop/windows.ts'
import { scheduleOf } from '../../../src/spec/configuration/schedule.ts'
import type { ChangeWindow, Configuration } from '../../../src/spec/generated/types.ts'

type Spec = Configuration['spec']

const NIGHTS: ChangeWindow = { name: 'nights', opens: '0 20 * * 1-5', for: '4h', timeZone: 'Europe/Berlin' }

function window(opens: string, openFor: string, timeZone = 'UTC', name = 'w'): ChangeWindow {
  return { name, opens, for: openFor, timeZone }
}

function stateOf(windows: readonly ChangeWindow[], now: string) {
  return windowAt(windows.map(scheduleOf), new Date(now))
}

interface Row {
  readonly reason: string
  readonly windows: readonly ChangeWindow[]
  readonly now: string
  readonly open: boolean
  readonly until?: string
  readonly opensAt?: string
}

const ROWS: readonly Row[] = [
  { reason: 'without any window everything is open', windows: [], now: '2026-11-23T12:00:00Z', open: true },
  {
    reason: 'before the window',
    windows: [NIGHTS],
    now: '2026-11-23T18:59:59.999Z',
    open: false,
    opensAt: '2026-11-23T19:00:00.000Z',
  },
  {
    reason: 'at its first moment',
    windows: [NIGHTS],
    now: '2026-11-23T19:00:00.000Z',
    open: true,
    until: '2026-11-23T23:00:00.000Z',
  },
  {
    reason: 'within its first second',
    windows: [NIGHTS],
    now: '2026-11-23T19:00:00.500Z',
    open: true,
    until: '2026-11-23T23:00:00.000Z',
  },
  {
    reason: 'at its last moment it is closed',
    windows: [NIGHTS],
    now: '2026-11-23T23:00:00.000Z',
    open: false,
    opensAt: '2026-11-24T19:00:00.000Z',
  },
  {
    reason: 'Friday night goes on to Monday',
    windows: [NIGHTS],
    now: '2026-11-28T12:00:00Z',
    open: false,
    opensAt: '2026-11-30T19:00:00.000Z',
  },
  {
    reason: 'over midnight',
    windows: [window('0 22 * * *', '8h')],
    now: '2026-11-24T03:00:00Z',
    open: true,
    until: '2026-11-24T06:00:00.000Z',
  },
  {
    reason: 'longer than the time between two openings never closes',
    windows: [window('0 0 * * *', '25h')],
    now: '2026-11-24T03:00:00Z',
    open: true,
  },
  {
    reason: 'two that overlap are one',
    windows: [window('0 20 * * *', '2h', 'UTC', 'a'), window('0 21 * * *', '4h', 'UTC', 'b')],
    now: '2026-11-24T20:30:00Z',
    open: true,
    until: '2026-11-25T01:00:00.000Z',
  },
  {
    reason: 'two that touch are one',
    windows: [window('0 20 * * *', '2h', 'UTC', 'a'), window('0 22 * * *', '1h', 'UTC', 'b')],
    now: '2026-11-24T20:30:00Z',
    open: true,
    until: '2026-11-24T23:00:00.000Z',
  },
  {
    reason: 'a time that daylight saving leaves out opens after the gap',
    windows: [window('30 2 * * *', '1h', 'Europe/Berlin')],
    now: '2026-03-29T01:10:00Z',
    open: true,
    until: '2026-03-29T02:00:00.000Z',
  },
  {
    reason: 'a time that comes twice opens once, at the first',
    windows: [window('30 2 * * *', '30m', 'Europe/Berlin')],
    now: '2026-10-25T01:45:00Z',
    open: false,
    opensAt: '2026-10-26T01:30:00.000Z',
  },
  {
    reason: 'an hour longer by the clock on the day that has 25',
    windows: [window('0 20 * * *', '8h', 'Europe/Berlin')],
    now: '2026-10-24T23:00:00Z',
    open: true,
    until: '2026-10-25T02:00:00.000Z',
  },
  {
    reason: 'summer time counts',
    windows: [NIGHTS],
    now: '2026-07-01T18:00:00Z',
    open: true,
    until: '2026-07-01T22:00:00.000Z',
  },
]

describe('change windows', () => {
  it.each(ROWS)('$reason', ({ windows, now, open, until, opensAt }) => {
    const state = stateOf(windows, now)

    expect(state.open).toBe(open)
    if (state.open) expect(state.until?.toISOString()).toBe(until)
    else expect(state.opensAt?.toISOString()).toBe(opensAt)
  })

  it('that are closed open at the moment they say, and not before', () => {
    const schedules = [scheduleOf(NIGHTS), scheduleOf(window('15 3 1,15 * *', '90m', 'America/New_York'))]

    fc.assert(
      fc.property(fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') }), (ms) => {
        const state = windowAt(schedules, new Date(ms))
        const turn = state.open ? state.until : state.opensAt
        expect(turn).toBeDefined()
        if (!turn) return
        expect(turn.getTime()).toBeGreaterThan(ms)
        expect(windowAt(schedules, turn).open).toBe(!state.open)
        expect(windowAt(schedules, new Date(turn.getTime() - 1)).open).toBe(state.open)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    { now: '2026-11-23T12:00:00Z', message: 'no change window is open; `nights` opens 20:00 Europe/Berlin' },
    { now: '2026-11-28T12:00:00Z', message: 'no change window is open; `nights` opens 2026-11-30 20:00 Europe/Berlin' },
  ])('that are closed say when they open: $message', ({ now, message }) => {
    const state = stateOf([NIGHTS], now)

    expect(state).toMatchObject({ open: false, reason: { code: 'NoChangeWindow', message } })
  })

  it('of an organization take the place of those of all', async () => {
    const endpoint = { url: 'https://crm.contoso.com/x', reading: 'crm' }
    const spec = {
      changeWindows: [NIGHTS],
      organizations: {
        own: { ...endpoint, changeWindows: [window('0 12 * * *', '1h')] },
        always: { ...endpoint, changeWindows: [] },
        usual: endpoint,
      },
    } as Partial<Spec> as Spec
    const noon = new Date('2026-11-23T12:30:00Z')

    const clock = await windowsOf({ spec })

    const open = ['own', 'always', 'usual', undefined].map((name) => clock(name, noon).open)
    expect(open).toEqual([true, true, false, false])
  })
})
