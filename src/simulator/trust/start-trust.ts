// The one world: a tenant, the servers of a deployment, and the organizations on it, all in one time. What is changed in one of them decides
// what the next test of a mailbox finds out.
import {
  type EntraSwitches,
  type RunningEntra,
  SEEDED_CLIENTS,
  seedTenant,
  startEntra,
  type TenantSeed,
} from '../entra/index.ts'
import {
  connect,
  type MadeCertificate,
  makeDeploymentCertificate,
  makeServerKeys,
  type RunningServers,
  type ServerSwitches,
  seedDeployment,
  startServers,
} from '../servers/index.ts'
import type { SimulatedWorld } from '../world/index.ts'
import type { SimulatedDeployment, SimulatedTenant } from './model.ts'
import { enrolPeople } from './people.ts'
import { restoredTrust, savedTrust, type TrustState } from './saved-trust.ts'
import { trustProblemOf } from './trust-problem.ts'

/** How to start what surrounds the organizations. */
export interface TrustOptions {
  /** true: everything is set up and works; default: nothing was ever set. */
  readonly connected?: boolean
  readonly tenant?: Omit<TenantSeed, 'now'>
  /** Names of the servers; the first has the deployment tools. */
  readonly servers?: readonly string[]
  readonly switches?: { readonly entra?: Partial<EntraSwitches>; readonly servers?: Partial<ServerSwitches> }
  /** Ports of the sign-in and Graph, and of each server; left out: free ones. */
  readonly ports?: { readonly entra?: number; readonly servers?: readonly number[] }
  /** By what tokens go, where that is not the simulated time. */
  readonly wireNow?: () => Date
  /** What an earlier simulator saved. */
  readonly saved?: unknown
}

/** An application that may sign in. */
export interface TrustApplication {
  readonly clientId: string
  readonly secret: string
}

/** What surrounds the organizations of a simulator, running. */
export interface RunningTrust {
  readonly tenant: SimulatedTenant
  readonly deployment: SimulatedDeployment
  readonly entra: RunningEntra
  readonly servers: RunningServers
  readonly applications: { readonly reading: TrustApplication; readonly writing: TrustApplication }
  /** Made at the start: in use where it is connected, else waiting for it. */
  readonly certificate: MadeCertificate
  /** Makes another one, valid from a day ago for a year. */
  makeCertificate(commonName: string): MadeCertificate
  /** Puts an organization on the deployment; its tests then depend on all of this. */
  add(uniqueName: string, world: SimulatedWorld): void
  /** Everything as plain JSON. */
  snapshot(): unknown
  close(): Promise<void>
}

/** Starts a tenant and the servers of a deployment around a first organization. Rejects where a port is taken. */
export async function startTrust(
  uniqueName: string,
  world: SimulatedWorld,
  options: TrustOptions = {},
): Promise<RunningTrust> {
  const nowMs = () => world.clock.nowMs()
  const state = options.saved === undefined ? newTrust(options, nowMs()) : restoredTrust(options.saved)
  const { tenant, deployment, keys, certificate } = state
  const worlds = new Set<SimulatedWorld>()
  const now = () => {
    // Whatever was due before somebody changes anything here, found it as it was.
    for (const one of worlds) one.settle()
    return nowMs()
  }
  const add = (name: string, one: SimulatedWorld) => {
    place(deployment, name, one, options.connected === true ? tenant.tenantId : null)
    enrolPeople(tenant, one)
    worlds.add(one)
    one.setTrust(() => trustProblemOf({ tenant, deployment, organization: name, nowMs: nowMs() }))
  }
  add(uniqueName, world)
  if (options.connected === true && options.saved === undefined) connect(deployment, tenant, certificate, nowMs())
  const { ports = {}, switches = {}, wireNow } = options
  const entra = await startEntra({
    tenant,
    now: () => new Date(now()),
    port: ports.entra ?? 0,
    switches: switches.entra ?? {},
    ...(wireNow === undefined ? {} : { wireNow }),
  })
  const servers = await startServers({
    deployment,
    now,
    keys,
    switches: switches.servers ?? {},
    ports: ports.servers ?? [],
  }).catch(async (error: unknown) => {
    await entra.close()
    throw error
  })
  const secretOf = (clientId: string) => tenant.applications.get(clientId)?.secrets[0]?.value ?? ''
  return {
    tenant,
    deployment,
    entra,
    servers,
    applications: {
      reading: { clientId: SEEDED_CLIENTS.reading, secret: secretOf(SEEDED_CLIENTS.reading) },
      writing: { clientId: SEEDED_CLIENTS.writing, secret: secretOf(SEEDED_CLIENTS.writing) },
    },
    certificate,
    makeCertificate: (commonName) => makeDeploymentCertificate(nowMs(), commonName),
    add,
    snapshot: () => savedTrust(state),
    close: async () => void (await Promise.all([entra.close(), servers.close()])),
  }
}

function newTrust({ tenant = {}, servers }: TrustOptions, nowMs: number): TrustState {
  const deployment = seedDeployment({ nowMs, ...(servers === undefined ? {} : { servers }) })
  return {
    tenant: seedTenant({ ...tenant, now: new Date(nowMs) }),
    deployment,
    keys: makeServerKeys(deployment),
    certificate: makeDeploymentCertificate(nowMs),
  }
}

/** An organization that was there before keeps its tenant id. */
function place(
  { organizations }: SimulatedDeployment,
  uniqueName: string,
  world: SimulatedWorld,
  firstTenantId: string | null,
): void {
  const key = uniqueName.toLowerCase()
  const before = organizations.get(key)
  const tenantId = before === undefined ? firstTenantId : before.tenantId
  organizations.set(key, { id: world.organizationId, uniqueName, tenantId })
}
