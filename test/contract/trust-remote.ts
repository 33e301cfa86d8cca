// A trust to run the contract of its stages against: real clients, simulated tenant and servers on sockets, planned and applied one by one.
import {
  applyPlan,
  computePlan,
  type Journal,
  type Outcome,
  observeAll,
  type Plan,
  type Read,
} from '../../src/engine/index.ts'
import type { ViewedTrust } from '../../src/reconcile/contract.ts'
import type { RunningTrust } from '../../src/simulator/index.ts'
import type { MadeCertificate } from '../../src/simulator/servers/index.ts'
import type { DesiredState } from '../../src/spec/desired.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { FIRST_ORGANIZATION, startTrustStack, TENANT, type TrustStack } from '../stack/trust.ts'
import { changesOf } from '../stages/pass.ts'

/** The certificate that the trust signs in with, and one that nothing uses yet. */
const CERTIFICATE = 's2s-2026'

/** What was observed, and what came of it. */
export interface TrustPlanned {
  readonly plan: Plan
  readonly reads: ReadonlyMap<string, Read>
}

/** A connected trust, reconciled until nothing was left to do. */
export interface TrustRemote {
  readonly stack: TrustStack
  readonly trust: RunningTrust
  /** Names of the servers, as keys have them. */
  readonly servers: readonly string[]
  /** Key of the credential of the certificate that the trust signs in with. */
  readonly credential: string
  /** Another certificate, the same every time: the servers still have it. */
  readonly other: MadeCertificate
  /** Objects that mailkeel changed before, by kind, as its memory says. */
  readonly changedAt: Map<string, Map<string, string>>
  plan(): Promise<TrustPlanned>
  apply(plan: Plan): Promise<readonly Outcome[]>
  /** As another process: it connects and signs in anew, and nothing goes wrong any more. */
  renew(): Promise<void>
  /** Puts everything back to how it was when it was started. */
  reset(): Promise<void>
  /** Plans and applies until nothing is left; gives how many of these wrote something. */
  converge(): Promise<number>
  /** Requests that change the tenant and scripts that change servers, so far. */
  writes(): number
  close(): Promise<void>
}

const READING_SCRIPTS: ReadonlySet<string | undefined> = new Set(['read-server', 'read-deployment', undefined])

/** Starts it. All its secrets are the canary. */
export async function startTrustRemote(): Promise<TrustRemote> {
  const stack = await startTrustStack({
    trust: { connected: true, tenant: { secret: CANARY_SECRET, foreign: true } },
  })
  const { trust } = stack.simulator
  for (const account of trust.deployment.servers.flatMap(({ accounts }) => accounts))
    Object.assign(account, { password: CANARY_SECRET })
  Object.assign(trust.servers, { password: CANARY_SECRET })
  const other = stack.addCertificate('other')
  await stack.configure()
  const spec = await stack.specWith(CERTIFICATE)
  await stack.settle(spec)
  // It went before the one in use, and nobody removed it from the servers.
  for (const server of trust.deployment.servers)
    server.store = server.store.flatMap((stored) => [{ ...stored, der: other.der }, stored])
  const remote = createRemote(stack, spec, other)
  await remote.renew()
  return remote
}

function createRemote(stack: TrustStack, spec: DesiredState, other: MadeCertificate): TrustRemote {
  const { trust, world } = stack.simulator
  const { signal } = new AbortController()
  const now = () => world.now()
  let composition: Awaited<ReturnType<TrustStack['compose']>> | undefined
  const scope = (): ViewedTrust => {
    const [found] = composition?.trusts ?? []
    if (!found) throw new Error('the spec has no trust')
    return found
  }
  const kept = keep(trust)
  const { switches } = trust.servers
  const changedAt: TrustRemote['changedAt'] = new Map()
  const remote: TrustRemote = {
    stack,
    trust,
    servers: trust.servers.servers.map(({ host, port }) => `${host}:${port}`),
    credential: `${TENANT}/${trust.certificate.sha256}`,
    other,
    changedAt,
    async plan() {
      const { desired, stages, newReader, scope: name } = scope()
      const reads = await observeAll({ stages, reader: newReader(), desired, now: now(), signal, changedAt })
      return { ...computePlan({ scope: name, revision: 'r1', stages, desired, reads, now: now() }), reads }
    },
    apply(plan) {
      const { desired, stages, newReader, writer } = scope()
      if (!writer) throw new Error('nobody may write')
      return applyPlan({ plan, stages, desired, newReader, writer, journal: NO_JOURNAL, now, signal })
    },
    async renew() {
      trust.entra.faults.clear()
      trust.servers.faults.clear()
      await composition?.close()
      composition = await stack.compose(spec, true)
    },
    async reset() {
      changedAt.clear()
      trust.servers.switches = { ...switches }
      putBack(trust, kept)
      await remote.renew()
    },
    async converge() {
      for (let pass = 0; pass < 5; pass += 1) {
        const { plan } = await remote.plan()
        if (changesOf(plan).length === 0) return pass
        await remote.apply(plan)
        stack.simulator.advance(60_000)
      }
      throw new Error('does not converge')
    },
    writes: () =>
      trust.entra.requests().filter(({ operation, method }) => operation !== 'sign-in' && isWrite(method)).length +
      trust.servers.log().filter(({ script }) => !READING_SCRIPTS.has(script)).length,
    async close() {
      await composition?.close()
      await stack.close()
    },
  }
  return remote
}

const NO_JOURNAL: Journal = { intend: async () => {}, conclude: async () => {} }

type Kept = Pick<RunningTrust, 'tenant' | 'deployment'>

function keep({ tenant, deployment }: Kept): Kept {
  return structuredClone({ tenant, deployment })
}

/** The simulators hold on to their objects, so these get their former members. */
function putBack({ tenant, deployment }: Kept, kept: Kept): void {
  const before = structuredClone(kept)
  replace(tenant.principals, before.tenant.principals)
  replace(tenant.applications, before.tenant.applications)
  replace(deployment.organizations, before.deployment.organizations)
  Object.assign(deployment.settings, before.deployment.settings)
  deployment.rows = before.deployment.rows
  deployment.servers.forEach((server, index) => {
    const { services = [], ...rest } = before.deployment.servers[index] ?? {}
    Object.assign(server, rest)
    server.services.forEach((service, at) => {
      Object.assign(service, services[at])
    })
  })
}

function replace<K, V>(map: Map<K, V>, before: ReadonlyMap<K, V>): void {
  map.clear()
  for (const [key, value] of before) map.set(key, value)
}

/** A batch is no write: its parts are counted by themselves. */
function isWrite(method: string): boolean {
  return method === 'PATCH' || method === 'DELETE'
}

/** Everything that a trust consists of, as it really is. Ids of keys and rows aside, which others give. */
export function pictureOf({ trust }: TrustRemote): unknown {
  const { tenant, deployment } = trust
  return {
    principals: [...tenant.principals.values()].map(({ appId, names, keys }) => ({
      appId,
      names: [...names].sort(),
      keys: keys.map((one) => [one.key, Date.parse(one.startDateTime), Date.parse(one.endDateTime)].join(' ')).sort(),
    })),
    settings: { ...deployment.settings },
    rows: deployment.rows.map(({ type, data }) => ({ type, data })),
    tenantId: deployment.organizations.get(FIRST_ORGANIZATION)?.tenantId,
    servers: deployment.servers.map(({ store, services }) => ({
      store: store.map(({ der, keySpec, readers }) => ({ der, keySpec, readers: [...readers].sort() })),
      services: services.map(({ name, isRunning, loaded }) => ({ name, isRunning, loaded })),
    })),
  }
}
