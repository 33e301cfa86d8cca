// What `mailkeel simulate` prints for a person to go on with: a runtime configuration and a spec that fit what was started.
import type { RunningTrust } from '../simulator/index.ts'

/** What was started. */
export interface Practice {
  readonly url: string
  /** Unique name. */
  readonly organization: string
  readonly signIn: 'none' | 'bearer' | 'windows' | 'adfs'
  /** Other organizations beside. */
  readonly beside: readonly string[]
  /** A few people, for a spec to begin with. */
  readonly addresses: readonly string[]
  readonly trust?: Pick<RunningTrust, 'tenant' | 'entra' | 'servers' | 'applications' | 'certificate'>
}

/** Name of the file with the certificate of a simulated deployment. */
export const CERTIFICATE_FILE = 's2s-simulated.pfx'

/** The spec has a folder of its own: where it is, a certificate with its private key is refused. */
const SPEC_FOLDER = 'spec'

/** Where everything is, and how to go on. */
export function welcome(practice: Practice): string {
  const { url, organization, beside } = practice
  const others = beside.map((name) => `${name} is simulated at ${new URL(`/${name}`, url).href}\n`).join('')
  const howTo = ACCOUNTS[practice.signIn] ?? configurationFor(practice)
  return `${organization} is simulated at ${url}\n${others}${placesOf(practice)}\n${howTo}\n\nCtrl-C stops it.\n`
}

/** What a person must know to sign in where a configuration says nothing of it. */
const ACCOUNTS: Readonly<Partial<Record<Practice['signIn'], string>>> = {
  windows: 'Callers sign in over NTLM as CONTOSO\\simulator-admin, password simulator.',
  adfs: 'Callers bring a token from /adfs/oauth2/token for simulator-admin, password simulator; the reference page tells the clients.',
}

function placesOf({ trust }: Practice): string {
  if (trust === undefined) return ''
  const servers = trust.servers.servers.map(({ name, host, port }) => `${name} listens for SSH at ${host}:${port}\n`)
  return `its tenant ${trust.tenant.tenantId} signs in at ${trust.entra.loginUrl}\n${servers.join('')}`
}

function configurationFor(practice: Practice): string {
  const { url, organization, signIn, trust } = practice
  const identity =
    signIn === 'bearer' ? '{ type: Bearer, token: { env: CRM_TOKEN } }   # CRM_TOKEN=simulator-admin' : '{ type: None }'
  return `Save this as mailkeel.yaml:

  apiVersion: mailkeel/v1
  kind: Configuration
  spec:
    source: { directory: ${SPEC_FOLDER} }
    policy: Enforce
    identities:
      crm: ${identity}
${trust === undefined ? '' : identitiesOf(trust)}    organizations:
      ${organization}: { url: '${url}', reading: crm }
${trust === undefined ? '' : endpointsOf(trust)}
and this as ${SPEC_FOLDER}/spec.yaml below it, with the addresses you want:

${trust === undefined ? '' : documentsOf(trust)}${organizationOf(practice)}

${trust === undefined ? '' : secretsOf(trust)}\`mailkeel plan\` there tells what would change.`
}

type Trust = NonNullable<Practice['trust']>

function identitiesOf({ applications: { reading, writing }, servers }: Trust): string {
  return `      tenant-reader: { type: Entra, clientId: ${reading.clientId}, clientSecret: { env: ENTRA_SECRET } }
      tenant-writer: { type: Entra, clientId: ${writing.clientId}, clientSecret: { env: ENTRA_SECRET } }
      servers: { type: Ssh, userName: '${servers.userName}', password: { env: SSH_PASSWORD } }
`
}

function endpointsOf({ entra, servers }: Trust): string {
  const hosts = servers.servers.map(
    ({ host, port, hostKeySha256 }) =>
      `          - { host: ${host}, port: ${port}, identity: servers, hostKeySha256: '${hostKeySha256}' }\n`,
  )
  return `    tenants:
      contoso:
        reading: tenant-reader
        writing: tenant-writer
        endpoints: { login: '${entra.loginUrl}', graph: '${entra.graphUrl}' }
    deployments:
      crm-farm:
        servers:
${hosts.join('')}    certificates:
      s2s-simulated: { file: ${CERTIFICATE_FILE}, password: { env: PFX_PASSWORD } }
`
}

function documentsOf({ tenant, certificate }: Trust): string {
  return `  apiVersion: mailkeel/v1
  kind: Tenant
  metadata: { name: contoso }
  spec:
    tenantId: ${tenant.tenantId}
    attestations:
      hybridConnector: { by: simulator, on: 2025-09-01 }
      exchangeSupportEnabled: { by: simulator, on: 2025-09-01 }
      ewsAllowList: { by: simulator, on: 2026-09-01 }
  ---
  apiVersion: mailkeel/v1
  kind: Deployment
  metadata: { name: crm-farm }
  spec:
    certificate:
      name: s2s-simulated
      sha256: ${certificate.sha256}
      serviceAccounts: ['CONTOSO\\svc-crmasync']
      evaluation: true
  ---
`
}

function organizationOf({ organization, addresses }: Practice): string {
  return `  apiVersion: mailkeel/v1
  kind: Organization
  metadata: { name: ${organization} }
  spec: { uniqueName: ${organization}, environment: Production }
  ---
  apiVersion: mailkeel/v1
  kind: MailboxSet
  metadata: { name: people }
  spec:
    incoming: ServerSideSync
    outgoing: ServerSideSync
    testAndEnable: true
    mailboxes: [${addresses.join(', ')}]`
}

/** They open nothing but this simulator. */
function secretsOf({ applications, servers, certificate }: Trust): string {
  const { secret } = applications.reading
  return `With ENTRA_SECRET=${secret} SSH_PASSWORD=${servers.password} PFX_PASSWORD=${certificate.password} in the environment, `
}
