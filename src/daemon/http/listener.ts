// The listeners of a running mailkeel: one for page, API, webhooks and health, and one for metrics. What they may tell they take from the
// board; nothing that comes in here can write anything.
import type { FastifyInstance } from 'fastify'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import { isLoopback } from '../../spec/configuration/loopback.ts'
import { parseDuration } from '../../spec/duration.ts'
import type { Configuration } from '../../spec/generated/types.ts'
import type { Board } from '../board.ts'
import { checkedSecret } from './checked-secret.ts'
import { createEvents } from './events.ts'
import { createGate, type GateRules } from './gate.ts'
import { healthRoutes } from './health.ts'
import type { ListenerLog } from './log.ts'
import type { Route } from './route.ts'
import type { SharedSecret } from './secret-proof.ts'
import { createServer, type ServerLimits, USUAL_LIMITS } from './server.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { followTls, openTls } from './tls.ts'
import { type Sender, webhookRoute } from './webhooks/route.ts'

/** What listeners are made with. */
export interface ListenerOptions {
  readonly configuration: RuntimeConfiguration
  readonly board: Board
  /** Page and API; health, events, sign-in and webhooks are added here. */
  readonly routes: readonly Route[]
  /** A webhook of this name said that there is something new. */
  readonly hint: (webhook: string) => void
  readonly machine: Machine
  readonly log: ListenerLog
  /** Tighter bounds, for tests. */
  readonly limits?: Partial<ServerLimits>
}

/** A server that listens. */
export interface Listener {
  readonly address: string
  readonly port: number
  /** Where people find the page: `listener.publicUrl` where that is said. */
  readonly url: string
  /** All addresses that are answered. */
  readonly routes: readonly Route[]
  /** Ends all connections. */
  close(): Promise<void>
}

type ListenerSpec = NonNullable<Configuration['spec']['listener']>

/** Where nothing is said: this machine only. */
export const DEFAULT_LISTENER: ListenerSpec = {
  address: '127.0.0.1',
  port: 8080,
  webhooks: [],
  requestsPerMinute: 600,
}

