// The plain values that travel between the socket and the service: a request as read, an answer as it will be written. Nothing here
// knows a socket, so a part of a batch is served by the same code as a request of its own.

/** One operation as asked for: a request of its own or a part of a batch. Header names are lower case. */
export interface WireRequest {
  readonly method: string
  /** Path and query, percent-encoded as they came, beginning with `/`. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A request under a service root. */
export interface Operation extends WireRequest {
  /** Below the root and still percent-encoded, such as `mailboxes(…)/name`. */
  readonly path: string
  /** Without the question mark, still percent-encoded. */
  readonly query: string
}

/** What goes back. The body is text or bytes; an empty string is no body. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
}

/** The content type of every JSON answer (Microsoft, Web API: compose HTTP requests). */
export const JSON_TYPE = 'application/json; odata.metadata=minimal'

/** A JSON answer with the OData version header. `text` is already serialized. */
export function jsonAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'Content-Type': JSON_TYPE, 'OData-Version': '4.0', ...headers }, body: text }
}

/** A success without a body. */
export function noContent(headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 204, headers: { 'OData-Version': '4.0', ...headers }, body: '' }
}

/** A plain text answer. */
export function textAnswer(status: number, text: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { 'Content-Type': 'text/plain', ...headers }, body: text }
}

/** An HTML page, as web servers and sign-in services answer. */
export function htmlAnswer(status: number, html: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body: html }
}

/** Reason phrases of the status lines printed inside batches. */
export function reasonPhrase(status: number): string {
  return REASONS[status] ?? 'Unknown'
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}
