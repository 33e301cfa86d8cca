// A repeat is never the network's own idea: only who knows that a second time does no harm may ask for it.
import type { HttpResponse, NetworkFailure } from './http.ts'
import { NetworkError } from './http.ts'
import { type Outcome, settle } from './limiter.ts'
import { parseRetryAfter } from './retry-after.ts'

/** Milliseconds to wait after the attempt of this number, counted from 1. */
export type BackOff = (attempt: number) => number

export interface BackOffOptions {
  readonly baseMs: number
  readonly maximumMs: number
  /** From 0 up to, not including, 1, like Math.random. */
  readonly random: () => number
}

/** Waits that double up to a maximum, each drawn from its upper half so that clients that failed together do not return together. */
export function createBackOff({ baseMs, maximumMs, random }: BackOffOptions): BackOff {
  return (attempt) => {
    const ceiling = Math.min(maximumMs, baseMs * 2 ** Math.max(attempt - 1, 0))
    return Math.round(ceiling / 2 + (random() * ceiling) / 2)
  }
}

/** That an outcome is worth another attempt; `afterMs` is the least wait, as the server asked for it. */
export interface Again {
  readonly reason: string
  readonly afterMs?: number | undefined
}

/** What is shown while a repeat waits, so that an endless throttle is seen and not just felt. */
export interface Waiting {
  /** The attempt that just failed, counted from 1. */
  readonly attempt: number
  readonly waitMs: number
  readonly elapsedMs: number
  readonly reason: string
}

/** How often, how long and on what to repeat. */
export interface RepeatPolicy<T> {
  /** All attempts, the first included. */
  readonly attempts: number
  /** No attempt begins later than this after the first began. */
  readonly totalMs: number
  readonly backOff: BackOff
  readonly now: () => number
  /** Waits, and rejects when the signal fires. `pause` of schedule.ts in real life. */
  readonly wait: (delayMs: number, signal?: AbortSignal) => Promise<void>
  readonly signal?: AbortSignal | undefined
  /** Undefined where the outcome is final. */
  readonly again: (outcome: Outcome<T>, now: number) => Again | undefined
  readonly onWait?: (waiting: Waiting) => void
}

/** What an attempt is told. `remainingMs` is what is left of the total; use it to bound the attempt's own deadline. */
export interface Attempt {
  readonly attempt: number
  readonly remainingMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Runs work that does no harm when it is done twice, again and again until its outcome is final, the attempts are used up or the next
 * wait would pass the total. The last outcome is the outcome: its value is returned, its error thrown. An abort while waiting throws
 * what `wait` throws.
 */
export async function repeatable<T>(work: (attempt: Attempt) => Promise<T>, policy: RepeatPolicy<T>): Promise<T> {
  const startedAt = policy.now()
  for (let attempt = 1; ; attempt += 1) {
    const remainingMs = Math.max(0, startedAt + policy.totalMs - policy.now())
    const outcome = await settle(() => work({ attempt, remainingMs, signal: policy.signal }))
    const waiting = nextWait(outcome, attempt, startedAt, policy)
    if (!waiting) {
      if (outcome.ok) return outcome.value
      throw outcome.error
    }
    policy.onWait?.(waiting)
    await policy.wait(waiting.waitMs, policy.signal)
  }
}

function nextWait<T>(
  outcome: Outcome<T>,
  attempt: number,
  startedAt: number,
  policy: RepeatPolicy<T>,
): Waiting | undefined {
  if (attempt >= policy.attempts || policy.signal?.aborted) return undefined
  const now = policy.now()
  const again = policy.again(outcome, now)
  if (!again) return undefined
  const waitMs = Math.max(policy.backOff(attempt), again.afterMs ?? 0)
  const elapsedMs = now - startedAt
  if (elapsedMs + waitMs >= policy.totalMs) return undefined
  return { attempt, waitMs, elapsedMs, reason: again.reason }
}

const PASSING_STATUS: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])
const PASSING_FAILURES: ReadonlySet<NetworkFailure> = new Set([
  'timeout',
  'reset',
  'refused',
  'unresolved',
  'proxy',
  'truncated',
])

/** `again` for plain exchanges: repeats 408, 429, 502, 503, 504 (after their Retry-After) and failures that pass by themselves. */
export function againAfterExchange(outcome: Outcome<HttpResponse>, now: number): Again | undefined {
  if (outcome.ok) {
    const { status, headers } = outcome.value
    if (!PASSING_STATUS.has(status)) return undefined
    return { reason: `HTTP ${status}`, afterMs: parseRetryAfter(headers['retry-after'], now, headers['date']) }
  }
  const { error } = outcome
  if (!(error instanceof NetworkError) || !PASSING_FAILURES.has(error.failure)) return undefined
  return { reason: error.failure }
}
