import { EntraError } from './tenant.ts'

/**
 * Shares one run of `read` between all callers for as long as it does not fail; the next call after a failure reads again. Where the run ends
 * because the caller that began it gave up, whoever still waits reads for itself.
 */
export function readOnce<T>(read: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let current: Promise<T> | undefined
  return async (signal) => {
    for (;;) {
      current ??= read(signal)
      const mine = current
      try {
        return await mine
      } catch (error) {
        if (current === mine) current = undefined
        const isOfOther = error instanceof EntraError && error.code === 'Cancelled' && !signal.aborted
        if (!isOfOther) throw error
      }
    }
  }
}
