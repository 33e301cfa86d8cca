/**
 * How the simulated time runs: only by `advance`, or `speed` times as fast as the real time that is passed in; or the clock of another
 * organization.
 */
export type ClockOptions = 'manual' | { readonly speed: number; readonly realTimeMs: () => number } | Clock

/** The clock of a simulated organization, in milliseconds since 1970. */
export interface Clock {
  nowMs(): number
  /** Now as the server writes it. */
  nowText(): string
  advance(ms: number): void
  set(ms: number): void
  /** Runs `work` while time stands still, so that a request sees one moment. */
  frozen<T>(work: () => T): T
  /** Runs `work` as if it were `ms`. */
  at<T>(ms: number, work: () => T): T
}

/** A clock that shows `startMs` now. */
export function createClock(startMs: number, options: Exclude<ClockOptions, Clock>): Clock {
  const elapsedMs = options === 'manual' ? () => 0 : realElapsed(options.realTimeMs, options.speed)
  let offsetMs = startMs
  let frozenAtMs: number | undefined
  function standingAt<T>(ms: number, work: () => T): T {
    const before = frozenAtMs
    frozenAtMs = ms
    try {
      return work()
    } finally {
      frozenAtMs = before
    }
  }
  const nowMs = () => frozenAtMs ?? offsetMs + elapsedMs()
  let lastText = { ms: Number.NaN, text: '' }
  function nowText(): string {
    const ms = nowMs()
    if (lastText.ms !== ms) lastText = { ms, text: dateText(ms) }
    return lastText.text
  }
  return {
    nowMs,
    nowText,
    advance(ms) {
      offsetMs += ms
    },
    set(ms) {
      offsetMs += ms - (offsetMs + elapsedMs())
    },
    frozen: (work) => (frozenAtMs === undefined ? standingAt(nowMs(), work) : work()),
    at: standingAt,
  }
}

function realElapsed(realTimeMs: () => number, speed: number): () => number {
  const startedAtMs = realTimeMs()
  return () => (realTimeMs() - startedAtMs) * speed
}

/** A moment as the server writes it: UTC, whole seconds. */
export function dateText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
