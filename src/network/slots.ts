import { abortedWhile, onAbort } from './schedule.ts'

interface Waiter {
  readonly admit: () => void
}

/**
 * Admits at most `limit` at a time, first come first served. The limit may change while callers wait; a lower one lets the running finish.
 */
export class Slots {
  #limit: number
  #running = 0
  // A Set keeps the order of arrival and lets an aborted waiter leave the middle in constant time.
  readonly #waiting = new Set<Waiter>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get limit(): number {
    return this.#limit
  }

  set limit(value: number) {
    this.#limit = value
    this.#admitWaiting()
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Resolves with the function that gives the slot back; rejects with NetworkError 'aborted' while still waiting. */
  acquire(signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortedWhile('waiting for a free slot', signal))
      const waiter: Waiter = {
        admit: () => {
          forget()
          resolve(this.#take())
        },
      }
      const forget = onAbort(signal, () => {
        this.#waiting.delete(waiter)
        reject(abortedWhile('waiting for a free slot', signal))
      })
      this.#waiting.add(waiter)
      this.#admitWaiting()
    })
  }

  #take(): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#running -= 1
      this.#admitWaiting()
    }
  }

  #admitWaiting(): void {
    for (const waiter of this.#waiting) {
      if (this.#running >= this.#limit) return
      this.#waiting.delete(waiter)
      this.#running += 1
      waiter.admit()
    }
  }
}
