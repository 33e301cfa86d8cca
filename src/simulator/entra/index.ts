// A double of the sign-in and of Microsoft Graph at the wire, over the state of one tenant: what is written there by others is seen here.

import type { SimulatedTenant } from '../trust/model.ts'
import type { WireRequest } from '../wire/http.ts'
import { createRandom, randomGuid } from '../wire/random.ts'
import { CLOUD_HOSTS } from './clouds.ts'
import type { EntraExchange } from './exchange.ts'
import { createEntraFaults, type EntraFaults } from './faults/rules.ts'
import { createForeignWriter, type ForeignWriter } from './foreign.ts'
import { type GraphFront, prepareGraph } from './graph/front.ts'
import { createReplication, type ReplicationLag } from './graph/replication.ts'
import { createCodes } from './login/codes.ts'
import { type LoginFront, prepareLogin } from './login/front.ts'
import { createTokens } from './login/tokens.ts'
import { createEntraLog, type EntraRequest } from './request-log.ts'
import { listenEntra } from './server.ts'
import { DEFAULT_ENTRA_SWITCHES, type EntraSwitches } from './switches.ts'

export { CRM_APP_ID, SHAREPOINT_APP_ID } from './clouds.ts'
export { createExchangeGate, type EwsVerdict, type ExchangeGate } from './exchange-gate.ts'
export { ENTRA_FAULT_LAYERS, type EntraFaultRule } from './faults/kinds.ts'
export type { EntraFaults } from './faults/rules.ts'
export type { ForeignWriter } from './foreign.ts'
export type { ReplicationLag } from './graph/replication.ts'
export type { EntraRequest } from './request-log.ts'
export { SEEDED_CLIENTS, seedTenant, type TenantSeed } from './seed.ts'
export { DEFAULT_ENTRA_SWITCHES, ENTRA_SWITCH_VALUES, type EntraSwitches } from './switches.ts'

/** What to start. */
export interface EntraOptions {
  readonly tenant: SimulatedTenant
  /**
   * Time of the directory: what it reckons the dates of keys from, and the lag of replication. It is asked for before each request is
   * served, so whoever shares this time may play what was due until then.
   */
  readonly now: () => Date
  /**
   * Time on the wire, by which tokens, assertions and Date headers go; default: `now`. Where the directory's time is simulated and the client
   * goes by its machine's, this is the machine's.
   */
  readonly wireNow?: () => Date
  readonly seed?: number
  readonly host?: string
  /** 0, the default: a free one. */
  readonly port?: number
  readonly switches?: Partial<EntraSwitches>
  /** Life of a token; default 3599, as in the product. */
  readonly tokenSeconds?: number
}

/** A sign-in and a Graph that listen. */
export interface RunningEntra {
  /** `http://host:port`; the tenant's sign-in is below it. */
  readonly loginUrl: string
  /** `http://host:port/graph`; the version is below it. */
  readonly graphUrl: string
  readonly port: number
  readonly tenant: SimulatedTenant
  readonly switches: EntraSwitches
  readonly faults: EntraFaults
  /** What others do in the tenant. */
  readonly foreign: ForeignWriter
  /** How late writes are seen from now on. */
  setReplicationLag(lag: ReplicationLag): void
  /** So far the service's clock is ahead of the client's. */
  setClockSkewMs(ms: number): void
  /** Every token given so far is answered with a claims challenge. */
  revokeTokens(): void
  /** Every operation, the parts of batches among them, oldest first. */
  requests(): readonly EntraRequest[]
  /** Stops at once, cutting connections. */
  close(): Promise<void>
}

const GRAPH = '/graph/'
const VERSION = 'v1.0/'

/** Starts the sign-in and Graph of a tenant on one port. Rejects where the port is taken. */
export async function startEntra(options: EntraOptions): Promise<RunningEntra> {
  const { tenant, now, wireNow = now, host = '127.0.0.1', port = 0 } = options
  const switches = { ...DEFAULT_ENTRA_SWITCHES, ...options.switches }
  const random = createRandom(options.seed ?? 1)
  const newId = () => randomGuid(random)
  const place = { origin: '' }
  const skew = { ms: 0 }
  const origin = () => place.origin
  const wireTime = () => new Date(wireNow().getTime() + skew.ms)
  const { login, graph } = CLOUD_HOSTS[tenant.cloud]
  const tokens = createTokens({
    tenantId: tenant.tenantId,
    login,
    nowMs: () => wireTime().getTime(),
    newId,
    lifetimeSeconds: options.tokenSeconds ?? 3599,
  })
  const replication = createReplication(tenant, () => now().getTime())
  const shared = {
    faults: createEntraFaults(random),
    foreign: createForeignWriter(tenant, { now, newId, random }),
    log: createEntraLog(),
  }
  const linkRoot = () => `${place.origin}/graph`
  const fronts: Fronts = {
    login: {
      ...shared,
      tenant,
      tokens,
      codes: createCodes(() => wireTime().getTime(), newId),
      switches,
      origin,
      now: wireTime,
      newId,
    },
    graph: {
      ...shared,
      random,
      context: { tenant, switches, replication, now, newId, contextRoot: graph, linkRoot },
      check: { tenant, tokens, origin, now: wireTime },
    },
  }
  const prepare = (request: WireRequest) => {
    now()
    return prepared(fronts, request)
  }
  const server = await listenEntra({ prepare, now: wireTime, host, port })
  place.origin = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`
  return {
    loginUrl: place.origin,
    graphUrl: linkRoot(),
    port: server.port,
    tenant,
    switches,
    faults: shared.faults,
    foreign: shared.foreign,
    setReplicationLag: replication.setLag,
    setClockSkewMs(ms) {
      skew.ms = ms
    },
    revokeTokens: tokens.revoke,
    requests: shared.log.entries,
    close: () => server.close(),
  }
}

interface Fronts {
  readonly login: LoginFront
  readonly graph: GraphFront
}

function prepared(fronts: Fronts, request: WireRequest): EntraExchange {
  if (!request.target.startsWith(GRAPH)) return prepareLogin(fronts.login, request)
  const below = request.target.slice(GRAPH.length)
  if (below.startsWith(VERSION)) return prepareGraph(fronts.graph, request, below.slice(VERSION.length))
  const error = { code: 'BadRequest', message: 'Invalid version.' }
  const headers = { 'Content-Type': 'application/json' }
  return {
    delivery: undefined,
    run: () => ({ status: 400, headers, body: JSON.stringify({ error }) }),
    record: () => undefined,
  }
}
