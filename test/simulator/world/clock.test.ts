import { describe, expect, test } from 'vitest'
import { createClock, dateText } from '../../../src/simulator/world/clock.ts'

describe('clock', () => {
  test('a manual clock moves only when told', () => {
    const clock = createClock(1000, 'manual')

    clock.advance(500)

    expect(clock.nowMs()).toBe(1500)
  })

  test('with a speed the simulated time runs so many times as fast as the real time', () => {
    let realMs = 70_000
    const clock = createClock(1000, { speed: 60, realTimeMs: () => realMs })

    realMs += 2000
    clock.advance(5)

    expect(clock.nowMs()).toBe(1000 + 120_000 + 5)
  })

  test('time stands still while frozen and catches up afterwards', () => {
    let realMs = 0
    const clock = createClock(0, { speed: 1, realTimeMs: () => realMs })

    const seen = clock.frozen(() => {
      realMs = 900
      return [clock.nowMs(), clock.frozen(() => clock.nowMs()), clock.at(5, () => clock.nowMs())]
    })

    expect(seen).toEqual([0, 0, 5])
    expect(clock.nowMs()).toBe(900)
  })

  test('setting continues from that moment', () => {
    let realMs = 10
    const clock = createClock(0, { speed: 2, realTimeMs: () => realMs })

    clock.set(1_000_000)
    realMs += 5

    expect(clock.nowMs()).toBe(1_000_010)
  })

  test('moments are written in UTC with whole seconds', () => {
    expect(dateText(Date.UTC(2026, 10, 23, 8, 0, 0, 999))).toBe('2026-11-23T08:00:00Z')
  })
})
