import type { SimulatedWorld } from '../world/index.ts'
import type { CallerLookup } from '../world.ts'
import type { Control } from './control/actions.ts'
import { answerControl } from './control/routes.ts'
import { createOrganizations, type Hosted } from './organizations.ts'
import { createPauses } from './pauses.ts'
import { createRandom, randomGuid } from './random.ts'
import { listen } from './server.ts'
import { type AdfsOptions, type Authentication, createAccounts, createSignIn } from './sign-in/sign-in.ts'

/** How a world is put on the wire. */
export interface WireOptions {
  /** Seed of probabilities and of the identifiers in batch answers. */
  readonly seed: number
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Segment of the path that names the organization; empty where the host does. */
  readonly organizationName: string
  /** Whether the path names the organization, or the first part of the host name, as behind AD FS. */
  readonly addressing: 'path' | 'host'
  readonly authentication: Authentication
  readonly adfs: AdfsOptions
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
  /** Puts another organization beside. Throws an Error where the name is taken. */
  add(name: string, world: SimulatedWorld): Hosted
  close(): Promise<void>
}

/** How the control routes add an organization; its answer is the base of its URL. */
export type AddOrganization = (body: Readonly<Record<string, unknown>>) => {
  readonly name: string
  readonly url: string
}

/** Puts a world on the wire. Rejects where the port is taken. */
export async function startWire(world: SimulatedWorld, options: WireOptions, add: AddOrganization): Promise<Wire> {
  const random = createRandom(options.seed)
  const accounts = createAccounts()
  const pace = { latencyMs: options.latencyMs, operationCostMs: options.operationCostMs }
  const { authentication, adfs } = options
  const now = () => world.now()
  const signIn = createSignIn({ authentication, adfs, accounts, now, newId: () => randomGuid(random) })
  const organizations = createOrganizations({ options, signIn, accounts, pace })
  const first = organizations.add(options.organizationName, world)
  const server = await listen(
    {
      frontOf: (request) => organizations.of(request).front,
      latencyMs: () => pace.latencyMs,
      operationCostMs: () => pace.operationCostMs,
      maxBodyBytes: options.maxBodyBytes,
      now,
      pauses: createPauses(),
      control: (request, remoteAddress) =>
        answerControl({ organizations: organizations.all, add }, request, remoteAddress),
    },
    options.host,
    options.port,
  )
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    control: first.control,
    origin: `http://${host}:${server.port}`,
    port: server.port,
    add: organizations.add,
    close: () => server.close(),
  }
}
