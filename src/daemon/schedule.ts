// When a scope is looked at again. Nothing waits inside a pass: results that are outstanding, and failures that may be over, are met by
// coming back.
import type { ObjectConditions } from '../engine/index.ts'
import { READY_SOON } from '../reconcile/conditions.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { settlementOf } from '../reconcile/settlement.ts'
import { parseDuration } from '../spec/duration.ts'
import type { Configuration } from '../spec/generated/types.ts'

/** The times of the loop in milliseconds. */
export interface LoopTimes {
  readonly intervalMs: number
  /** 0 to 50. */
  readonly jitterPercent: number
  readonly settleEveryMs: number
  readonly maximumBackOffMs: number
  readonly shutdownTimeoutMs: number
  readonly staleAfterMs: number
}

/** The times as a configuration says them. */
export function loopTimes({ loop }: Pick<Configuration['spec'], 'loop'>): LoopTimes {
  const intervalMs = parseDuration(loop.interval)
  return {
    intervalMs,
    jitterPercent: loop.jitterPercent,
    settleEveryMs: parseDuration(loop.settleEvery),
    maximumBackOffMs: parseDuration(loop.maximumBackOff),
    shutdownTimeoutMs: parseDuration(loop.shutdownTimeout),
    // What is looked at in every interval must not be stale before the next one.
    staleAfterMs: Math.max(parseDuration(loop.staleAfter), 2 * intervalMs),
  }
}

/** What is remembered from pass to pass to find the pace. */
export interface Pace {
  /** Passes in a row that came to nothing. */
  readonly failures: number
  /** Passes in a row that met the same outstanding results, and how many results these were. */
  readonly unchanged: number
  readonly outstanding: number
  /** Where it came to rest: when the next pass was due, in milliseconds since 1970. */
  readonly dueAt?: number
}

/** The pace of a scope that was never looked at. */
export const FIRST_PACE: Pace = { failures: 0, unchanged: 0, outstanding: 0 }

/** When to come back, and why then. */
export interface Next {
  readonly delayMs: number
  readonly pace: Pace
  readonly because: 'Failure' | 'Settling' | 'Interval'
}

/** When to come back after a pass. `random` gives 0 to 1. */
export function nextPass(
  result: PassResult,
  conditions: readonly ObjectConditions[],
  before: Pace,
  times: LoopTimes,
  random: () => number,
): Next {
  if (hasFailed(result)) return afterFailure(before, times, random)
  if (settlementOf([result], () => conditions) !== 'waiting') {
    const delayMs = restMs(result, before, times, random)
    const dueAt = Date.parse(result.finishedAt) + delayMs
    return { delayMs, pace: { ...FIRST_PACE, dueAt }, because: 'Interval' }
  }
  const outstanding = conditions.filter(({ ready }) => READY_SOON.has(ready.code)).length
  const isSame = outstanding === before.outstanding && (result.outcomes ?? []).length === 0
  const unchanged = isSame ? before.unchanged + 1 : 0
  // Tests that never end must not be asked for several times a minute for ever.
  const delayMs = Math.min(times.settleEveryMs * 2 ** Math.max(0, unchanged - PATIENT_PASSES), times.intervalMs)
  return { delayMs, pace: { failures: 0, unchanged, outstanding }, because: 'Settling' }
}

/**
 * What makes many scopes pass at once (a start, a commit, a trust that changed) must not have them pass at once for ever: whoever did not
 * come by his own time draws a new one within the interval.
 */
function restMs(
  { startedAt }: PassResult,
  { dueAt = Number.POSITIVE_INFINITY }: Pace,
  { intervalMs, jitterPercent }: LoopTimes,
  random: () => number,
): number {
  const cameByItself = Date.parse(startedAt) >= dueAt
  return cameByItself ? spread(intervalMs, jitterPercent, random) : intervalMs * (SOONEST + (1 - SOONEST) * random())
}

/** Share of the interval that passes at least. */
const SOONEST = 0.1

/** Passes that find nothing new before the loop slows down: CRM takes some minutes for a test. */
const PATIENT_PASSES = 15

/** When to come back where there was not even a pass. */
export function afterFailure(before: Pace, times: LoopTimes, random: () => number): Next {
  const failures = before.failures + 1
  return {
    delayMs: backOff(failures, Math.min(times.settleEveryMs, times.intervalMs), times.maximumBackOffMs, random),
    pace: { ...FIRST_PACE, failures },
    because: 'Failure',
  }
}

/** Grows from `firstMs` to `maximumMs` by doubling, spread over the upper half. `failures` counts from 1. */
export function backOff(failures: number, firstMs: number, maximumMs: number, random: () => number): number {
  const full = Math.min(maximumMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return full / 2 + (full / 2) * random()
}

/** A time, give or take a share of it. */
export function spread(ms: number, percent: number, random: () => number): number {
  return ms * (1 + (percent / 100) * (2 * random() - 1))
}

/** The pass did not end, could not read everything, or was refused what it wrote. */
function hasFailed({ failure, plan, outcomes = [] }: PassResult): boolean {
  return (
    failure !== undefined ||
    plan.stages.some(({ incomplete }) => incomplete !== undefined) ||
    outcomes.some(({ result }) => result === 'Failed' || result === 'Unknown')
  )
}
