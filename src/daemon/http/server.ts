// The server made from a list of routes. Every request goes the same way: headers of the answer, place (Host, Origin), rate, right, and
// only then its body, its parameters and its handler. What comes over the wire is bounded in size and in time before anybody looks at it.
import type { Server } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import type { Machine } from '../../machine.ts'
import { asHttpError, refuse } from './answers.ts'
import { checkRole, type Gate } from './gate.ts'
import { protectAnswer } from './headers.ts'
import type { ListenerLog } from './log.ts'
import { HttpError, type Route, type Viewer } from './route.ts'
import type { TlsFiles } from './tls.ts'

/** What a server may be asked to bear. */
export interface ServerLimits {
  readonly requestsPerMinute: number
  /** Of a body, in bytes. */
  readonly body: number
  readonly connections: number
  /** Until all headers are there, and until all of the request is there. */
  readonly headersMs: number
  readonly requestMs: number
  /** A connection on which nothing moves is closed after this. */
  readonly idleMs: number
}

/** What a server is made of. */
export interface ServerOptions {
  readonly routes: readonly Route[]
  readonly gate: Gate
  /** Where a browser that is not signed in is sent; absent where nobody can sign in. */
  readonly signInUrl?: string
  readonly tls?: TlsFiles
  readonly limits: ServerLimits
  readonly machine: Pick<Machine, 'newId'>
  readonly log: ListenerLog
}

/** Bounds that nobody needs to change. */
export const USUAL_LIMITS: Omit<ServerLimits, 'requestsPerMinute'> = {
  body: 256 * 1024,
  connections: 1000,
  headersMs: 10_000,
  requestMs: 20_000,
  idleMs: 60_000,
}

/** Longest part of an address: the key of an object, percent-encoded. */
const LONGEST_PARAMETER = 2000
const CHECK_EVERY_MS = 500

/** Makes the server; it does not listen yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { gate, limits, tls, log, machine } = options
  const app = await bareServer(options)
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy()
    const known = asHttpError(error, request, { log, newId: machine.newId })
    const { signInUrl } = options
    if (known.status === 401 && signInUrl !== undefined && isBrowsing(request)) {
      return reply.redirect(`${signInUrl}?to=${encodeURIComponent(request.url)}`, 302)
    }
    return refuse(reply, known)
  }
  const routeOf = (request: FastifyRequest) => request.routeOptions.config.route
  app.server.maxConnections = limits.connections
  app.setErrorHandler(fail)
  app.addHook('onRequest', async (request, reply) => {
    protectAnswer(reply, tls !== undefined)
    gate.checkPlace(request, routeOf(request))
  })
  await limitRate(app, limits.requestsPerMinute)
  app.setNotFoundHandler((request, reply) => {
    return fail(new HttpError(404, 'NotFound', 'there is nothing at this address'), request, reply)
  })
  // Bodies stay bytes: whoever takes one first proves who he is.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  for (const route of options.routes) addRoute(app, route, gate)
  await app.ready()
  return app
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent for an address that is none. */
    readonly route?: Route
  }
}

async function bareServer({ limits, tls }: ServerOptions): Promise<FastifyInstance> {
  const { fastify } = await import('fastify')
  const bounds = { headersTimeout: limits.headersMs, connectionsCheckingInterval: CHECK_EVERY_MS }
  const common = {
    logger: false,
    // Whoever comes through a proxy comes from the proxy: the header that says otherwise can be written by anybody.
    trustProxy: false,
    bodyLimit: limits.body,
    connectionTimeout: limits.idleMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: Math.min(limits.idleMs, 30_000),
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    clientErrorHandler: (_error, socket) => {
      if (socket.writable) socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      socket.destroy()
    },
    frameworkErrors: (error, request, reply) => {
      protectAnswer(reply, tls !== undefined)
      refuse(reply, asHttpError(error, request, { log: SILENT, newId: () => '' }))
    },
  } satisfies FastifyServerOptions<Server>
  if (!tls) return fastify({ ...common, http: bounds })
  const https = { ...bounds, cert: tls.certificate, key: tls.privateKey, minVersion: 'TLSv1.2' } as const
  // Routes see the same requests, whatever carries them.
  return fastify({ ...common, https } as FastifyServerOptions<Server>)
}

const SILENT: ListenerLog = { warn: () => {}, error: () => {} }

/**
 * Counts every request of an address, found or not, allowed or not: whoever guesses a token is counted too. Health is free: whoever watches
 * the process must not be shut out by others behind the same address.
 */
async function limitRate(app: FastifyInstance, max: number): Promise<void> {
  const { default: rateLimit } = await import('@fastify/rate-limit')
  // A machine with IPv6 has a whole network of addresses.
  await app.register(rateLimit, { global: false, max, timeWindow: 60_000, cache: 10_000, ipv6Subnet: 64 })
  const count = app.createRateLimit()
  app.addHook('onRequest', async (request, reply) => {
    if (FREE.has(request.routeOptions.url ?? '')) return
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) return
    reply.header('retry-after', counted.ttlInSeconds)
    throw new HttpError(429, 'TooManyRequests', `too many requests; come back in ${counted.ttlInSeconds} s`)
  })
}

const FREE: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

function addRoute(app: FastifyInstance, route: Route, gate: Gate): void {
  const viewers = new WeakMap<FastifyRequest, Viewer>()
  app.route({
    method: route.method,
    url: route.url,
    config: { route },
    // Whoever watches a server from outside often asks with HEAD: by the same rules, without the body.
    exposeHeadRoute: route.method === 'GET' && route.isEndless !== true,
    schema: { ...(route.params && { params: route.params }), ...(route.query && { querystring: route.query }) },
    onRequest: async (request) => {
      if (route.access === 'Public' || route.access === 'Webhook') return
      const viewer = await gate.viewerOf(request)
      checkRole(route, viewer)
      if (viewer) viewers.set(request, viewer)
    },
    handler: async (request, reply) => route.handle(request, reply, viewers.get(request)),
  })
}

/** A person with a browser, and not a program or the page's own script. */
function isBrowsing({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !url.startsWith('/api/') && (headers.accept ?? '').includes('text/html')
}
