// Tokens of one identity. The library signs and formats the request; when to ask, what is kept, how long to wait after a failure and what a
// failure means is decided here: it caches what it should not, does not collapse parallel calls, and after a failing server it refuses by
// itself without saying why.
import type { HttpClient } from '../network/http.ts'
import { onAbort } from '../network/schedule.ts'
import { type Cloud, endpointsOf, isGuid, type LoopbackEndpoints } from './clouds.ts'
import { type Credential, fitCredential, type OwnCredential, ownCredential } from './credential.ts'
import { jsonOf, malformed, requestIdOf } from './failure.ts'
import { asRecord } from './fields.ts'
import { EntraError } from './tenant.ts'
import { createApplication } from './token-application.ts'
import { type TokenAnswer, tokenFault } from './token-faults.ts'

/** A token for Microsoft Graph. */
export interface Token {
  readonly value: string
  /** Milliseconds since 1970, by our clock. */
  readonly expiresAtMs: number
  /** How far the clock of the sign-in is ahead of ours. */
  readonly clockSkewMs: number
}

/** The tokens of one identity in one tenant. May be asked by many at once; they share one sign-in. */
export interface TokenSource {
  readonly clientId: string
  readonly own: OwnCredential
  /** A token that is good for a while yet. Throws EntraError, with `retryAfterMs` where waiting helps. */
  token(signal: AbortSignal): Promise<Token>
  /** A token in place of one that Graph refused; `claims` is what it asked for with that, as JSON. */
  renew(refused: Token, claims: string | undefined, signal: AbortSignal): Promise<Token>
}

/** Who signs in, and where. */
export interface TokenSourceOptions {
  /** Belongs to the caller. */
  readonly http: HttpClient
  readonly cloud: Cloud
  readonly endpoints?: LoopbackEndpoints
  readonly tenantId: string
  readonly clientId: string
  readonly credential: Credential
  readonly now: () => Date
  /** For one sign-in; 30 s where absent. */
  readonly deadlineMs?: number
}

/** A token is renewed this long before its end, or at half of its life where that is shorter. */
const RENEW_BEFORE_MS = 5 * 60_000
/** A token that cannot be renewed now is used up to here. */
const LAST_USE_BEFORE_MS = 30_000

/**
 * Creates the token source of one identity: each has its own, nothing is shared between reading and writing. Nothing is sent or loaded
 * before the first token. Throws EntraError `Invalid` for a credential that cannot work.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { clientId, now } = options
  if (!isGuid(clientId)) throw new EntraError('Invalid', 'the client id of the identity is not a GUID')
  const endpoints = endpointsOf(options.cloud, options.tenantId, options.endpoints)
  const credential = fitCredential(options.credential)
  const doing = `signing in to tenant ${options.tenantId} as application ${clientId}`
  const application = createApplication(options, endpoints, credential, doing)
  let current: { readonly token: Token; readonly renewAtMs: number } | undefined
  let running: Promise<Token> | undefined
  let failed: { readonly error: EntraError; readonly untilMs: number } | undefined

  function begin(claims?: string): Promise<Token> {
    const started = signIn(claims).finally(() => {
      running = undefined
    })
    running = started
    return started
  }

  async function signIn(claims: string | undefined): Promise<Token> {
    try {
      const answer = await application.ask(claims)
      const token = tokenFrom(answer, doing)
      const lifeMs = token.expiresAtMs - answer.endedAt
      current = { token, renewAtMs: token.expiresAtMs - Math.min(RENEW_BEFORE_MS, lifeMs / 2) }
      failed = undefined
      return token
    } catch (error) {
      if (error instanceof EntraError && error.retryAfterMs !== undefined) {
        failed = { error, untilMs: now().getTime() + error.retryAfterMs }
      }
      throw error
    }
  }

  /** Until the wait is over the first error stands: asking again would only make it longer. */
  function checkWait(atMs: number): void {
    if (!failed || atMs >= failed.untilMs) return
    const { code, message, requestId } = failed.error
    const retryAfterMs = failed.untilMs - atMs
    throw new EntraError(code, `${message}; asked again in ${Math.ceil(retryAfterMs / 1000)} s`, {
      requestId,
      retryAfterMs,
      cause: failed.error,
    })
  }

  async function fresh(claims?: string): Promise<Token> {
    checkWait(now().getTime())
    return running ?? begin(claims)
  }

  return {
    clientId,
    own: ownCredential(credential),
    async token(signal) {
      const known = current
      if (known && now().getTime() < known.renewAtMs) return known.token
      try {
        return await orCancelled(fresh(), doing, signal)
      } catch (error) {
        const passes = error instanceof EntraError && (error.code === 'Throttled' || error.code === 'Unavailable')
        if (passes && known && now().getTime() < known.token.expiresAtMs - LAST_USE_BEFORE_MS) return known.token
        throw error
      }
    },
    async renew(refused, claims, signal) {
      if (running) await orCancelled(running, doing, signal).catch(() => {})
      if (current && current.token.value !== refused.value) return current.token
      current = undefined
      return orCancelled(fresh(claims), doing, signal)
    },
  }
}

function tokenFrom(answer: TokenAnswer, doing: string): Token {
  const { response, endedAt, clockSkewMs } = answer
  const body = response.status === 200 ? asRecord(jsonOf(response.body)) : undefined
  if (!body || body['error'] !== undefined) throw tokenFault(answer, doing)
  const value = body['access_token']
  const seconds = Number(body['expires_in'])
  const requestId = requestIdOf(response.headers)
  if (typeof value !== 'string' || !/^[\x21-\x7E]+$/.test(value)) {
    throw malformed(doing, 'Entra ID answered without a token', requestId)
  }
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw malformed(doing, 'Entra ID gave a token without saying how long it is good', requestId)
  }
  return { value, expiresAtMs: endedAt + seconds * 1000, clockSkewMs }
}

/** What is shared goes on for the others; who gives up leaves. */
function orCancelled<T>(shared: Promise<T>, doing: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancelled = () => new EntraError('Cancelled', `${doing}: cancelled`, { cause: signal.reason })
    if (signal.aborted) {
      shared.catch(() => {})
      return reject(cancelled())
    }
    const forget = onAbort(signal, () => reject(cancelled()))
    shared.then(resolve, reject).finally(forget)
  })
}
