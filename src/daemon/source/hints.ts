import type { Machine } from '../../machine.ts'

/** Word that there may be something new, for whoever listens. */
export interface Hints {
  hint(): void
  onHint(listener: () => void): () => void
  close(): void
}

const TOGETHER_MS = 250

/** Hints that come together become one call, a moment after the first. */
export function createHints({ sleep }: Pick<Machine, 'sleep'>): Hints {
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  let isWaiting = false
  async function tellSoon(): Promise<void> {
    await sleep(TOGETHER_MS, closing.signal)
    isWaiting = false
    for (const listener of [...listeners]) listener()
  }
  return {
    hint() {
      if (isWaiting || closing.signal.aborted) return
      isWaiting = true
      tellSoon().catch(() => {
        isWaiting = false
      })
    },
    onHint(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      closing.abort()
      listeners.clear()
    },
  }
}
