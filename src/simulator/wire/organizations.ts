// The organizations of one deployment: each with its own rows, faults and log, behind one port. The path names an organization, or the
// first part of the host name, as behind AD FS (Microsoft, Web API: compose HTTP requests).
import type { SimulatedWorld } from '../world/index.ts'
import type { EntityName } from '../world.ts'
import { type Control, createControl, type Pace } from './control/actions.ts'
import { createRequestLog } from './control/request-log.ts'
import { createFaultRules } from './faults/rules.ts'
import type { WireRequest } from './http.ts'
import { createRandom, randomGuid } from './random.ts'
import { createKeyOrder } from './reading/key-order.ts'
import { createPageLinks } from './reading/page-links.ts'
import type { Service } from './service/call.ts'
import type { Front } from './service/front.ts'
import { createStaticPages } from './service/static-pages.ts'
import type { Accounts, SignIn } from './sign-in/sign-in.ts'
import type { WireOptions } from './start-wire.ts'

/** An organization on the wire. */
export interface Hosted {
  readonly name: string
  readonly front: Front
  readonly control: Control
}

/** All organizations of a deployment, the first one added being the one that is meant where nothing names another. */
export interface Organizations {
  readonly all: readonly Hosted[]
  /** Puts a world on the wire. Throws an Error where the name is taken. */
  add(name: string, world: SimulatedWorld): Hosted
  /** The organization a request is for. */
  of(request: WireRequest): Hosted
}

/** What all organizations of a deployment share. */
export interface Deployment {
  readonly options: WireOptions
  readonly signIn: SignIn
  readonly accounts: Accounts
  readonly pace: Pace
}

/** No organization yet. */
export function createOrganizations(deployment: Deployment): Organizations {
  const all: Hosted[] = []
  const byHost = deployment.options.addressing === 'host'
  return {
    all,
    add(name, world) {
      if (all.some((hosted) => hosted.name === name))
        throw new Error(`there is an organization called "${name}" already`)
      const path = byHost || name === '' ? '' : `/${name}`
      const hosted = createHosted(deployment, world, name, path, all.length)
      all.push(hosted)
      return hosted
    },
    of(request) {
      const label = (request.headers['host'] ?? '').split(/[.:]/)[0]?.toLowerCase() ?? ''
      const found = all.find(({ name }) =>
        byHost ? name.toLowerCase() === label : name !== '' && request.target.startsWith(`/${name}/`),
      )
      const [first] = all
      if (first === undefined) throw new Error('the deployment has no organization')
      return found ?? first
    },
  }
}

function createHosted(
  { options, signIn, accounts, pace }: Deployment,
  world: SimulatedWorld,
  name: string,
  organizationPath: string,
  index: number,
): Hosted {
  const random = createRandom(options.seed + index)
  const faults = createFaultRules(random)
  const log = createRequestLog()
  const service = createService(world, options, organizationPath, () => randomGuid(random))
  const staticPages = options.staticPages ? createStaticPages() : undefined
  return {
    name,
    front: { service, signIn, faults, log, staticPages },
    control: createControl({ world, faults, log, pace, accounts }),
  }
}

/** Tables whose etags nobody documents for on-premises; the others are enabled for offline use and compare them. */
const EMAIL_FAMILY: ReadonlySet<EntityName> = new Set(['mailbox', 'emailserverprofile', 'organization', 'tracelog'])

function createService(
  world: SimulatedWorld,
  options: WireOptions,
  organizationPath: string,
  newId: () => string,
): Service {
  return {
    world,
    organizationPath,
    callers: options.callers ?? world.callerOf,
    newId,
    keyOrder: createKeyOrder(),
    pageLinks: createPageLinks(),
    linkOrigin: options.linkOrigin,
    maxPageSize: options.maxPageSize,
    concurrencyOf: (entity) => !EMAIL_FAMILY.has(entity) || world.switches.optimisticConcurrency,
  }
}
