// What lies on the disk of a machine that runs mailkeel over a trust: configuration, certificates, keys. And the spec, as text.
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningEntra } from '../../src/simulator/entra/index.ts'
import type { SimulatedOrganization } from '../../src/simulator/index.ts'
import { type MadeCertificate, type RunningServers, SERVICE_ACCOUNT } from '../../src/simulator/servers/index.ts'
import { documentOf, EVERYTHING, PROFILE, setOf } from './spec.ts'
import { plainAddresses } from './world.ts'

/** What is simulated, by the names that the spec gives. */
export interface Systems {
  readonly organizations: Map<string, SimulatedOrganization>
  readonly tenants: Map<string, RunningEntra>
  readonly deployments: Map<string, RunningServers>
  readonly certificates: Map<string, MadeCertificate>
}

/** SHA-256 of a certificate, in lower-case hexadecimal. */
export function sha256Of({ der }: Pick<MadeCertificate, 'der'>): string {
  return createHash('sha256').update(Buffer.from(der, 'base64')).digest('hex')
}

/** The environment variables of the secrets: each has one of its own, so that a leak says whose it is. */
export function secretsOf({ tenants, deployments, certificates }: Systems): Readonly<Record<string, string>> {
  const entries: [string, string][] = []
  for (const [name, { tenant }] of tenants) {
    for (const { clientId, secrets } of tenant.applications.values())
      entries.push([`SECRET_${variable(name)}_${clientId.slice(-1)}`, secrets[0]?.value ?? ''])
  }
  for (const [name, { password }] of deployments) entries.push([`CRM_${variable(name)}`, password])
  for (const [name, { password }] of certificates) entries.push([`PFX_${variable(name)}`, password])
  return Object.fromEntries(entries)
}

/** Writes configuration, certificates and keys into a folder. */
export async function writeWorkspace(
  folder: string,
  systems: Systems,
  changed = (text: string) => text,
): Promise<void> {
  const { organizations, tenants, deployments, certificates } = systems
  const identities: Record<string, unknown> = { crm: { type: 'None' } }
  for (const [name, { tenant }] of tenants) {
    const [reading = '', writing = ''] = [...tenant.applications.keys()]
    for (const [use, clientId] of [
      ['reader', reading],
      ['writer', writing],
    ] as const) {
      const clientSecret = { env: `SECRET_${variable(name)}_${clientId.slice(-1)}` }
      identities[`${name}-${use}`] = { type: 'Entra', clientId, clientSecret }
    }
  }
  for (const [name, { userName, privateKey }] of deployments) {
    await writeFile(join(folder, `${name}.key`), privateKey)
    identities[`${name}-ssh`] = { type: 'Ssh', userName, privateKey: { file: `${name}.key` } }
  }
  for (const [name, { pfx }] of certificates) await writeFile(join(folder, `${name}.pfx`), pfx)
  const spec = {
    source: { directory: 'spec' },
    policy: 'Enforce',
    identities,
    organizations: mapped(organizations, ({ url }) => ({ url, reading: 'crm' })),
    tenants: mapped(tenants, ({ loginUrl, graphUrl }, name) => ({
      reading: `${name}-reader`,
      writing: `${name}-writer`,
      endpoints: { login: loginUrl, graph: graphUrl },
    })),
    deployments: mapped(deployments, ({ servers, userName }, name) => ({
      credential: { userName, password: { env: `CRM_${variable(name)}` } },
      servers: servers.map(({ host, port, hostKeySha256 }) => ({
        host,
        port,
        hostKeySha256,
        identity: `${name}-ssh`,
      })),
    })),
    certificates: mapped(certificates, (_, name) => ({
      file: `${name}.pfx`,
      password: { env: `PFX_${variable(name)}` },
    })),
  }

  await writeFile(join(folder, 'mailkeel.yaml'), changed(documentOf('Configuration', undefined, spec)))
}

/** A Tenant. */
export function tenantDocument(name: string, tenantId: string, fields: object = {}): string {
  return documentOf('Tenant', name, { tenantId, servicePrincipal: { domains: ['*.contoso.com'] }, ...fields })
}

/** A Deployment that is to sign in with a certificate, and keeps the one before for an hour. */
export function deploymentDocument(name: string, certificate: string, made: MadeCertificate, fields = {}): string {
  return documentOf('Deployment', name, {
    certificate: {
      name: certificate,
      sha256: sha256Of(made),
      serviceAccounts: [SERVICE_ACCOUNT],
      keepPreviousFor: '1h',
      evaluation: true,
      ...fields,
    },
  })
}

/** An organization whose users are all connected; calendars by one organization only. It needs a folder of its own. */
export function organizationDocuments(
  name: string,
  { world }: SimulatedOrganization,
  { calendars = true, ...fields }: { readonly calendars?: boolean; readonly [field: string]: unknown } = {},
): string {
  const organization = documentOf('Organization', name, { uniqueName: name, environment: 'Production', ...fields })
  const methods = calendars ? EVERYTHING : { ...EVERYTHING, appointmentsContactsTasks: 'None' }
  return organization + PROFILE + setOf('people', plainAddresses(world, 'systemuser'), methods)
}

function variable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

function mapped<T>(map: ReadonlyMap<string, T>, of: (value: T, name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries([...map].map(([name, value]) => [name, of(value, name)]))
}
