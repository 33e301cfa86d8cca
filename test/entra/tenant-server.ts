// A server that answers as a test says, for the sign-in and for Graph. It knows no rules of a directory; it keeps what it was asked.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import type { HttpClient } from '../../src/network/http.ts'
import { createHttpClient } from '../../src/network/http-client.ts'

/** One request, its body as text and, where it is that, as JSON. */
export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: unknown
}

/** What comes back. `hangUp` closes the connection without an answer. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string
  readonly hangUp?: boolean
  readonly silent?: boolean
}

/** A running server. */
export interface TenantServer {
  readonly origin: string
  readonly asked: Asked[]
}

export const TENANT = '11111111-2222-4333-8444-555555555555'
export const CLIENT = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'

const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close()
})

/** Starts a server, closed after the test. */
export async function serveTenant(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<TenantServer> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const one = await read(request)
      asked.push(one)
      write(response, await answer(one))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push({
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** A client that may speak to this server and to nobody else: whoever asks another host fails. */
export function clientOf(server: TenantServer, deadlineMs = 5000): HttpClient {
  const client = createHttpClient({ allowedOrigins: [server.origin], userAgent: 'mailkeel-test', deadlineMs })
  opened.push(client)
  return client
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    text,
    json: request.headers['content-type']?.includes('json') ? JSON.parse(text) : undefined,
  }
}

function write(response: ServerResponse, { status = 200, headers = {}, json, text, hangUp, silent }: Answer): void {
  if (silent) return
  if (hangUp) {
    response.destroy()
    return
  }
  const body = text ?? (json === undefined ? '' : JSON.stringify(json))
  response.writeHead(status, { ...(json !== undefined && { 'Content-Type': 'application/json' }), ...headers })
  response.end(body)
}

/** An error as Graph words it. */
export function graphError(status: number, code: string, message = 'Something.', headers = {}): Answer {
  const innerError = { date: '2026-09-01T07:37:32', 'request-id': 'inner-request-id', 'client-request-id': 'x' }
  return {
    status,
    headers: { 'request-id': 'the-request-id', ...headers },
    json: { error: { code, message, innerError } },
  }
}

/** A clock that stands still but for waits, which end at once and are kept. */
export function fakeTime(start = '2026-09-01T00:00:00Z') {
  let time = Date.parse(start)
  const waits: number[] = []
  return {
    waits,
    now: () => new Date(time),
    async wait(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted()
      waits.push(ms)
      time += ms
    },
    pass(ms: number) {
      time += ms
    },
  }
}

/** The error that a promise ends in. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('expected an error')
    },
    (error: unknown) => error,
  )
}

/** A signal that never fires. */
export const never = new AbortController().signal
