// One exchange over one pool. Everything that can end it (answer, failure, deadline, abort) goes through `settle`, which runs once and
// takes every timer and listener with it.
import type { Dispatcher } from 'undici'
import { type BodySink, createBodySink } from './body.ts'
import type { ClientSettings } from './client-options.ts'
import { describeFailure, failureOf, leanCause } from './failure.ts'
import { type HttpRequest, type HttpResponse, NetworkError, type NetworkFailure } from './http.ts'
import { onAbort } from './schedule.ts'

interface Result {
  readonly status: number
  readonly headers: HttpResponse['headers']
}

/** Sends the request over the dispatcher. Rejects with NetworkError only, worded without query, headers and body. */
export function exchange(
  dispatcher: Dispatcher,
  url: URL,
  request: HttpRequest,
  settings: ClientSettings,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const run = new Exchange(url, request, settings, resolve, reject)
    run.start(dispatcher)
  })
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #url: URL
  readonly #request: HttpRequest
  readonly #settings: ClientSettings
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (error: NetworkError) => void
  readonly #callOffs: (() => void)[] = []
  #callOffHeaders: (() => void) | undefined
  #controller: Dispatcher.DispatchController | undefined
  #isSent = false
  #isSettled = false
  #result: Result | undefined
  #body: BodySink | undefined

  constructor(
    url: URL,
    request: HttpRequest,
    settings: ClientSettings,
    resolve: (response: HttpResponse) => void,
    reject: (error: NetworkError) => void,
  ) {
    this.#url = url
    this.#request = request
    this.#settings = settings
    this.#resolve = resolve
    this.#reject = reject
  }

  start(dispatcher: Dispatcher): void {
    const { signal, deadlineMs = this.#settings.deadlineMs } = this.#request
    if (signal?.aborted) {
      this.#fail('aborted', 'aborted', signal.reason)
      return
    }
    this.#callOffs.push(onAbort(signal, () => this.#fail('aborted', 'aborted', signal?.reason)))
    this.#callOffs.push(
      this.#settings.schedule(deadlineMs, () => this.#fail('timeout', `no complete answer within ${deadlineMs} ms`)),
    )
    dispatcher.dispatch(
      {
        path: `${this.#url.pathname}${this.#url.search}`,
        method: this.#request.method,
        headers: this.#headers(),
        body: this.#request.body ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this,
    )
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isSettled) {
      controller.abort(new Error('settled before it began'))
      return
    }
    const objection = this.#objection()
    if (objection) {
      this.#fail('fenced', objection.message, objection)
      return
    }
    // The bytes leave right after this.
    this.#isSent = true
    const { headersTimeoutMs, schedule } = this.#settings
    this.#callOffHeaders = schedule(headersTimeoutMs, () =>
      this.#fail('timeout', `no answer within ${headersTimeoutMs} ms`),
    )
  }

  /** Why this must not be sent, asked when nothing stands between the question and the wire. */
  #objection(): Error | undefined {
    if (this.#request.method === 'GET') return undefined
    try {
      this.#settings.fence?.()
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error('it may not be sent', { cause: error })
    }
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpResponse['headers']): void {
    if (this.#isSettled || status < 200) return
    this.#callOffHeaders?.()
    this.#result = { status, headers }
    if (status < 400 && status !== 204 && status !== 304 && !isFramed(headers)) {
      this.#fail('truncated', 'the answer does not say how long it is')
      return
    }
    const maximumBytes = this.#request.maximumBodyBytes ?? this.#settings.maximumBodyBytes
    if (Number(headers['content-length']) > maximumBytes) {
      this.#fail('too-large', `the answer is larger than ${maximumBytes} bytes`)
      return
    }
    this.#body = createBodySink(headers, {
      maximumBytes,
      onComplete: (body) => this.#settle(() => this.#resolve({ status, headers, body })),
      onProblem: ({ failure, message, cause }) => this.#fail(failure, message, cause),
    })
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.write(chunk)
  }

  onResponseEnd(): void {
    // From here on the connection serves others; what is left is decoding.
    this.#controller = undefined
    this.#body?.end()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const found = failureOf(error)
    // Once an answer began, a lost connection means that it ended early.
    const failure = this.#result && found === 'reset' ? 'truncated' : found
    const known = error instanceof NetworkError ? error : undefined
    this.#fail(failure, known?.message ?? describeFailure(failure, error), known ? known.cause : leanCause(error))
  }

  #fail(failure: NetworkFailure, message: string, cause?: unknown): void {
    this.#settle(() => {
      const text = `${this.#request.method} ${place(this.#url)}: ${message}`
      const error = new NetworkError(failure, this.#isSent, text, cause === undefined ? undefined : { cause })
      this.#body?.discard()
      this.#reject(error)
      this.#controller?.abort(error)
    })
  }

  #settle(finish: () => void): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#callOffHeaders?.()
    for (const callOff of this.#callOffs) callOff()
    finish()
  }

  #headers(): Record<string, string> {
    const headers: Record<string, string> = {
      'user-agent': this.#settings.userAgent,
      'accept-encoding': 'gzip, deflate, br',
    }
    for (const [name, value] of Object.entries(this.#request.headers ?? {})) headers[name.toLowerCase()] = value
    return headers
  }
}

/** Whether the end of the body is told by more than the end of the connection. */
function isFramed(headers: HttpResponse['headers']): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

const MAXIMUM_PATH_SHOWN = 200

/** Host and path, all of a URL that is ever shown. */
export function place(url: URL): string {
  const { pathname } = url
  const path = pathname.length > MAXIMUM_PATH_SHOWN ? `${pathname.slice(0, MAXIMUM_PATH_SHOWN)}…` : pathname
  return `${url.host}${path}`
}
