import type { Schedule } from '../../src/network/schedule.ts'

/** Time that passes only when the test says so. */
export interface ManualTime {
  readonly schedule: Schedule
  readonly now: () => number
  /** Timers not yet fired or called off. */
  pending(): number
  advance(ms: number): Promise<void>
}

/** Creates a clock at 0 with its own timers. */
export function manualTime(): ManualTime {
  let now = 0
  const timers = new Set<{ at: number; fire: () => void }>()
  return {
    schedule(delayMs, fire) {
      const timer = { at: now + delayMs, fire }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    now: () => now,
    pending: () => timers.size,
    async advance(ms) {
      const until = now + ms
      await settled()
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= until).sort((one, other) => one.at - other.at)[0]
        if (!due) break
        now = Math.max(now, due.at)
        timers.delete(due)
        due.fire()
        await settled()
      }
      now = until
      await settled()
    },
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
