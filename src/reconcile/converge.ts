// Waiting, from outside: passes are repeated until nothing more is to be done and no result is outstanding. A pass itself never waits.
import type { PassResult } from './contract.ts'
import { type Settlement, settlementOf } from './settlement.ts'

/** Passes in a row that could not read everything before waiting for it is given up. */
const UNCLEAR_PASSES = 3

/** What repeating passes needs. Times are in milliseconds. */
export interface ConvergeInput {
  readonly pass: () => Promise<readonly PassResult[]>
  /** Default: `settlementOf`. */
  readonly settlement?: (results: readonly PassResult[]) => Settlement
  /** Resolves after the time, or rejects when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly intervalMs: number
  readonly deadlineMs: number
  readonly now: () => Date
  readonly signal: AbortSignal
  /** After each pass. */
  readonly onPass?: (results: readonly PassResult[], settlement: Settlement) => void
}

/** How repeating ended. `unclear`: part of the state could not be read several times in a row. */
export interface Converged {
  readonly end: 'settled' | 'deadline' | 'unclear' | 'cancelled'
  readonly passes: number
  /** Of the last pass. */
  readonly results: readonly PassResult[]
}

/** Repeats passes until they settle, the deadline is over or the signal aborts. There is always at least one pass. */
export async function converge(input: ConvergeInput): Promise<Converged> {
  const { pass, settlement = settlementOf, wait, intervalMs, deadlineMs, now, signal, onPass } = input
  const until = now().getTime() + deadlineMs
  let unclear = 0
  for (let passes = 1; ; passes += 1) {
    const results = await pass()
    const state = settlement(results)
    onPass?.(results, state)
    unclear = state === 'unclear' ? unclear + 1 : 0
    const end = endOf(state)
    if (end) return { end, passes, results }
    try {
      await wait(Math.min(intervalMs, until - now().getTime()), signal)
    } catch (error) {
      if (!signal.aborted) throw error
      return { end: 'cancelled', passes, results }
    }
  }

  function endOf(state: Settlement): Converged['end'] | undefined {
    if (signal.aborted) return 'cancelled'
    if (state === 'settled') return 'settled'
    if (unclear >= UNCLEAR_PASSES) return 'unclear'
    return now().getTime() >= until ? 'deadline' : undefined
  }
}
