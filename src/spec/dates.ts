/** CRM stores no date before this one. */
const EARLIEST = '1900-01-01'

/** Why a day such as 2026-02-30 is none, or undefined. */
export function dayFault(day: string | undefined): string | undefined {
  if (day === undefined) return undefined
  if (!isDay(day)) return `${day} is no day of the calendar`
  return day < EARLIEST ? `${day} is before ${EARLIEST}, the first day CRM can store` : undefined
}

/** Why a date and time is none, or undefined. */
export function timeFault(time: string | undefined): string | undefined {
  if (time === undefined) return undefined
  const day = dayFault(time.slice(0, 10))
  if (day !== undefined) return day
  return Number.isNaN(Date.parse(time)) ? `${time} is no time of the day` : undefined
}

/** Why the end of something, a day or a time with its zone, is none; or undefined. */
export function endFault(until: string | undefined): string | undefined {
  return until?.includes('T') ? timeFault(until) : dayFault(until)
}

/** A date and time with its zone as the same moment in UTC, such as 2026-11-01T00:00:00Z. */
export function inUtc(time: string): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

function isDay(day: string): boolean {
  const moment = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(moment) && new Date(moment).toISOString().slice(0, 10) === day
}
