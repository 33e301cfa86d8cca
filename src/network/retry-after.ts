import { parseHttpDate } from './server-date.ts'

/** No server makes us wait longer than this for one repeat; whoever waits has a total deadline anyway. */
export const MAXIMUM_RETRY_AFTER_MS = 15 * 60_000

/**
 * The wait a `Retry-After` header asks for, in milliseconds from now: between 0 and MAXIMUM_RETRY_AFTER_MS, undefined when the header is
 * absent or says nothing. Takes seconds, seconds with a fraction (`2.128`, as Dynamics 365 sends them) and HTTP dates; a date is measured
 * against the server's own `Date` header where that is given, because the server's clock need not be ours.
 */
export function parseRetryAfter(
  header: string | readonly string[] | undefined,
  now: number,
  serverDate?: string | readonly string[] | undefined,
): number | undefined {
  const text = first(header)?.trim()
  if (!text) return undefined
  const waitMs = /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) * 1000 : untilDate(text, now, first(serverDate))
  if (waitMs === undefined || Number.isNaN(waitMs)) return undefined
  return Math.ceil(Math.min(Math.max(waitMs, 0), MAXIMUM_RETRY_AFTER_MS))
}

function untilDate(text: string, now: number, serverDate: string | undefined): number | undefined {
  const until = parseHttpDate(text, now)
  if (until === undefined) return undefined
  const from = serverDate === undefined ? undefined : parseHttpDate(serverDate, now)
  return until - (from ?? now)
}

function first(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