/** Starts page, API, webhooks and health. Throws UsageError where it cannot: port taken, secret missing or too short, certificate unfit. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { configuration, board, machine, log } = options
  const spec = configuration.spec.listener ?? DEFAULT_LISTENER
  const { address, publicUrl, signIn } = spec
  const isSecure = spec.tls !== undefined || publicUrl?.startsWith('https://') === true
  const token = spec.token && (await checkedSecret(spec.token, '`listener.token`', options))
  const sessions = sessionsOf(spec, token, machine)
  const rules: GateRules = {
    address,
    isSecure,
    ...(publicUrl !== undefined && { publicUrl }),
    ...(token && { token }),
    ...(sessions && { sessions }),
  }
  const gate = createGate(rules)
  const closing = new AbortController()
  const place = { origin: '' }
  const origin = () => (publicUrl === undefined ? place.origin : new URL(publicUrl).origin)
  const senders = await sendersOf(spec, options)
  const events = createEvents({ board, machine, viewerOf: gate.viewerOf })
  const entra = signIn && (await entraDoor(signIn, origin, options))
  const signInDoor = sessions && {
    sessions,
    isSecure,
    machine,
    log,
    ...(token && { token }),
    ...(entra && { entra }),
  }
  const routes = [
    ...options.routes,
    ...healthRoutes(board, machine),
    events.route,
    ...(signInDoor ? (await import('./sign-in/routes.ts')).signInRoutes(signInDoor) : []),
    ...(senders.size > 0 ? [webhookRoute({ senders, hint: options.hint, machine, signal: closing.signal, log })] : []),
  ]
  const tls = spec.tls && (await openTls(spec.tls, configuration))
  const app = await createServer({
    routes,
    gate,
    limits: { ...USUAL_LIMITS, requestsPerMinute: spec.requestsPerMinute, ...options.limits },
    machine,
    log,
    ...(signInDoor && { signInUrl: '/sign-in' }),
    ...(tls && { tls: tls.files }),
  })
  const port = await listen(app, address, spec.port, '`listener`').catch(async (error: unknown) => {
    // What goes on beside would keep a process alive that has nothing to do.
    closing.abort()
    events.close()
    await entra?.close()
    throw error
  })
  // People who come back from the sign-in do so to a name: Entra ID registers no other address of this machine.
  place.origin = urlOf(isLoopback(address) ? 'localhost' : address, port, tls !== undefined)
  const following = tls ? followTls(app.server, tls, { machine, log, signal: closing.signal }) : undefined
  return {
    address,
    port,
    url: publicUrl ?? urlOf(address, port, tls !== undefined),
    routes,
    async close() {
      closing.abort()
      events.close()
      await app.close()
      await following
      await entra?.close()
    },
  }
}

/** Starts the listener of the metrics; undefined where the configuration has none. Health is answered there too. Throws UsageError. */
export async function startMetricsListener(options: Omit<ListenerOptions, 'hint'>): Promise<Listener | undefined> {
  const { configuration, machine, log } = options
  const { metrics, requestsPerMinute } = configuration.spec.listener ?? {}
  if (!metrics) return undefined
  const { address } = metrics
  const token = metrics.token && (await checkedSecret(metrics.token, '`listener.metrics.token`', options))
  const routes = [...options.routes, ...healthRoutes(options.board, machine)]
  const limits = { ...USUAL_LIMITS, requestsPerMinute: requestsPerMinute ?? DEFAULT_LISTENER.requestsPerMinute }
  const gate = createGate({ address, isSecure: false, ...(token && { token }) })
  const app = await createServer({ routes, gate, limits: { ...limits, ...options.limits }, machine, log })
  const port = await listen(app, address, metrics.port, '`listener.metrics`')
  return { address, port, url: urlOf(address, port, false), routes, close: () => app.close() }
}

/** Where people can sign in there are sessions: with the token once, or with Entra ID. */
function sessionsOf(
  { address, signIn }: ListenerSpec,
  token: SharedSecret | undefined,
  { now }: Pick<Machine, 'now'>,
): Sessions | undefined {
  if (signIn) return createSessions(parseDuration(signIn.sessionMaxAge), now)
  if (token) return createSessions(TOKEN_SESSION_MS, now)
  if (isLoopback(address)) return undefined
  throw new UsageError(`a listener at ${address} needs a \`token\` or a \`signIn\`, because others can reach it`)
}

const TOKEN_SESSION_MS = 8 * 60 * 60_000

async function sendersOf({ webhooks }: ListenerSpec, options: ListenerOptions): Promise<ReadonlyMap<string, Sender>> {
  const senders = webhooks.map(async ({ name, type, secret }): Promise<[string, Sender]> => {
    return [name, { type, secret: await checkedSecret(secret, `the secret of webhook ${name}`, options) }]
  })
  return new Map(await Promise.all(senders))
}

async function entraDoor(signIn: NonNullable<ListenerSpec['signIn']>, origin: () => string, options: ListenerOptions) {
  const { composeSignIn } = await import('./sign-in/compose.ts')
  return composeSignIn(signIn, origin, options)
}

async function listen(app: FastifyInstance, host: string, port: number, what: string): Promise<number> {
  try {
    // The name would be listened at twice, once per family.
    await app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port })
  } catch (error) {
    await app.close()
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code
    throw new UsageError(`${what} cannot listen at ${host}, port ${port}: ${why}`, { cause: error })
  }
  const bound = app.server.address()
  return typeof bound === 'object' && bound ? bound.port : port
}

function urlOf(address: string, port: number, hasTls: boolean): string {
  const everywhere = address === '0.0.0.0' || address === '::'
  const host = everywhere ? 'localhost' : address.includes(':') ? `[${address}]` : address
  return `${hasTls ? 'https' : 'http'}://${host}:${port}`
}
