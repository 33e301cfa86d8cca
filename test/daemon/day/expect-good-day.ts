import { expect } from 'vitest'
import { type Day, liveADay } from './day.ts'
import type { DayOptions } from './life.ts'

/** How much of the heap may be gathered by a process between two looks, in MiB. The simulated systems keep more than that by themselves. */
const GATHERED_MIB = 4
const GROWTH_MIB = 10

/** Lives a day, tells how it was, and checks everything that must be so at its end. */
export async function expectGoodDay(options: DayOptions): Promise<Day> {
  const day = await liveADay(options)
  const { wrong, unsettled, warnings, early, late, fresh, ...counts } = day
  const said = `seed ${options.seed}: ${JSON.stringify(counts)}, heap ${[early, late, fresh].map(({ heapMiB }) => heapMiB.toFixed(1)).join(', ')} MiB`
  console.info(`${options.hours} simulated hours, ${said}`)

  expect(wrong, said).toEqual([])
  expect(unsettled, said).toEqual([])
  expect(warnings, said).toEqual([])
  expect(day.wasGuarded, said).toBe(true)
  expect(day.timersLeft, said).toBe(0)
  expect(late.timers, said).toBeLessThanOrEqual(early.timers + 1)
  expect(late.heapMiB - fresh.heapMiB, said).toBeLessThan(GATHERED_MIB)
  expect(late.heapMiB - early.heapMiB, said).toBeLessThan(GROWTH_MIB)
  expect(Object.keys(late.resources).sort(), said).toEqual(Object.keys(early.resources).sort())
  return day
}
