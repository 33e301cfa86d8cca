// What makes a loop look again. A wake says only that there may be something to do: any number of them before the loop comes by are one, and
// one that comes while the loop works is not lost.
import type { Machine } from '../../machine.ts'

/** Wakes a loop. */
export interface Trigger {
  wake(): void
  /** Resolves after the time, or once it was woken since the last wait ended, or when the signal fires. Never throws for any of these. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Counts the loops that are at work, so that a test can tell when nothing moves any more. */
export interface Activity {
  /** The returned function, called once, ends it. */
  begin(): () => void
  /** Loops at work. */
  working(): number
}

/** Whoever sleeps longer looks at the clock in between; timers of Node do not hold for more than 24 days. */
const LONGEST_MS = 86_400_000

/** A trigger on the clock of this machine. */
export function createTrigger({ sleep }: Pick<Machine, 'sleep'>): Trigger {
  let pending = false
  let rouse: (() => void) | undefined
  return {
    wake() {
      pending = true
      rouse?.()
    },
    async wait(ms, signal) {
      if (!pending && !signal.aborted) {
        const timer = new AbortController()
        rouse = () => timer.abort()
        signal.addEventListener('abort', rouse)
        try {
          await sleep(Math.min(Math.max(ms, 0), LONGEST_MS), timer.signal)
        } catch (error) {
          if (!timer.signal.aborted) throw error
        } finally {
          signal.removeEventListener('abort', rouse)
          rouse = undefined
        }
      }
      pending = false
    },
  }
}

/** Nobody is at work yet. */
export function createActivity(): Activity {
  let count = 0
  return {
    begin() {
      count += 1
      let isOver = false
      return () => {
        if (!isOver) count -= 1
        isOver = true
      }
    },
    working: () => count,
  }
}
