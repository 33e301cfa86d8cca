// Several callers may want the same set at the same time; it is read once. The read belongs to all of them: it ends early only when
// the last one gave up.
import { onAbort } from '../../network/schedule.ts'
import { CrmError } from '../organization.ts'

/** A read that callers share. Rejects with CrmError `Cancelled` for a caller whose signal aborts, while the others go on. */
export type Shared<T> = (signal: AbortSignal) => Promise<T>

/** Shares one run of `read` between all callers for as long as it is not failed; the next call after a failure reads again. */
export function shareRead<T>(read: (signal: AbortSignal) => Promise<T>): Shared<T> {
  let current: Run<T> | undefined

  function begin(): Run<T> {
    const controller = new AbortController()
    const run: Run<T> = { promise: read(controller.signal), controller, waiting: 0, done: false }
    run.promise.then(
      () => {
        run.done = true
      },
      () => {
        run.done = true
        if (current === run) current = undefined
      },
    )
    return run
  }

  return async (signal) => {
    if (signal.aborted) throw cancelled(signal)
    current ??= begin()
    const mine = current
    mine.waiting += 1
    try {
      return await orAborted(mine.promise, signal)
    } finally {
      mine.waiting -= 1
      if (mine.waiting === 0 && !mine.done) {
        if (current === mine) current = undefined
        mine.controller.abort(signal.reason)
      }
    }
  }
}

interface Run<T> {
  readonly promise: Promise<T>
  readonly controller: AbortController
  waiting: number
  done: boolean
}

function cancelled(signal: AbortSignal): CrmError {
  return new CrmError('Cancelled', 'the read was cancelled', { cause: signal.reason })
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(cancelled(signal)))
    promise.then(resolve, reject).finally(forget)
  })
}
