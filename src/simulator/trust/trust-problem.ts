// The one question behind all simulated systems: can the asynchronous services of this deployment sign in to Exchange Online for this
// organization now? Only what is really so counts: what the running services have loaded, and which keys the directory holds.
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

/** Application id of CRM in every tenant (Microsoft: connect Dynamics 365 (on-premises) to Exchange Online, its script). */
export const CRM_APPLICATION = '00000007-0000-0000-c000-000000000000'

/** Of the access control service, which CRM asks for tokens (same source). */
export const AUTHORIZATION_SERVER = '00000001-0000-0000-c000-000000000000'

/**
 * Where CRM finds what the access control service signs with (same source; GCC High by the same page). What other clouds need is not
 * published: anything set counts.
 */
export const METADATA_URLS: Readonly<Partial<Record<SimulatedTenant['cloud'], string>>> = {
  Global: 'https://accounts.accesscontrol.windows.net/metadata/json/1',
  UsGovHigh: 'https://login.microsoftonline.us/metadata/json/1',
}

/** EWS in Exchange Online ends for everybody (Microsoft: deprecation of Exchange Web Services in Exchange Online; the day is inferred). */
const EWS_ENDS_MS = Date.parse('2027-04-01T00:00:00Z')

/** From then on an organization that never said anything has no EWS (same source). */
const EWS_UNSET_ENDS_MS = Date.parse('2026-10-01T00:00:00Z')

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
  const isRight = server === AUTHORIZATION_SERVER && (wanted === undefined ? url !== '' : url === wanted)
  return isRight ? undefined : 'settings-wrong'
}

function problemOfTenant({ tenant, deployment, organization, nowMs }: TrustParts): TrustProblem | undefined {
  const told = deployment.organizations.get(organization.toLowerCase())?.tenantId ?? null
  if (plainId(told) !== tenant.tenantId.toLowerCase()) return 'tenant-wrong'
  const names = principalOf(tenant)?.names ?? []
  if (!names.some((name) => name.toLowerCase() === CRM_APPLICATION)) return 'name-missing'
  if (!tenant.exchange.hybridConnector || !tenant.exchange.supportEnabled) return 'tenant-not-enabled'
  return opensToCrm(tenant.exchange, nowMs) ? undefined : 'ews-blocked'
}

/**
 * With EWS on, only listed applications pass, and from October 2026 no list means nobody. Which id stands for CRM is not published: its
 * own is assumed.
 */
function opensToCrm({ ewsEnabled, allowedAppIds }: SimulatedTenant['exchange'], nowMs: number): boolean {
  if (nowMs >= EWS_ENDS_MS || ewsEnabled === false) return false
  if (ewsEnabled === null) return nowMs < EWS_UNSET_ENDS_MS
  if (allowedAppIds === undefined) return nowMs < EWS_UNSET_ENDS_MS
  return allowedAppIds.some((id) => plainId(id) === CRM_APPLICATION)
}

function principalOf(tenant: SimulatedTenant): SimulatedPrincipal | undefined {
  return tenant.principals.get(CRM_APPLICATION)
}

function plainId(text: string | null): string {
  return (text ?? '')
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, '$1')
}
