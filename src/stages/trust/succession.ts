// Whether what follows a certificate has proven itself: every deployment of the trust signs in with the certificate that the spec names,
// every service was started since, a mailbox passed a test since, and the time is over for which people want to be able to go back.
import type { DeploymentState } from '../../crm-server/deployment.ts'
import type { Key, Reason } from '../../engine/index.ts'
import type { DesiredDeployment } from '../../spec/desired.ts'
import { minute } from '../minute.ts'
import { loadState, newest, newestStart } from './async-services.ts'
import { type Asking, deploymentFact, type Fact, factOf, issuerRows, type ServerFact, serversOf } from './facts.ts'
import { deploymentsOf, isCertified, organizationsOn } from './members.ts'
import { shortName } from './names.ts'

/** What is known of the certificates that follow others in one tenant. */
export interface Followed {
  /** SHA-256 of every certificate in a row of any deployment of the trust. */
  readonly inUse: ReadonlySet<string>
  /** SHA-256 of what is in the stores of the deployments that sign in to the tenant with a certificate of the spec: those that follow, and those before. */
  readonly stored: ReadonlySet<string>
  /** For how long people want to be able to go back; the longest of the deployments. */
  readonly keepPreviousForMs: number
  /** Something could not be read, so nothing follows. */
  readonly unknown?: Reason
  /** What a previous credential still waits for. Absent: nothing. */
  readonly waits?: Reason
}

/** By tenant. A tenant that no deployment with a certificate of the spec signs in to has no entry: nothing follows there. */
export async function successionsOf(asking: Asking, now: Date): Promise<ReadonlyMap<string, Followed>> {
  const { desired } = asking
  const [servers, states] = await Promise.all([serversOf(asking, 'all'), statesOf(asking)])
  const rows = [...states.values()].flatMap(({ value }) => (value ? issuersIn(value) : []))
  const inUse = new Set(rows)
  const unknown = unreadIn(states, servers)
  const followed = new Map<string, Followed>()
  for (const { name } of desired.tenants.values()) {
    const deployments = deploymentsOf(desired, name)
    const certified = deployments.filter(isCertified)
    if (certified.length === 0) continue
    const keepPreviousForMs = Math.max(...certified.map(({ certificate }) => certificate.keepPreviousForMs))
    const base = { inUse, stored: storedOn(certified, servers), keepPreviousForMs }
    if (unknown) followed.set(name, { ...base, unknown })
    else {
      const waits = await firstWait(deployments, (deployment) =>
        waitsFor(deployment, name, { asking, servers, states, now }),
      )
      followed.set(name, { ...base, ...(waits && { waits }) })
    }
  }
  return followed
}

/** Every deployment that the spec names; one that nobody says how to reach may sign in with anything. */
async function statesOf(asking: Asking): Promise<ReadonlyMap<string, Fact<DeploymentState>>> {
  const entries = [...asking.desired.deployments.keys()].map(async (name) => {
    const fact = await deploymentFact(asking, name)
    return [name, fact ?? { reason: notReachable(name) }] as const
  })
  return new Map(await Promise.all(entries))
}

function notReachable(deployment: string): Reason {
  const message = `mailkeel.yaml does not say how to reach deployment ${deployment}, so nobody can tell which certificate it signs in with`
  return { code: 'DeploymentNotReachable', message }
}

/** Rows of every kind: whoever finds the certificate in one may be signing in with it. */
function issuersIn({ rows }: DeploymentState): readonly string[] {
  return rows.flatMap(({ sha256 = [] }) => sha256)
}

function storedOn(deployments: readonly DesiredDeployment[], servers: readonly ServerFact[]): ReadonlySet<string> {
  const names = new Set(deployments.map(({ name }) => name))
  const own = servers.filter(({ deployment }) => names.has(deployment.name))
  return new Set(own.flatMap(({ state }) => state.value?.certificates.map(({ sha256 }) => sha256) ?? []))
}

