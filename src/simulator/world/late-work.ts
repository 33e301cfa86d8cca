import { CrmFault } from '../world.ts'
import { EventQueue } from './event-queue.ts'

/** Work that takes effect some simulated time after it was asked for. */
export interface LateWork {
  add(atMs: number, work: () => void): void
  nextAtMs(): number | undefined
  /** Does what is due until now, each at its moment, in order; refusals are lost, as nobody waits for them any more. */
  settle(nowMs: number, at: (ms: number, work: () => void) => void): void
}

/** Nothing to do yet. */
export function createLateWork(): LateWork {
  const queue = new EventQueue<{ readonly atMs: number; readonly order: number; readonly work: () => void }>()
  let order = 0
  return {
    add(atMs, work) {
      order += 1
      queue.push({ atMs, order, work })
    },
    nextAtMs: () => queue.peek()?.atMs,
    settle(nowMs, at) {
      for (let next = queue.peek(); next !== undefined && next.atMs <= nowMs; next = queue.peek()) {
        const { atMs, work } = next
        queue.pop()
        at(atMs, () => withoutRefusal(work))
      }
    },
  }
}

function withoutRefusal(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof CrmFault)) throw error
  }
}
