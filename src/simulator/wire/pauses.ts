/** Waits that can be cut short together, so that closing leaves no timer behind. */
export interface Pauses {
  /** Resolves after so many milliseconds, at once for 0, and when everything is cancelled. */
  wait(ms: number): Promise<void>
  cancel(): void
}

/** Waits by real time. */
export function createPauses(): Pauses {
  const pending = new Map<NodeJS.Timeout, () => void>()
  let cancelled = false
  return {
    wait(ms) {
      if (ms <= 0 || cancelled) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          pending.delete(timer)
          resolve()
        }, ms)
        pending.set(timer, resolve)
      })
    },
    cancel() {
      cancelled = true
      for (const [timer, resolve] of pending) {
        clearTimeout(timer)
        resolve()
      }
      pending.clear()
    },
  }
}