function unreadIn(
  states: ReadonlyMap<string, Fact<DeploymentState>>,
  servers: readonly ServerFact[],
): Reason | undefined {
  const unread = [...states.values(), ...servers.map(({ state }) => state)].find(({ reason }) => reason !== undefined)
  if (unread?.reason) return unread.reason
  const blind = [...states.values()].some(({ value }) => value?.rows.some(({ sha256 }) => sha256 === undefined))
  const message = 'a certificate row of CRM cannot be read; look at it with Get-CrmCertificate'
  return blind ? { code: 'RowUnreadable', message } : undefined
}

async function firstWait(
  deployments: readonly DesiredDeployment[],
  waits: (deployment: DesiredDeployment) => Promise<Reason | undefined>,
): Promise<Reason | undefined> {
  for (const deployment of deployments) {
    const reason = await waits(deployment)
    if (reason) return reason
  }
  return undefined
}

/** What was read of the whole trust. */
interface Found {
  readonly asking: Asking
  readonly servers: readonly ServerFact[]
  readonly states: ReadonlyMap<Key, Fact<DeploymentState>>
  readonly now: Date
}

async function waitsFor(
  deployment: DesiredDeployment,
  tenant: string,
  { asking, servers, states, now }: Found,
): Promise<Reason | undefined> {
  const { name } = deployment
  if (!isCertified(deployment)) return undefined
  const { sha256, keepPreviousForMs } = deployment.certificate
  const state = states.get(name)?.value
  if (!state || issuerRows(state).some((row) => row.sha256 !== sha256) || issuerRows(state).length !== 1) {
    return wait('NotSwitched', `stays beside the new one until ${name} signs in with certificate ${shortName(sha256)}`)
  }
  const own = servers.filter((fact) => fact.deployment.name === name)
  const stale = own.find(({ state: fact }) => !fact.value || loadState(fact.value) !== 'loaded')
  if (stale)
    return wait(
      'NotRestarted',
      `stays beside the new one until the asynchronous services of ${stale.server} are restarted`,
    )
  const started = newestStart(own.flatMap(({ state: fact }) => fact.value ?? []))
  if (!started) return wait('NotRestarted', `stays beside the new one until the asynchronous services of ${name} run`)
  return (await unproven(deployment.name, tenant, started, asking)) ?? tooEarly(started, keepPreviousForMs, now)
}

/** A test of one organization proves the certificate of its deployment. An organization that cannot be read proves nothing. */
async function unproven(
  deployment: string,
  tenant: string,
  started: string,
  { reader, desired, signal }: Asking,
): Promise<Reason | undefined> {
  const organizations = organizationsOn(desired, deployment).filter((organization) => organization.tenant === tenant)
  const proofs = await Promise.all(organizations.map(({ name }) => factOf(() => reader.proof(name, signal), signal)))
  const passed = newest(proofs.flatMap(({ value }) => value?.lastPassedOn ?? []))
  if (passed !== undefined && passed > started) return undefined
  const unread = proofs.find(({ reason }) => reason !== undefined)?.reason
  const why = unread ? `the tests could not be read (${unread.message})` : `none did since ${minute(started)}`
  return wait('NotProven', `stays beside the new one until a mailbox passes a test; ${why}`)
}

function tooEarly(started: string, keepPreviousForMs: number, now: Date): Reason | undefined {
  const until = new Date(Date.parse(started) + keepPreviousForMs)
  if (until.getTime() <= now.getTime()) return undefined
  return wait(
    'KeepsPrevious',
    `stays beside the new one until ${minute(until.toISOString())} (${keptInWords(keepPreviousForMs)}), then the next pass removes it`,
  )
}

/** `keepPreviousFor 72h` */
export function keptInWords(keepPreviousForMs: number): string {
  return `keepPreviousFor ${Math.round(keepPreviousForMs / 3_600_000)}h`
}

function wait(code: string, message: string): Reason {
  return { code, message }
}
