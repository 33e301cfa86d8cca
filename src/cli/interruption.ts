import type { Machine } from '../machine.ts'
import { EXIT_INTERRUPTED_TWICE } from './exit-codes.ts'

/**
 * Runs work that can be stopped. The first Ctrl-C (or request to end) fires the signal: what is under way is finished and written
 * down. The second ends the process at once.
 */
export async function interruptible<T>(
  machine: Machine,
  onFirst: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const stop = machine.onInterrupt(() => {
    if (controller.signal.aborted) machine.exit(EXIT_INTERRUPTED_TWICE)
    machine.errors.write(`\n${onFirst}\n`)
    controller.abort(new Interrupted())
  })
  try {
    return await work(controller.signal)
  } finally {
    stop()
  }
}

/** Why a signal fired: a person stopped the run. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}
