// The one question behind all simulated systems: can the asynchronous services of this deployment sign in to Exchange Online for this
// organization now? Only what is really so counts: what the running services have loaded, and which keys the directory holds.
import { ACS_APP_ID, CRM_APP_ID } from '../entra/clouds.ts'
import { createExchangeGate } from '../entra/exchange-gate.ts'
import { certificateFacts } from '../servers/certificate.ts'
import { isAsynchronous, type LookupFailure, lookUp } from '../servers/lookup.ts'
import type { TrustProblem } from '../world/truth.ts'
import type {
  SimulatedDeployment,
  SimulatedPrincipal,
  SimulatedServer,
  SimulatedService,
  SimulatedStoredCertificate,
  SimulatedTenant,
} from './model.ts'

/** Everything that must fit together. */
export interface TrustParts {
  readonly tenant: SimulatedTenant
  readonly deployment: SimulatedDeployment
  /** Unique name. */
  readonly organization: string
  readonly nowMs: number
}

/**
 * Where CRM finds what the access control service signs with (same source; GCC High by the same page). What other clouds need is not
 * published: anything set counts.
 */
export const METADATA_URLS: Readonly<Partial<Record<SimulatedTenant['cloud'], string>>> = {
  Global: 'https://accounts.accesscontrol.windows.net/metadata/json/1',
  UsGovHigh: 'https://login.microsoftonline.us/metadata/json/1',
}

/** What is wrong with the trust, as a test of any mailbox meets it first; undefined where all fits together. */
export function trustProblemOf(parts: TrustParts): TrustProblem | undefined {
  return problemOfServers(parts) ?? problemOfSettings(parts) ?? problemOfTenant(parts)
}

/** A test may land on any server that runs the service, so one server in trouble is trouble. */
function problemOfServers(parts: TrustParts): TrustProblem | undefined {
  for (const server of parts.deployment.servers) {
    for (const service of server.services) {
      if (!isAsynchronous(service) || !service.isRunning) continue
      const problem = problemOfService(parts, server, service)
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function problemOfService(
  parts: TrustParts,
  server: SimulatedServer,
  service: SimulatedService,
): TrustProblem | undefined {
  const { deployment, nowMs } = parts
  if (service.loaded === null) return problemOfLookup(deployment, server, service)
  const stored = server.store.find(({ der }) => certificateFacts(der)?.sha256 === service.loaded)
  if (stored === undefined || !stored.hasPrivateKey) return 'certificate-missing'
  return problemOfCertificate(stored, nowMs) ?? problemOfKey(parts.tenant, service.loaded, nowMs)
}

const PROBLEM_OF_LOOKUP: Readonly<Record<LookupFailure, TrustProblem>> = {
  NoRow: 'certificate-missing',
  SeveralRows: 'certificate-missing',
  NotInStore: 'certificate-missing',
  SameSubjectTwice: 'certificate-missing',
  NoPrivateKey: 'certificate-missing',
  KeyUnreadable: 'key-unreadable',
}

/** The service found nothing when it started; what it would find by now does not help it before it starts again. */
function problemOfLookup(
  deployment: SimulatedDeployment,
  server: SimulatedServer,
  service: SimulatedService,
): TrustProblem {
  const lookup = lookUp(deployment, server, service)
  return 'found' in lookup ? 'certificate-missing' : PROBLEM_OF_LOOKUP[lookup.failure]
}

/** Only a key for exchange serves (Microsoft: same page, KeySpec 1). */
function problemOfCertificate(stored: SimulatedStoredCertificate, nowMs: number): TrustProblem | undefined {
  if (stored.keySpec !== 1) return 'key-unusable'
  const facts = certificateFacts(stored.der)
  if (facts === undefined || nowMs < facts.notBeforeMs || nowMs >= facts.notAfterMs) return 'certificate-expired'
  return undefined
}

function problemOfKey(tenant: SimulatedTenant, sha256: string, nowMs: number): TrustProblem | undefined {
  const keys = principalOf(tenant)?.keys ?? []
  const fits = keys.some(
    ({ key, type, usage, startDateTime, endDateTime }) =>
      type === 'AsymmetricX509Cert' &&
      usage === 'Verify' &&
      certificateFacts(key)?.sha256 === sha256 &&
      Date.parse(startDateTime) <= nowMs &&
      nowMs < Date.parse(endDateTime),
  )
  return fits ? undefined : 'key-unknown'
}

function problemOfSettings({ deployment: { settings }, tenant }: TrustParts): TrustProblem | undefined {
  const server = plainId(settings.authorizationServer)
  const url = settings.metadataUrl?.trim() ?? ''
  const wanted = METADATA_URLS[tenant.cloud]
  const isRight = server === ACS_APP_ID && (wanted === undefined ? url !== '' : url === wanted)
  return isRight ? undefined : 'settings-wrong'
}

function problemOfTenant({ tenant, deployment, organization, nowMs }: TrustParts): TrustProblem | undefined {
  const told = deployment.organizations.get(organization.toLowerCase())?.tenantId ?? null
  if (plainId(told) !== tenant.tenantId.toLowerCase()) return 'tenant-wrong'
  const names = principalOf(tenant)?.names ?? []
  if (!names.some((name) => name.toLowerCase() === CRM_APP_ID)) return 'name-missing'
  const { state } = createExchangeGate(tenant, () => new Date(nowMs)).verdict()
  if (state === 'Open') return undefined
  return state === 'TenantNotEnabled' ? 'tenant-not-enabled' : 'ews-blocked'
}

function principalOf(tenant: SimulatedTenant): SimulatedPrincipal | undefined {
  return tenant.principals.get(CRM_APP_ID)
}

function plainId(text: string | null): string {
  return (text ?? '')
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, '$1')
}
