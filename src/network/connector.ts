// Opens the sockets of the pools: TCP, then where a proxy is due its tunnel, then where the URL says so TLS. One deadline covers all
// of it, and every address is judged after name resolution, so that a name on the allow-list cannot lead to a refused address.
import { lookup as systemLookup } from 'node:dns'
import * as net from 'node:net'
import * as tls from 'node:tls'
import { isRefusedAddress, unbracket } from './address-policy.ts'
import type { ClientSettings, ProxyOptions } from './client-options.ts'
import { codeOf, describeFailure, failureOf, leanCause } from './failure.ts'
import { NetworkError, type NetworkFailure } from './http.ts'
import { createNoProxy } from './no-proxy.ts'
import { onAbort } from './schedule.ts'
import { createTrust } from './trust.ts'
import { openTunnel } from './tunnel.ts'

/** Opens a socket to an origin, ready for HTTP/1.1. Rejects with NetworkError whose `sent` is false; `signal` ends the attempt. */
export type OpenSocket = (origin: URL, signal: AbortSignal) => Promise<net.Socket>

/** Creates the opener. Throws TypeError where the proxy or the certificate authorities make no sense. */
export function createConnector(settings: ClientSettings): OpenSocket {
  const { proxy } = settings
  const proxyUrl = proxy && toProxyUrl(proxy)
  const goesDirectly = createNoProxy(settings.noProxy ?? [])
  const options = createTrust(settings.caPem)
  const lookup = guardLookup(settings.lookup ?? (systemLookup as net.LookupFunction))
  // Parsing some 150 root certificates takes a while and is due only once there is something to trust.
  let context: tls.SecureContext | undefined
  const secure = (socket: net.Socket, host: string, steps: Steps) => {
    context ??= tls.createSecureContext(options)
    return startTls(socket, host, context, steps)
  }

  async function open(origin: URL, steps: Steps): Promise<net.Socket> {
    const isProxied = proxy && proxyUrl && !goesDirectly(origin)
    const socket = isProxied
      ? await openThroughProxy(origin, proxyUrl, proxy, steps)
      : await openTcp(origin, lookup, steps)
    return origin.protocol === 'https:' ? secure(socket, origin.hostname, steps) : socket
  }

  async function openThroughProxy(origin: URL, proxyUrl: URL, proxy: ProxyOptions, steps: Steps): Promise<net.Socket> {
    try {
      const socket = await openTcp(proxyUrl, lookup, steps)
      const tunnel = proxyUrl.protocol === 'https:' ? await secure(socket, proxyUrl.hostname, steps) : socket
      await openTunnel(tunnel, `${origin.hostname}:${portOf(origin)}`, proxy)
      return tunnel
    } catch (error) {
      throw asProxyError(error)
    }
  }

  return (origin, signal) => withinTime(settings, signal, (steps) => open(origin, steps))
}

/** Called with each socket as it comes to be, so that whoever gives up can destroy it. */
type Steps = (socket: net.Socket) => void

async function withinTime(
  settings: ClientSettings,
  signal: AbortSignal,
  open: (steps: Steps) => Promise<net.Socket>,
): Promise<net.Socket> {
  let current: net.Socket | undefined
  let givenUp: NetworkError | undefined
  const giveUp = (failure: NetworkFailure, message: string) => {
    givenUp = new NetworkError(failure, false, message)
    current?.destroy(givenUp)
  }
  const close = () => giveUp('aborted', 'the client was closed')
  const callOff = settings.schedule(settings.connectTimeoutMs, () =>
    giveUp('timeout', `no connection within ${settings.connectTimeoutMs} ms`),
  )
  const forget = onAbort(signal, close)
  try {
    if (signal.aborted) close()
    if (givenUp) throw givenUp
    const socket = await open((step) => {
      current = step
      if (givenUp) step.destroy(givenUp)
    })
    if (givenUp) throw givenUp
    return socket
  } catch (error) {
    current?.on('error', () => {}).destroy()
    throw givenUp ?? asConnectError(error)
  } finally {
    callOff()
    forget()
  }
}

function asConnectError(error: unknown): NetworkError {
  if (error instanceof NetworkError) return error
  const failure = failureOf(error)
  return new NetworkError(failure, false, describeFailure(failure, error), { cause: leanCause(error) })
}

/** Whatever goes wrong on the way to the proxy is a matter of the proxy, not of the host behind it. */
function asProxyError(error: unknown): NetworkError {
  if (error instanceof NetworkError && error.failure === 'proxy') return error
  const code = codeOf(error instanceof NetworkError ? error.cause : error)
  const message = `the proxy cannot be reached${code === undefined ? '' : ` (${code})`}`
  return new NetworkError('proxy', false, message, { cause: leanCause(error) })
}

function openTcp(to: URL, lookup: net.LookupFunction, steps: Steps): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({
      host: unbracket(to.hostname),
      port: portOf(to),
      lookup,
      keepAlive: true,
      noDelay: true,
    })
    steps(socket)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function startTls(
  inner: net.Socket,
  hostname: string,
  secureContext: tls.SecureContext,
  steps: Steps,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const host = unbracket(hostname)
    const socket = tls.connect({
      socket: inner,
      host,
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      secureContext,
      ALPNProtocols: ['http/1.1'],
      // Said outright, because otherwise the environment variable NODE_TLS_REJECT_UNAUTHORIZED could say the opposite.
      rejectUnauthorized: true,
    })
    steps(socket)
    const onError = (error: Error) => {
      inner.destroy()
      const failure = error instanceof NetworkError ? error.failure : 'tls'
      reject(new NetworkError(failure, false, describeFailure(failure, error), { cause: leanCause(error) }))
    }
    socket.once('error', onError)
    socket.once('secureConnect', () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}

/** A resolver that fails when any address a name resolves to is a refused one. */
function guardLookup(lookup: net.LookupFunction): net.LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [address] : (address ?? []).map((entry) => entry.address)
      if (!error && addresses.some(isRefusedAddress)) {
        const refused = new NetworkError('forbidden-host', false, 'the name resolves to a refused address')
        return callback(refused, address, family)
      }
      callback(error, address, family)
    })
  }
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
}

function toProxyUrl(proxy: ProxyOptions): URL {
  const url = URL.canParse(proxy.url) ? new URL(proxy.url) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError('the proxy must be an http or https URL')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the credentials of the proxy belong into username and password, not into its URL')
  }
  return url
}
