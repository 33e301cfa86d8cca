import { afterEach } from 'vitest'
import type { HttpClientOptions } from '../../src/network/client-options.ts'
import { type HttpClient, type HttpRequest, type HttpResponse, NetworkError } from '../../src/network/http.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import { startWireServer, type WireRequest, type WireServer } from './wire-server.ts'

const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close()
})

/** Has the thing closed after the test, whatever the test comes to. */
export function closeAfterTest<T extends { close(): Promise<void> }>(thing: T): T {
  opened.push(thing)
  return thing
}

/** A server that answers as told, closed after the test. */
export async function serve(answer: (request: WireRequest) => void): Promise<WireServer> {
  return closeAfterTest(await startWireServer(answer))
}

/** A client that may speak to this server, closed after the test. */
export function connect(server: { origin: string }, options: Partial<HttpClientOptions> = {}): HttpClient {
  return closeAfterTest(createHttpClient({ allowedOrigins: [server.origin], userAgent: 'mailkeel-test', ...options }))
}

/** A request to the server, with a query that no message may show. */
export function get(server: { origin: string }, changes: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: `${server.origin}/org/api?$top=1`, ...changes }
}

/** The NetworkError an exchange ends in. */
export async function failureOf(exchange: Promise<HttpResponse>): Promise<NetworkError> {
  const outcome = await exchange.catch((error: unknown) => error)
  if (!(outcome instanceof NetworkError)) throw new Error('expected a NetworkError', { cause: outcome })
  return outcome
}
