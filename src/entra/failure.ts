// Errors of one kind for everything that can go wrong on the way to Entra ID.
import type { HttpResponse } from '../network/http.ts'
import { NetworkError } from '../network/http.ts'
import { EntraError } from './tenant.ts'

/** An exchange that came to nothing, as an EntraError. */
export function fromNetworkError(error: NetworkError, doing: string, isWrite: boolean): EntraError {
  const effect = isWrite && error.sent ? 'possible' : 'none'
  const message = `${doing}: ${error.message}`
  switch (error.failure) {
    case 'aborted':
    case 'fenced':
      return new EntraError('Cancelled', message, { effect, cause: error })
    case 'malformed':
    case 'too-large':
      return new EntraError('Malformed', message, { effect, cause: error })
    case 'forbidden-host':
      return new EntraError('Invalid', message, { effect, cause: error })
    default:
      return new EntraError('Unavailable', message, { effect, cause: error })
  }
}

/** Any error as an EntraError; what is none of the known ones is thrown on, because it is a fault of ours. */
export function asEntraError(error: unknown, doing: string, signal: AbortSignal, isWrite = false): EntraError {
  if (error instanceof EntraError) return error
  if (error instanceof NetworkError) return fromNetworkError(error, doing, isWrite)
  if (signal.aborted) return new EntraError('Cancelled', `${doing}: cancelled`, { cause: error })
  throw error
}

/** The same error after a write that was accepted: whatever failed later, the write may be there. */
export function afterWrite(error: unknown): unknown {
  if (!(error instanceof EntraError) || error.effect === 'possible') return error
  const { code, message, requestId, retryAfterMs } = error
  return new EntraError(code, `${message} (after a write that was accepted)`, {
    effect: 'possible',
    requestId,
    retryAfterMs,
    cause: error,
  })
}

/** An answer that is none. */
export function malformed(doing: string, what: string, requestId?: string): EntraError {
  return new EntraError('Malformed', `${doing}: ${what}${mention(requestId)}`, { requestId })
}

/** `request-id` of an answer in a form that may stand in a message. */
export function requestIdOf(headers: HttpResponse['headers']): string | undefined {
  return plainWord(headers['request-id']) ?? plainWord(headers['x-ms-request-id'])
}

/** A short word without blanks, as codes and ids are; undefined for everything else. */
export function plainWord(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:-]{1,100}$/.test(value) ? value : undefined
}

/** What is the matter with what the answer said in parentheses, and behind it what to do: advice stands last, for whoever only wants that. */
export function withDetails(words: string, said: string): string {
  const [what = '', ...advice] = words.split('; ')
  return [`${what} (${said})`, ...advice].join('; ')
}

/** How a message names the request for a support case. */
export function mention(requestId: string | undefined): string {
  return requestId === undefined ? '' : ` (request-id ${requestId})`
}

/** JSON of a body, undefined where it is none. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''))
  } catch {
    return undefined
  }
}
