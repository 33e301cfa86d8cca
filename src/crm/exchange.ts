// One identity talking to one organization: every request goes through the shared limiter, carries the identity, and gets one second
// chance when the server does not accept it. What is repeated beyond that is decided by who knows whether a repeat does harm: reads
// here, writes in write/.
import { againAfterExchange, createBackOff, repeatable } from '../network/back-off.ts'
import { type HttpClient, type HttpRequest, type HttpResponse, NetworkError } from '../network/http.ts'
import type { AdaptiveLimiter } from '../network/limiter.ts'
import { parseRetryAfter } from '../network/retry-after.ts'
import { abortedWhile } from '../network/schedule.ts'
import type { Authenticator } from './authentication.ts'
import type { OnEvent } from './events.ts'
import { CrmError } from './organization.ts'
import { type Body, readBody } from './wire/body.ts'
import { concealed } from './wire/conceal.ts'
import { fromNetworkError, isSignIn, toCrmError } from './wire/errors.ts'
import { COMMON_HEADERS } from './wire/headers.ts'
import type { ServiceRoot } from './wire/service-root.ts'

/** What an exchange needs from outside. */
export interface ExchangeOptions {
  readonly http: HttpClient
  readonly root: ServiceRoot
  readonly authenticator: Authenticator
  readonly limiter: AdaptiveLimiter
  readonly now: () => Date
  readonly random: () => number
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
  /** How long repeats of one request may go on. */
  readonly patienceMs: number
  readonly onEvent: OnEvent
}

/** A request. `path` begins behind `/api/data/`, for example `v9.1/WhoAmI()`. */
export interface Outgoing {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Secrets in the body: taken out of the answer, should the server repeat them. */
  readonly secrets?: readonly string[]
}

/** An answer whose body was looked at. */
export interface Received {
  readonly response: HttpResponse
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly body: Body
  /** Milliseconds since 1970, by our clock. */
  readonly startedAt: number
  readonly endedAt: number
}

/** Patience that several requests share: what one of them waited is gone for the others. */
export interface Budget {
  leftMs: number
}

/** Sends requests as one identity. */
export interface Exchange {
  readonly options: ExchangeOptions
  /** Sends once (a refused identity is refreshed once) and gives the answer whatever its status. Throws NetworkError or CrmError. */
  once(outgoing: Outgoing, signal: AbortSignal): Promise<HttpResponse>
  /**
   * Reads: repeats what passes by itself within the patience, or within what is left of the budget. Gives the answer whatever its status;
   * throws CrmError.
   */
  read(outgoing: Outgoing, doing: string, signal: AbortSignal, budget?: Budget): Promise<Received>
  /** As `read`, and gives the JSON of a 2xx answer; everything else is a CrmError. */
  json(outgoing: Outgoing, doing: string, signal: AbortSignal): Promise<unknown>
}

const READ_ATTEMPTS = 6
const BACK_OFF = { baseMs: 500, maximumMs: 30_000 } as const

/** Creates an exchange. Throws CrmError `Invalid` where the identity must not be used with this server. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { root, authenticator, limiter, now, random, wait, patienceMs, onEvent } = options
  authenticator.checkServer?.(`${root.origin}${root.apiPath}`)

  async function once(outgoing: Outgoing, signal: AbortSignal): Promise<HttpResponse> {
    const sent = await proving(() => authenticator.headers(signal), signal)
    const response = await send(outgoing, sent, signal)
    if (!mayBeSignIn(response) || !isSignIn({ ...response, body: readBody(response.body) })) return response
    const next = await proving(() => authenticator.refused(response, sent), signal)
    if (next === 'give-up') return response
    return send(outgoing, await proving(() => authenticator.headers(signal), signal), signal)
  }

  async function send(outgoing: Outgoing, identity: Readonly<Record<string, string>>, signal: AbortSignal) {
    const response = await limiter.run(
      () =>
        options.http.send({
          method: outgoing.method,
          url: `${root.origin}${root.apiPath}${outgoing.path}`,
          headers: { ...COMMON_HEADERS, ...outgoing.headers, ...identity },
          ...(outgoing.body !== undefined && { body: outgoing.body }),
          signal,
        }),
      signal,
    )
    const pauseMs = retryAfterMs(response, now())
    if (pauseMs !== undefined && pauseMs > 0 && pauseMs < patienceMs) limiter.pause(pauseMs)
    return concealed(response, { method: outgoing.method, identity, secrets: outgoing.secrets ?? [] })
  }

  async function read(outgoing: Outgoing, doing: string, signal: AbortSignal, budget?: Budget): Promise<Received> {
    try {
      return await repeatable(() => attempt(outgoing, signal), {
        attempts: READ_ATTEMPTS,
        totalMs: budget?.leftMs ?? patienceMs,
        backOff: createBackOff({ ...BACK_OFF, random }),
        now: () => now().getTime(),
        wait,
        signal,
        again: (outcome, at) => {
          if (outcome.ok && outcome.value.body.kind === 'broken') return { reason: 'half an answer' }
          return againAfterExchange(outcome.ok ? { ok: true, value: outcome.value.response } : outcome, at)
        },
        onWait: ({ attempt, waitMs, reason }) => {
          if (budget) budget.leftMs -= waitMs
          onEvent({ kind: 'waiting', reason, waitMs, attempt })
        },
      })
    } catch (error) {
      throw asCrmError(error, doing, signal)
    }
  }

  async function attempt(outgoing: Outgoing, signal: AbortSignal): Promise<Received> {
    const startedAt = now().getTime()
    const response = await once(outgoing, signal)
    const body = readBody(response.body)
    return { response, status: response.status, headers: response.headers, body, startedAt, endedAt: now().getTime() }
  }

  async function json(outgoing: Outgoing, doing: string, signal: AbortSignal): Promise<unknown> {
    return jsonOf(await read(outgoing, doing, signal), doing)
  }

  return { options, once, read, json }
}

/** The JSON of a 2xx answer. Throws CrmError for every other answer. */
export function jsonOf(answer: Pick<Received, 'status' | 'headers' | 'body'>, doing: string): unknown {
  if (answer.status >= 200 && answer.status < 300 && answer.body.kind === 'json') return answer.body.value
  throw toCrmError(answer, doing)
}

/** Any error as a CrmError that says what was being done. */
function asCrmError(error: unknown, doing: string, signal: AbortSignal): CrmError {
  if (error instanceof CrmError) return error
  if (error instanceof NetworkError) return fromNetworkError(error, doing)
  if (signal.aborted) return new CrmError('Cancelled', `${doing}: cancelled`, { cause: error })
  throw error
}

/** The wait that a 429 or 503 asks for, undefined where it asks for none. */
export function retryAfterMs(answer: Pick<HttpResponse, 'status' | 'headers'>, now: Date): number | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined
  return parseRetryAfter(answer.headers['retry-after'], now.getTime(), answer.headers['date'])
}

/** Whatever goes wrong while the identity is proven, the request itself was not sent or was refused, so nothing was executed. */
async function proving<T>(prove: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await prove()
  } catch (error) {
    if (signal.aborted) throw abortedWhile('proving who we are', signal)
    if (error instanceof CrmError) throw error
    throw new CrmError('Unauthenticated', 'the proof of identity could not be had from its source', { cause: error })
  }
}

/** Cheap: large bodies are not read twice just to see that they are no sign-in page. */
function mayBeSignIn({ status, body }: HttpResponse): boolean {
  if (status === 401 || (status >= 300 && status < 400)) return true
  return status < 500 && body.subarray(0, 200).toString('latin1').trimStart().replace('ï»¿', '').startsWith('<')
}
