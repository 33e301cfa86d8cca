import { UsageError } from '../compose/usage-error.ts'
import { endFault } from '../spec/dates.ts'
import { parseDuration } from '../spec/duration.ts'

const END = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))?$/
const DURATION = /^\d{1,6}[mhd]$/
const MINUTE_MS = 60_000
/** No file holds a year of five digits. */
const LATEST_MS = Date.parse('9999-12-31T23:59:00Z')

/** The end that a person gave: a day or a time as it is written in a spec; a duration such as 8h from now, to the minute. Throws UsageError. */
export function endOf(text: string, now: Date): string {
  const ms = DURATION.test(text) ? now.getTime() + parseDuration(text) : undefined
  if (ms !== undefined && ms <= LATEST_MS) return minute(ms)
  const fault = END.test(text) ? endFault(text) : 'it takes a day (2026-12-01), a time (2026-12-01T06:00:00Z) or 8h, 3d'
  if (fault !== undefined) throw new UsageError(`--until cannot be "${text}": ${fault}`)
  if (Date.parse(text) <= now.getTime())
    throw new UsageError(`--until ${text} is over already; it is ${minute(now.getTime())}`)
  return text
}

function minute(ms: number): string {
  return `${new Date(Math.ceil(ms / MINUTE_MS) * MINUTE_MS).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length)}:00Z`
}
