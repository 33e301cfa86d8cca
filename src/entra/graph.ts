// One identity talking to Microsoft Graph. Whatever surely had no effect is repeated when it may pass by itself: reads, and writes that were
// throttled or never sent. A write that may have happened is never sent twice.
import { againAfterExchange, createBackOff, repeatable } from '../network/back-off.ts'
import { type HttpClient, NetworkError } from '../network/http.ts'
import type { Outcome } from '../network/limiter.ts'
import { asEntraError, jsonOf, malformed } from './failure.ts'
import { type Doing, type GraphAnswer, graphFault } from './graph-faults.ts'
import { EntraError } from './tenant.ts'
import type { Token, TokenSource } from './token.ts'

/** What talking to Graph needs from outside. */
export interface GraphOptions {
  /** Belongs to the caller. */
  readonly http: HttpClient
  /** With the version, without a slash at its end. */
  readonly root: string
  readonly source: TokenSource
  readonly now: () => Date
  readonly random: () => number
  /** A fresh GUID. */
  readonly newId: () => string
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
  /** How long repeats of one request, and looks for one change, may go on. */
  readonly patienceMs: number
}

/** A request. `path` begins with a slash, behind the version. */
export interface GraphRequest extends Doing {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly body?: unknown
}

/** Sends requests as one identity. */
export interface Graph {
  readonly options: GraphOptions
  /** The answer, which is 2xx. Throws EntraError, a GraphError where Graph said why. */
  send(request: GraphRequest, signal: AbortSignal): Promise<GraphAnswer>
  /** As `send`, and gives the JSON. */
  json(request: GraphRequest, signal: AbortSignal): Promise<unknown>
  /** Runs what had no effect when it failed, again and again within the patience, as `send` does. */
  repeating<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

const ATTEMPTS = 6
const BACK_OFF = { baseMs: 500, maximumMs: 30_000 } as const
const DEADLINE_MS = 60_000

/** Creates the exchange of one identity with Graph. */
export function createGraph(options: GraphOptions): Graph {
  const { http, root, source, now, random, newId, wait, patienceMs } = options

  async function once(request: GraphRequest, signal: AbortSignal): Promise<GraphAnswer> {
    const token = await source.token(signal)
    const answer = await exchange(request, token, signal)
    if (answer.status !== 401) return answer
    const next = await source.renew(token, claimsOf(answer), signal)
    return exchange(request, next, signal)
  }

  async function exchange(request: GraphRequest, token: Token, signal: AbortSignal): Promise<GraphAnswer> {
    const { method, path, body, doing, isWrite = false } = request
    try {
      const response = await http.send({
        method,
        url: `${root}${path}`,
        headers: {
          Accept: 'application/json',
          Authorization: `Bearer ${token.value}`,
          'client-request-id': newId(),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal,
        deadlineMs: DEADLINE_MS,
      })
      return { status: response.status, headers: response.headers, json: jsonOf(response.body) }
    } catch (error) {
      throw asEntraError(error, doing, signal, isWrite)
    }
  }

  async function attempt(request: GraphRequest, signal: AbortSignal): Promise<GraphAnswer> {
    const answer = await once(request, signal)
    if (answer.status >= 200 && answer.status < 300) return answer
    throw graphFault(answer, request, now().getTime())
  }

  async function repeating<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await repeatable(work, {
        attempts: ATTEMPTS,
        totalMs: patienceMs,
        backOff: createBackOff({ ...BACK_OFF, random }),
        now: () => now().getTime(),
        wait,
        signal,
        again,
      })
    } catch (error) {
      throw asEntraError(error, 'waiting for Microsoft Graph', signal)
    }
  }

  const send = (request: GraphRequest, signal: AbortSignal) => repeating(() => attempt(request, signal), signal)

  async function json(request: GraphRequest, signal: AbortSignal): Promise<unknown> {
    const answer = await send(request, signal)
    if (answer.json === undefined) throw malformed(request.doing, 'Microsoft Graph answered without JSON')
    return answer.json
  }

  return { options, send, json, repeating }
}

function again(outcome: Outcome<unknown>, now: number) {
  if (outcome.ok || !(outcome.error instanceof EntraError)) return undefined
  const { code, effect, retryAfterMs, cause } = outcome.error
  if (effect !== 'none' || (code !== 'Throttled' && code !== 'Unavailable')) return undefined
  if (cause instanceof NetworkError) return againAfterExchange({ ok: false, error: cause }, now)
  return { reason: code, afterMs: retryAfterMs }
}

/** What continuous access evaluation asks the next token to hold ("Claims challenges, claims requests, and client capabilities"). */
function claimsOf({ headers }: GraphAnswer): string | undefined {
  const challenges = [headers['www-authenticate'] ?? []].flat().join(', ')
  const encoded = /\bclaims="([\w+/=-]{1,8000})"/.exec(challenges)?.[1]
  if (encoded === undefined) return undefined
  const claims = Buffer.from(encoded, 'base64')
  return jsonOf(claims) === undefined ? undefined : claims.toString('utf8')
}
