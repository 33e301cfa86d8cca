// The one HTTP stack: a pool of kept connections per origin, each bounded, each opened by our own connector. What undici decides by
// itself elsewhere (redirects, retries, proxies from the environment) does not exist here.
import type { Pool } from 'undici'
import { createAddressPolicy } from './address-policy.ts'
import { type ClientSettings, type HttpClientOptions, withDefaults } from './client-options.ts'
import { createConnector, type OpenSocket } from './connector.ts'
import { exchange, place } from './exchange.ts'
import { type HttpClient, type HttpRequest, NetworkError } from './http.ts'
import { Slots } from './slots.ts'

interface OriginPool {
  readonly pool: Pool
  readonly slots: Slots
}

/**
 * Creates the client; nothing is loaded or connected before the first request. Throws TypeError on options that make no sense.
 * `close` ends what is under way with NetworkError 'aborted'.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const settings = withDefaults(options)
  const refusalOf = createAddressPolicy(settings.allowedOrigins)
  const openSocket = createConnector(settings)
  const closing = new AbortController()
  const origins = new Map<string, Promise<OriginPool>>()

  function originPool(url: URL): Promise<OriginPool> {
    const known = origins.get(url.origin)
    if (known) return known
    const created = createOriginPool(url, settings, openSocket, closing.signal)
    origins.set(url.origin, created)
    return created
  }

  async function send(request: HttpRequest) {
    const url = toUrl(request)
    const refusal = refusalOf(url)
    if (refusal !== undefined) throw failed('forbidden-host', request, url, refusal)
    if (closing.signal.aborted) throw failed('aborted', request, url, 'the client is closed')
    const { pool, slots } = await originPool(url)
    const release = await takeSlot(slots, request, url)
    try {
      if (closing.signal.aborted) throw failed('aborted', request, url, 'the client is closed')
      return await exchange(pool, url, request, settings)
    } finally {
      release()
    }
  }

  async function close() {
    closing.abort()
    const pools = await Promise.all(origins.values())
    await Promise.all(pools.map(({ pool }) => pool.destroy()))
  }

  return { send, close }
}

async function createOriginPool(
  url: URL,
  settings: ClientSettings,
  openSocket: OpenSocket,
  closing: AbortSignal,
): Promise<OriginPool> {
  const { Pool } = await import('undici')
  const origin = new URL(url.origin)
  const pool = new Pool(origin, {
    connections: settings.connectionsPerOrigin,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: settings.keepAliveMs,
    keepAliveMaxTimeout: settings.keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_, callback) => {
      openSocket(origin, closing).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      )
    },
  })
  return { pool, slots: new Slots(settings.connectionsPerOrigin) }
}

async function takeSlot(slots: Slots, request: HttpRequest, url: URL): Promise<() => void> {
  try {
    return await slots.acquire(request.signal)
  } catch (cause) {
    throw failed('aborted', request, url, 'aborted', cause)
  }
}

function toUrl(request: HttpRequest): URL {
  if (URL.canParse(request.url)) return new URL(request.url)
  throw new NetworkError('forbidden-host', false, `${request.method}: the address is not a URL`)
}

function failed(
  failure: 'forbidden-host' | 'aborted',
  request: HttpRequest,
  url: URL,
  message: string,
  cause?: unknown,
): NetworkError {
  return new NetworkError(failure, false, `${request.method} ${place(url)}: ${message}`, { cause })
}
