// A CRM deployment to practise on: two servers that both run the asynchronous services, the deployment tools on the first.
import { ACS_APP_ID, CRM_APP_ID } from '../entra/clouds.ts'
import type { SimulatedDeployment, SimulatedServer, SimulatedTenant } from '../trust/model.ts'
import { METADATA_URLS } from '../trust/trust-problem.ts'
import { certificateFacts } from './certificate.ts'
import { ISSUER, startService } from './lookup.ts'
import { type MadeCertificate, makeCertificate } from './pfx.ts'

/** What deployment to make. */
export interface DeploymentSeed {
  readonly nowMs: number
  /** Default `contoso-crm`. */
  readonly name?: string
  /** Names of the servers; the first has the deployment tools. */
  readonly servers?: readonly string[]
  readonly organizations?: readonly { readonly id: string; readonly uniqueName: string }[]
}

/** Account of the asynchronous services. */
export const SERVICE_ACCOUNT = 'CONTOSO\\svc-crmasync'

/** Passwords of the simulated accounts; the one of the connection's certificate is the same. */
export const SIMULATED_PASSWORD = 'simulator'

const DAY_MS = 86_400_000

/** A deployment that was never connected: no certificate, no settings. */
export function seedDeployment({ nowMs, name = 'contoso-crm', ...options }: DeploymentSeed): SimulatedDeployment {
  const names = options.servers ?? ['crm-async-1.contoso.com', 'crm-async-2.contoso.com']
  const organizations = (options.organizations ?? []).map(
    ({ id, uniqueName }) => [uniqueName.toLowerCase(), { id, uniqueName, tenantId: null }] as const,
  )
  return {
    name,
    servers: names.map((host, index) => seedServer(host, index === 0, nowMs)),
    settings: { authorizationServer: null, metadataUrl: null },
    rows: [],
    organizations: new Map(organizations),
  }
}

function seedServer(host: string, hasTools: boolean, nowMs: number): SimulatedServer {
  const service = (name: string) => ({
    name,
    account: SERVICE_ACCOUNT,
    isRunning: true,
    startedAtMs: nowMs - 7 * DAY_MS,
    loaded: null,
  })
  const account = (name: string, isAdministrator: boolean, isLocalAdministrator = isAdministrator) => ({
    name: `CONTOSO\\${name}`,
    password: SIMULATED_PASSWORD,
    isLocalAdministrator,
    isDeploymentAdministrator: isAdministrator,
  })
  return {
    host,
    version: '9.1.38.12',
    roles: hasTools ? ['FrontEndServer', 'BackEndServer', 'DeploymentAdministrationServer'] : ['BackEndServer'],
    powershellVersion: '5.1.17763.6414',
    hasSnapIn: hasTools,
    clockSkewMs: 0,
    store: [],
    services: [service('MSCRMAsyncService'), service('MSCRMAsyncService$maintenance'), service('MSCRMSandboxService')],
    registry: {},
    accounts: [account('svc-mailkeel', true), account('local-admin', false, true), account('reader', false)],
  }
}

/** A certificate for a deployment: valid for a year from a day ago on, of a subject that no other has. */
export function makeDeploymentCertificate(nowMs: number, commonName = 'crm-s2s-2026'): MadeCertificate {
  const notBeforeMs = nowMs - DAY_MS
  const notAfterMs = nowMs + 364 * DAY_MS
  return makeCertificate({ commonName, notBeforeMs, notAfterMs, password: SIMULATED_PASSWORD })
}

/** Sets everything on servers and in the directory as if a deployment had been connected and its services started half a day ago. */
export function connect(
  deployment: SimulatedDeployment,
  tenant: SimulatedTenant,
  { der }: Pick<MadeCertificate, 'der'>,
  nowMs: number,
): void {
  deployment.settings.authorizationServer = ACS_APP_ID
  deployment.settings.metadataUrl = METADATA_URLS[tenant.cloud] ?? METADATA_URLS.Global ?? null
  deployment.rows = [
    {
      id: 'a1b2c3d4-0000-4000-8000-000000000001',
      type: ISSUER,
      name: '',
      data: der,
      storeFindType: 'FindBySubjectDistinguishedName',
    },
  ]
  for (const organization of deployment.organizations.values()) organization.tenantId = tenant.tenantId
  for (const server of deployment.servers) {
    const provider = 'Microsoft Enhanced RSA and AES Cryptographic Provider'
    const readers = ['NT AUTHORITY\\SYSTEM', 'BUILTIN\\Administrators', SERVICE_ACCOUNT]
    server.store = [...server.store, { der, hasPrivateKey: true, keySpec: 1, provider, readers }]
    for (const service of server.services) startService(deployment, server, service, nowMs - DAY_MS / 2)
  }
  addKey(tenant, der)
}

/** Puts the certificate among the keys of the application, as if somebody had done it by hand. */
export function addKey(tenant: SimulatedTenant, der: string): void {
  const principal = tenant.principals.get(CRM_APP_ID)
  const facts = certificateFacts(der)
  if (principal === undefined || facts === undefined) return
  const key = {
    keyId: facts.sha256.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    displayName: facts.subject,
    startDateTime: new Date(facts.notBeforeMs).toISOString(),
    endDateTime: new Date(facts.notAfterMs).toISOString(),
    customKeyIdentifier: facts.thumbprint,
    key: der,
  }
  principal.keys = [...principal.keys, key]
}
