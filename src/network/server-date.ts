import type { HttpResponse } from './http.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})'
const MONTH = `(?<month>${MONTHS.join('|')})`
const FORMS = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
]

/**
 * Milliseconds since 1970 of an HTTP date in any of its three forms (RFC 9110, section 5.6.7), undefined for anything else.
 * `now` decides the century of the form with two digits.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  for (const form of FORMS) {
    const groups = form.exec(text.trim())?.groups
    if (groups) return toTime(groups, now)
  }
  return undefined
}

function toTime(groups: Record<string, string>, now: number): number | undefined {
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((part) => Number(groups[part]))
  if (day === undefined || hour === undefined || minute === undefined || second === undefined) return undefined
  const month = MONTHS.indexOf(groups['month'] ?? '')
  const year = fullYear(groups['year'] ?? '', now)
  // A leap second is the first second of the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const time = Date.UTC(year, month, day, hour, minute, second)
  const dayAsked = new Date(Date.UTC(year, month, day))
  return dayAsked.getUTCDate() === day && dayAsked.getUTCMonth() === month ? time : undefined
}

/** A two-digit year more than 50 years ahead is in the past (RFC 9110). */
function fullYear(digits: string, now: number): number {
  if (digits.length === 4) return Number(digits)
  const thisYear = new Date(now).getUTCFullYear()
  const year = Math.floor(thisYear / 100) * 100 + Number(digits)
  return year > thisYear + 50 ? year - 100 : year
}

/** The server's clock as its `Date` header says it, in milliseconds since 1970; undefined where it does not say. */
export function serverTime(headers: HttpResponse['headers'], now: number): number | undefined {
  const date = headers['date']
  return typeof date === 'string' ? parseHttpDate(date, now) : undefined
}

/**
 * How far the server's clock is ahead of ours, in milliseconds; negative when it is behind, undefined when it does not say. The header
 * counts whole seconds and was written at some moment of the exchange, so that a difference within these bounds is 0.
 */
export function clockSkewMs(
  headers: HttpResponse['headers'],
  exchange: { readonly startedAt: number; readonly endedAt: number },
): number | undefined {
  const time = serverTime(headers, exchange.endedAt)
  if (time === undefined) return undefined
  const earliest = exchange.startedAt - 1000
  if (time < earliest) return time - earliest
  return time > exchange.endedAt ? time - exchange.endedAt : 0
}
