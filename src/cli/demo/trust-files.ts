// What the demo says of the trust: how to reach tenant and servers (mounted), and which certificate was reviewed (committed).
import type { RunningTrust } from '../../simulator/index.ts'
import { ORGANIZATION } from './spec-files.ts'

/** A certificate as files name it. */
export interface DemoCertificate {
  readonly name: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** Who is reached where. */
export type DemoPlaces = { readonly url: string } & {
  readonly trust: Pick<RunningTrust, 'applications'> & {
    readonly tenant: Pick<RunningTrust['tenant'], 'tenantId'>
    readonly entra: Pick<RunningTrust['entra'], 'loginUrl' | 'graphUrl'>
    readonly servers: Pick<RunningTrust['servers'], 'servers' | 'userName' | 'password' | 'privateKey'>
  }
}

/** The password that the PFX files of the demo are locked with. */
export const PFX_PASSWORD_FILE = 'secrets/pfx-password'
/** The committed file that names the certificate. */
export const TRUST_FILE = 'spec/trust.yaml'
/** How long the previous credential stays in the demo, in seconds; in real life it is days. */
export const KEEP_PREVIOUS_SECONDS = 10

/** Where a certificate lies. Beside the spec, never in it. */
export function pfxFile({ name }: Pick<DemoCertificate, 'name'>): string {
  return `certificates/${name}.pfx`
}

/** Secrets by file, each for its owner alone. They open nothing but the simulator. */
export function secretFiles({ trust: { applications, servers } }: DemoPlaces): ReadonlyMap<string, string> {
  return new Map([
    ['secrets/tenant-reader', applications.reading.secret],
    ['secrets/tenant-writer', applications.writing.secret],
    ['secrets/ssh-key', servers.privateKey],
    ['secrets/crm-deploy', servers.password],
    [PFX_PASSWORD_FILE, 'a password of the laboratory'],
  ])
}

/** The runtime configuration, with the certificates that there are by now. */
export function configurationFile(places: DemoPlaces, certificates: readonly string[]): string {
  return `# How to reach everything and what mailkeel may do there. This file is mounted, not committed.
apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  policy: Enforce
  identities:
${identitiesText(places)}  organizations:
    ${ORGANIZATION}: { url: '${places.url}', reading: simulator }
${trustPlacesText(places, certificates)}`
}

/** Who mailkeel is towards the simulated systems, as lines of `identities`. */
export function identitiesText({ trust: { applications, servers } }: DemoPlaces): string {
  const tenantIdentity = (name: 'reading' | 'writing', file: string) =>
    `{ type: Entra, clientId: ${applications[name].clientId}, clientSecret: { file: secrets/${file} } }`
  return `    simulator: { type: None }            # on loopback only
    tenant-reader: ${tenantIdentity('reading', 'tenant-reader')}
    tenant-writer: ${tenantIdentity('writing', 'tenant-writer')}
    servers: { type: Ssh, userName: '${servers.userName}', privateKey: { file: secrets/ssh-key } }
`
}

/** Where the tenant and the servers are, and the certificates, as lines of the configuration. */
export function trustPlacesText({ trust: { entra, servers } }: DemoPlaces, certificates: readonly string[]): string {
  const hosts = servers.servers.map(
    ({ host, port, hostKeySha256 }) =>
      `        - { host: ${host}, port: ${port}, identity: servers, hostKeySha256: '${hostKeySha256}' }\n`,
  )
  const files = certificates.map(
    (name) => `    ${name}: { file: ${pfxFile({ name })}, password: { file: ${PFX_PASSWORD_FILE} } }\n`,
  )
  return `  tenants:
    contoso:
      reading: tenant-reader
      writing: tenant-writer
      endpoints: { login: '${entra.loginUrl}', graph: '${entra.graphUrl}' }
  deployments:
    crm-farm:
      credential: { userName: '${servers.userName}', password: { file: secrets/crm-deploy } }
      servers:
${hosts.join('')}  certificates:
${files.join('')}`
}

/** The tenant and the servers as they should be. */
export function trustFile(tenantId: string, { name, sha256 }: DemoCertificate): string {
  return `apiVersion: mailkeel/v1
kind: Tenant
metadata: { name: contoso }
spec:
  tenantId: ${tenantId}
  attestations:                          # what no interface can tell, a person says
    hybridConnector: { by: crm-admin@contoso.com, on: 2019-05-02 }
    exchangeSupportEnabled: { by: exchange-admin@contoso.com, on: 2025-09-20 }
    ewsAllowList: { by: exchange-admin@contoso.com, on: 2026-09-11 }
---
apiVersion: mailkeel/v1
kind: Deployment
metadata: { name: crm-farm }
spec:
  certificate:
    name: ${name}
    sha256: ${sha256}
    serviceAccounts: ['CONTOSO\\svc-crmasync']
    evaluation: true                     # self-signed, as this is a lab
    keepPreviousFor: ${KEEP_PREVIOUS_SECONDS}s                 # in real life 72h
`
}
