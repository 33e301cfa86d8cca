// What Graph says when it refuses. It is told by status and `code`; the message of an error is for people and never decides anything
// ("Microsoft Graph error responses and resource types").
import type { HttpResponse } from '../network/http.ts'
import { toMessage } from '../network/redact.ts'
import { parseRetryAfter } from '../network/retry-after.ts'
import { plainWord, requestIdOf, withDetails } from './failure.ts'
import { asRecord } from './fields.ts'
import { EntraError, type EntraFault } from './tenant.ts'

/** An answer of Graph, or one part of a batch. */
export interface GraphAnswer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  /** Undefined where the body is no JSON, or there is none. */
  readonly json: unknown
}

/** What was being done, for messages. */
export interface Doing {
  /** For example `reading the service principal`. */
  readonly doing: string
  /** The application permission that it needs. */
  readonly needs: string
  readonly isWrite?: boolean
}

/** An error answer of Graph with its own code. */
export class GraphError extends EntraError {
  readonly status: number
  /** `error.code`, undefined where the answer had none. */
  readonly graphCode: string | undefined

  constructor(status: number, graphCode: string | undefined, error: EntraError) {
    const { code, message, effect, requestId, retryAfterMs } = error
    super(code, message, { effect, requestId, retryAfterMs })
    this.status = status
    this.graphCode = graphCode
  }
}

/** `error.code` of an answer. */
export function graphCodeOf(answer: GraphAnswer): string | undefined {
  return plainWord(asRecord(asRecord(answer.json)?.['error'])?.['code'])
}

/** The error of an answer that is not 2xx. `now` is milliseconds since 1970. */
export function graphFault(answer: GraphAnswer, { doing, needs, isWrite = false }: Doing, now: number): GraphError {
  const { status, headers } = answer
  const graphCode = graphCodeOf(answer)
  const code = faultOf(status, graphCode)
  const requestId = requestIdOf(headers) ?? innerRequestId(answer)
  const said = [`HTTP ${status}`, graphCode, requestId && `request-id ${requestId}`].filter(Boolean).join(', ')
  const mayWait = code === 'Throttled' || code === 'Unavailable'
  const error = new EntraError(code, `${doing}: ${withDetails(reason(code, needs, answer), said)}`, {
    effect: isWrite && (status >= 500 || status === 408) ? 'possible' : 'none',
    requestId,
    retryAfterMs: mayWait ? parseRetryAfter(headers['retry-after'], now, headers['date']) : undefined,
  })
  return new GraphError(status, graphCode, error)
}

/** A 404 counts as absence only with the directory's own code: other back ends, and proxies, say 404 of other things. */
function faultOf(status: number, graphCode: string | undefined): EntraFault {
  if (status === 429) return 'Throttled'
  if (status === 408 || status >= 500) return 'Unavailable'
  if (status === 401) return 'SignInRefused'
  if (graphCode === undefined) return 'Malformed'
  if (status === 403) return 'Forbidden'
  if (status === 404 && graphCode === 'Request_ResourceNotFound') return 'NotFound'
  return status >= 400 ? 'Refused' : 'Malformed'
}

function reason(code: EntraFault, needs: string, answer: GraphAnswer): string {
  switch (code) {
    case 'Throttled':
      return 'Microsoft Graph asks us to wait'
    case 'Unavailable':
      return 'Microsoft Graph cannot answer now'
    case 'Malformed':
      return 'the answer is not one of Microsoft Graph; is a proxy in between?'
    case 'SignInRefused':
      return 'Microsoft Graph does not take the token'
    case 'Forbidden':
      return `the application lacks a permission; grant the application ${needs} with admin consent`
    case 'NotFound':
      return 'the directory has no such object'
    default:
      return `Microsoft Graph refused: ${vendorText(answer)}`
  }
}

function vendorText(answer: GraphAnswer): string {
  const message = asRecord(asRecord(answer.json)?.['error'])?.['message']
  return typeof message === 'string' && message !== '' ? toMessage(message, 200) : 'it does not say why'
}

function innerRequestId(answer: GraphAnswer): string | undefined {
  const inner = asRecord(asRecord(asRecord(answer.json)?.['error'])?.['innerError'])
  return plainWord(inner?.['request-id'])
}
