// Timers are passed in, so that tests decide when time passes.
import { setMaxListeners } from 'node:events'
import { NetworkError } from './http.ts'

/** Calls `fire` once after `delayMs`; the returned function calls it off. */
export type Schedule = (delayMs: number, fire: () => void) => () => void

/** Node's timers hold 31 bits; a longer delay would fire at once. */
const MAXIMUM_DELAY_MS = 2 ** 31 - 1

/** The real timers. */
export function realSchedule(delayMs: number, fire: () => void): () => void {
  const timer = setTimeout(fire, Math.min(Math.max(delayMs, 0), MAXIMUM_DELAY_MS))
  return () => clearTimeout(timer)
}

/** Waits `delayMs`, or rejects with NetworkError 'aborted' as soon as the signal fires. Leaves no listener and no timer behind. */
export function pause(delayMs: number, signal?: AbortSignal, schedule: Schedule = realSchedule): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortedWhile('waiting', signal))
    const callOff = schedule(delayMs, () => {
      forget()
      resolve()
    })
    const forget = onAbort(signal, () => {
      callOff()
      reject(abortedWhile('waiting', signal))
    })
  })
}

/**
 * Calls back once when the signal fires; the returned function forgets about it. A pass hangs hundreds of waits on one signal, which is no
 * leak, so Node's warning about many listeners is switched off for it.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal) return () => {}
  setMaxListeners(0, signal)
  signal.addEventListener('abort', callback, { once: true })
  return () => signal.removeEventListener('abort', callback)
}

/** The error of a wait that the caller's signal ended before anything was sent. */
export function abortedWhile(doing: string, signal: AbortSignal | undefined): NetworkError {
  return new NetworkError('aborted', false, `aborted while ${doing}`, { cause: signal?.reason })
}
