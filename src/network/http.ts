// The contract of the one HTTP stack. Clients of remote systems (CRM, Microsoft Graph) see the network only through HttpClient.

/** One request. Nothing of it is ever logged but method, host and path. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal | undefined
  /** For the whole exchange, headers and body; the client's own default where absent. */
  readonly deadlineMs?: number
  /** The answer is refused when its body grows beyond this; the client's own default where absent. */
  readonly maximumBodyBytes?: number
}

/** One answer, complete: a body that ended early is an error, never a short body. Header names are in lower case. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** Sends requests over kept connections. Never follows a redirect, never repeats a request. Throws NetworkError. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>
  close(): Promise<void>
}

/**
 * Why an exchange came to nothing. `malformed` is an answer that is not HTTP or does not decode (or a request that cannot be written),
 * `forbidden-host` an address outside the allow-list, `aborted` the caller's own signal or a closed client, `fenced` a request that was not
 * sent because the fence of the client says that we may not write (any more).
 */
export type NetworkFailure =
  | 'timeout'
  | 'reset'
  | 'refused'
  | 'unresolved'
  | 'tls'
  | 'proxy'
  | 'truncated'
  | 'too-large'
  | 'malformed'
  | 'aborted'
  | 'forbidden-host'
  | 'fenced'

/** An exchange without a usable answer. `sent` is false only where the request surely never reached the server. */
export class NetworkError extends Error {
  readonly failure: NetworkFailure
  readonly sent: boolean

  constructor(failure: NetworkFailure, sent: boolean, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NetworkError'
    this.failure = failure
    this.sent = sent
  }
}
