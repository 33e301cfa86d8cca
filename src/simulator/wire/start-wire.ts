import type { SimulatedWorld } from '../world/index.ts'
import type { CallerLookup, EntityName } from '../world.ts'
import { type Control, createControl } from './control/actions.ts'
import { createRequestLog } from './control/request-log.ts'
import { answerControl } from './control/routes.ts'
import { createFaultRules } from './faults/rules.ts'
import { createPauses } from './pauses.ts'
import { createRandom, randomGuid } from './random.ts'
import { createKeyOrder } from './reading/key-order.ts'
import { createPageLinks } from './reading/page-links.ts'
import { listen } from './server.ts'
import type { Authentication } from './service/authentication.ts'
import type { Service } from './service/call.ts'
import { createStaticPages } from './service/static-pages.ts'

/** How a world is put on the wire. */
export interface WireOptions {
  /** Seed of probabilities and of the identifiers in batch answers. */
  readonly seed: number
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Segment of the path that names the organization; empty where the host does. */
  readonly organizationName: string
  readonly authentication: Authentication
  /** Who calls; default: the callers the world knows. */
  readonly callers?: CallerLookup
  readonly latencyMs: number
  readonly operationCostMs: number
  readonly staticPages: boolean
  /** `scheme://host[:port]` that links name in place of the one asked for, as behind a proxy. */
  readonly linkOrigin?: string
  /** Longest body in bytes; longer ones are answered with 413. */
  readonly maxBodyBytes: number
  /** Rows of a page where the client asks for none; the product's is 5000. */
  readonly maxPageSize: number
}

/** A world that answers on a socket. */
export interface Wire {
  readonly control: Control
  /** `http://host:port`. */
  readonly origin: string
  readonly port: number
  close(): Promise<void>
}

/** Puts a world on the wire. Rejects where the port is taken. */
export async function startWire(world: SimulatedWorld, options: WireOptions): Promise<Wire> {
  const random = createRandom(options.seed)
  const faults = createFaultRules(random)
  const log = createRequestLog()
  const pace = { latencyMs: options.latencyMs, operationCostMs: options.operationCostMs }
  const control = createControl(world, faults, log, pace)
  const server = await listen(
    {
      front: {
        service: createService(world, options, () => randomGuid(random)),
        authentication: options.authentication,
        faults,
        log,
        staticPages: options.staticPages ? createStaticPages() : undefined,
      },
      latencyMs: () => pace.latencyMs,
      operationCostMs: () => pace.operationCostMs,
      maxBodyBytes: options.maxBodyBytes,
      now: () => world.now(),
      pauses: createPauses(),
      control: (request, remoteAddress) => answerControl(control, request, remoteAddress),
    },
    options.host,
    options.port,
  )
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return { control, origin: `http://${host}:${server.port}`, port: server.port, close: () => server.close() }
}

/** Tables whose etags nobody documents for on-premises; the others are enabled for offline use and compare them. */
const EMAIL_FAMILY: ReadonlySet<EntityName> = new Set(['mailbox', 'emailserverprofile', 'organization', 'tracelog'])

function createService(world: SimulatedWorld, options: WireOptions, newId: () => string): Service {
  return {
    world,
    organizationPath: options.organizationName === '' ? '' : `/${options.organizationName}`,
    callers: options.callers ?? world.callerOf,
    newId,
    keyOrder: createKeyOrder(),
    pageLinks: createPageLinks(),
    linkOrigin: options.linkOrigin,
    maxPageSize: options.maxPageSize,
    concurrencyOf: (entity) => !EMAIL_FAMILY.has(entity) || world.switches.optimisticConcurrency,
  }
}
