// Two clocks, because each of them lies in one way: the monotonic one stands still while the machine sleeps, the wall clock is set back and
// forth. Both go on while the process alone is stopped. Of two answers the one is taken that lets us write less.

/** What time it is, twice. In milliseconds. */
export interface LeaseClock {
  /** Never goes back and is never set; may stand still while the machine sleeps (Linux: CLOCK_MONOTONIC). */
  monotonicMs(): number
  wallMs(): number
}

/** A moment by both clocks. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

/** The clocks of this machine. */
export function leaseClock(now: () => Date): LeaseClock {
  return {
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    wallMs: () => now().getTime(),
  }
}

/** Now. */
export function momentOf(clock: LeaseClock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
}

/** How much time may have passed, at most as far as anybody can tell: for what is ours and ends. */
export function atMostSince(clock: LeaseClock, { monotonicMs, wallMs }: Moment): number {
  return Math.max(clock.monotonicMs() - monotonicMs, clock.wallMs() - wallMs)
}

/** How much time has surely passed: for what belongs to others and must have ended before we take it. */
export function surelySince(clock: LeaseClock, { monotonicMs }: Moment): number {
  return clock.monotonicMs() - monotonicMs
}
