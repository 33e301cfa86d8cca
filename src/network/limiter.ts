// How many requests a server may get at once is not known beforehand, so it is found out as TCP does it (additive increase,
// multiplicative decrease): every full round of successes admits one more, a sign of overload halves. Answers that were already on
// their way when the limit fell say nothing new, so that one burst of 429 halves once and not eight times.
import { NetworkError } from './http.ts'
import { pause, realSchedule, type Schedule } from './schedule.ts'
import { Slots } from './slots.ts'

/** What became of one piece of work, as far as the limiter cares. `neutral` changes nothing. */
export type Verdict = 'success' | 'overload' | 'neutral'

/** How a piece of work ended. */
export type Outcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown }

export interface AdaptiveLimiterOptions {
  readonly initial: number
  readonly maximum: number
  /** 1 where absent. */
  readonly minimum?: number
  /** `judgeAnswer` where absent. */
  readonly judge?: (outcome: Outcome) => Verdict
  readonly schedule?: Schedule
}

/** A snapshot for progress lines and metrics. `limit` is a whole number. */
export interface LimiterState {
  readonly limit: number
  readonly running: number
  readonly waiting: number
  /** How often the limit was halved. */
  readonly decreases: number
  readonly paused: boolean
}

/** Runs work with a concurrency that follows the server: fair (first come, first served), cancellable, inspectable. */
export interface AdaptiveLimiter {
  /** Runs the work as soon as there is room. Rejects with NetworkError 'aborted' when the signal fires before it began. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /**
   * Admits nothing new for this long, for example after a Retry-After; running work goes on. Of several pauses the last to end counts.
   * The signal calls the pause off.
   */
  pause(delayMs: number, signal?: AbortSignal): void
  state(): LimiterState
}

/** Creates an adaptive limiter. Throws RangeError unless 1 <= minimum <= initial <= maximum, all whole numbers. */
export function createAdaptiveLimiter(options: AdaptiveLimiterOptions): AdaptiveLimiter {
  const { initial, maximum, minimum = 1, judge = judgeAnswer, schedule = realSchedule } = options
  if (![minimum, initial, maximum].every(Number.isInteger) || minimum < 1 || initial < minimum || maximum < initial) {
    throw new RangeError('a limiter needs whole numbers with 1 <= minimum <= initial <= maximum')
  }
  const slots = new Slots(initial)
  let limit = initial
  let decreases = 0
  let pauses = 0

  function apply(): void {
    slots.limit = pauses > 0 ? 0 : Math.floor(limit)
  }

  function isFull(): boolean {
    return slots.running >= Math.floor(limit)
  }

  /** A success says that the limit holds only where the limit was used. */
  function learn(verdict: Verdict, startedAt: number, wasFull: boolean): void {
    if (verdict === 'overload' && startedAt === decreases) {
      decreases += 1
      limit = Math.max(minimum, Math.floor(limit / 2))
    } else if (verdict === 'success' && wasFull) {
      limit = Math.min(maximum, limit + 1 / Math.floor(limit))
    }
    apply()
  }

  return {
    async run(work, signal) {
      const release = await slots.acquire(signal)
      const startedAt = decreases
      const beganFull = isFull()
      const outcome = await settle(work)
      learn(judge(outcome), startedAt, beganFull || isFull())
      release()
      if (outcome.ok) return outcome.value
      throw outcome.error
    },
    pause(delayMs, signal) {
      pauses += 1
      apply()
      const resume = () => {
        pauses -= 1
        apply()
      }
      pause(delayMs, signal, schedule).then(resume, resume)
    },
    state() {
      return {
        limit: Math.floor(limit),
        running: slots.running,
        waiting: slots.waiting,
        decreases,
        paused: pauses > 0,
      }
    },
  }
}

/**
 * The verdict on an HttpResponse, or on an error with a `status` of its own: 429 and 503 are overload, as is a NetworkError 'timeout';
 * other errors say nothing about load.
 */
export function judgeAnswer(outcome: Outcome): Verdict {
  const status = statusOf(outcome.ok ? outcome.value : outcome.error)
  if (status === 429 || status === 503) return 'overload'
  if (outcome.ok) return 'success'
  return outcome.error instanceof NetworkError && outcome.error.failure === 'timeout' ? 'overload' : 'neutral'
}

function statusOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'status' in value ? value.status : undefined
}

/** Runs the work and gives its end as a value. */
export async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, error }
  }
}
