// When change windows open. The only place that reads cron; loaded only where a configuration has windows.
import { Cron } from 'croner'
import { parseDuration } from '../duration.ts'
import type { ChangeWindow } from '../generated/types.ts'

/** When one window opens, and for how long. */
export interface Schedule {
  readonly name: string
  readonly timeZone: string
  readonly openForMs: number
  /** The last opening at or before a moment; undefined where there was none. */
  lastOpening(at: Date): Date | undefined
  /** The first opening after a moment; undefined where there is none. */
  nextOpening(at: Date): Date | undefined
}

/** What is wrong with a window: the field, and a sentence about it. */
export interface WindowFault {
  readonly field: 'opens' | 'for' | 'timeZone'
  readonly message: string
}

/**
 * The schedule of a window. A time that daylight saving leaves out opens at the first moment after the gap, one that comes twice opens once,
 * and `for` is time that goes by. Throws where `windowFault` has something to say.
 */
export function scheduleOf({ name, opens, for: openFor, timeZone }: ChangeWindow): Schedule {
  // The rule of Vixie cron: hours that are lists or ranges are fixed times too.
  const cron = new Cron(opens, { mode: '5-part', timezone: timeZone, paused: true, fixedTimeRule: 'no-wildcard' })
  return {
    name,
    timeZone,
    openForMs: parseDuration(openFor),
    // Openings are at whole minutes, and croner looks strictly before what it is given.
    lastOpening: (at) => cron.previousRuns(1, new Date(Math.floor(at.getTime() / 1000) * 1000 + 1000))[0],
    nextOpening: (at) => cron.nextRun(at) ?? undefined,
  }
}

/** Why a window cannot be, or undefined where it can. */
export function windowFault(window: ChangeWindow, now: Date): WindowFault | undefined {
  const { opens, for: openFor, timeZone } = window
  if (!isTimeZone(timeZone)) {
    return { field: 'timeZone', message: 'there is no such time zone; write one such as Europe/Berlin, or UTC' }
  }
  if (parseDuration(openFor) < SHORTEST_MS) {
    return { field: 'for', message: 'a window is open for a minute at least, such as 4h' }
  }
  try {
    if (scheduleOf(window).nextOpening(now)) return undefined
    return { field: 'opens', message: `\`${opens}\` names no day that comes` }
  } catch {
    const message = `\`${opens}\` is not five fields of cron: minute, hour, day of the month, month, day of the week, such as 0 20 * * 1-5`
    return { field: 'opens', message }
  }
}

const SHORTEST_MS = 60_000

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}
