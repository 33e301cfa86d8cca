import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BoardEvent } from '../../src/daemon/board.ts'
import { createDraws } from './day/random.ts'
import { startFleet } from './fleet.ts'
import type { Harness } from './harness.ts'

const MINUTE_MS = 60_000
const NAMES = Array.from({ length: 20 }, (_, index) => `contoso-${index}`)

const TOGETHER: readonly { readonly reason: string; readonly happen: (harness: Harness) => Promise<void> | void }[] = [
  { reason: 'a start', happen: () => {} },
  {
    reason: 'a person who wants to know',
    happen: (harness) => {
      harness.daemon.wakeAll()
      return harness.settled()
    },
  },
]

const warnings: string[] = []
const onWarning = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`)
beforeEach(() => {
  warnings.length = 0
  process.on('warning', onWarning)
})
afterEach(() => void process.off('warning', onWarning))

describe('many organizations', () => {
  it.each(TOGETHER)('that were all looked at together are not from then on: $reason', async ({ happen }) => {
    const draws = createDraws(7)
    const passes: number[] = []
    const onEvent = (event: BoardEvent) => {
      if (event.type === 'pass') passes.push(Date.parse(event.report.result.startedAt))
    }
    const { harness, spec } = await startFleet({ beside: NAMES, random: draws.next, onEvent })
    await harness.push(spec())
    await harness.advance(12 * MINUTE_MS)
    await happen(harness)
    const from = harness.machine.now().getTime()

    await harness.advance(10 * MINUTE_MS)

    const tenths = new Array<number>(10).fill(0)
    const within = passes.filter((at) => at > from && at < from + 10 * MINUTE_MS)
    for (const at of within) {
      const tenth = Math.floor((at - from) / MINUTE_MS)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    expect(within.length).toBeGreaterThan(NAMES.length * 0.8)
    expect(warnings).toEqual([])
    expect(Math.max(...tenths) / within.length, tenths.join(' ')).toBeLessThan(0.35)
  })
})
