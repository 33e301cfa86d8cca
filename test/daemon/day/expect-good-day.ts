import { expect } from 'vitest'
import { type Day, type DayOptions, liveADay } from './day.ts'

/** How much the heap may grow between the two looks, in MiB: what the simulated organizations and the journals of the day hold. */
const GROWTH_MIB = 6

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
  expect(late.heapMiB - early.heapMiB, said).toBeLessThan(GROWTH_MIB)
  return day
}
