// Timers are passed in, so that tests decide when time passes.

/** Calls `fire` once after `delayMs`; the returned function calls it off. */
export type Schedule = (delayMs: number, fire: () => void) => () => void

/** The real timers. */
export function realSchedule(delayMs: number, fire: () => void): () => void {
  const timer = setTimeout(fire, delayMs)
  return () => clearTimeout(timer)
}
