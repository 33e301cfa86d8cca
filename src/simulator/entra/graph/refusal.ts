/** A refusal of Graph. */
export class GraphRefusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'GraphRefusal'
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** The general refusal of a body or query that makes no sense to the directory. */
export function badRequest(message: string, code = 'Request_BadRequest'): GraphRefusal {
  return new GraphRefusal(400, code, message)
}

/** What the directory says of something that is not there. */
export function resourceNotFound(id: string): GraphRefusal {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`
  return new GraphRefusal(404, 'Request_ResourceNotFound', message)
}

/** The ids by which a request can be traced. */
export interface TraceIds {
  readonly requestId: string
  readonly clientRequestId: string
  readonly at: Date
}

/** The body of an error (Microsoft Graph error responses). The date in it carries no zone. */
export function graphErrorBody(
  { status, code, message }: GraphRefusal,
  ids: TraceIds,
): Readonly<Record<string, unknown>> {
  const innerError = {
    date: ids.at.toISOString().slice(0, 19),
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
  }
  const throttled = status === 429 ? { code: '429', message, status: '429' } : {}
  return { error: { code, message, innerError: { ...throttled, ...innerError } } }
}
