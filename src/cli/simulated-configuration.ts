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

/** Where everything is, and how to go on. `files`: the folder that has what would be told. */
export function welcome(practice: Practice, files?: string): string {
  const { url, organization, beside } = practice
  const others = beside.map((name) => `${name} is simulated at ${new URL(`/${name}`, url).href}\n`).join('')
  const written =
    files === undefined
      ? undefined
      : `A configuration and a spec that fit are in ${files}: \`mailkeel plan\` there tells what would change.`
  const howTo = ACCOUNTS[practice.signIn] ?? written ?? configurationFor(practice)
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
  const { trust } = practice
  const place = trust === undefined ? '' : ', in a folder of its own: a key never lies in a spec'
  return `Save this as mailkeel.yaml:

${indented(configurationText(practice, fromVariables))}
and this as ${SPEC_FILE}${place}; with the addresses you want:

${indented(specText(practice))}
${trust === undefined ? '' : secretsOf(trust)}\`mailkeel plan\` there tells what would change.`
}

/** The same as files of a folder, secrets in files of their own; by path, with who may read them. */
export function filesFor(
  practice: Practice,
): ReadonlyMap<string, { readonly content: string | Uint8Array; readonly isSecret: boolean }> {
  const open = (content: string) => ({ content, isSecret: false })
  const secret = (content: string | Uint8Array) => ({ content, isSecret: true })
  const { trust } = practice
  return new Map([
    ['mailkeel.yaml', open(configurationText(practice, fromFiles))],
    [SPEC_FILE, open(specText(practice))],
    ...(trust === undefined
      ? []
      : ([
          [CERTIFICATE_FILE, secret(trust.certificate.pfx)],
          [fileOf('PFX_PASSWORD'), secret(trust.certificate.password)],
          [fileOf('SSH_PASSWORD'), secret(trust.servers.password)],
          [fileOf('ENTRA_SECRET'), secret(trust.applications.reading.secret)],
        ] as const)),
  ])
}

/** The committed part, beside which the runtime configuration and its secrets lie. */
const SPEC_FILE = 'spec/spec.yaml'

type SecretName = 'ENTRA_SECRET' | 'SSH_PASSWORD' | 'PFX_PASSWORD' | 'CRM_TOKEN'
type SecretFrom = (name: SecretName) => string

const fromVariables: SecretFrom = (name) => `{ env: ${name} }`
/** A token is no secret of a file here: whoever simulates sign-in types it. */
const fromFiles: SecretFrom = (name) => (name === 'CRM_TOKEN' ? fromVariables(name) : `{ file: ${fileOf(name)} }`)

function fileOf(name: SecretName): string {
  return `secrets/${name.toLowerCase().replaceAll('_', '-')}`
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ')
}

function configurationText({ url, organization, signIn, trust }: Practice, secret: SecretFrom): string {
  const identity =
    signIn === 'bearer'
      ? `{ type: Bearer, token: ${secret('CRM_TOKEN')} }   # CRM_TOKEN=simulator-admin`
      : '{ type: None }'
  return `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  policy: Enforce
  identities:
    crm: ${identity}
${trust === undefined ? '' : identitiesOf(trust, secret)}  organizations:
    ${organization}: { url: '${url}', reading: crm }
${trust === undefined ? '' : endpointsOf(trust, secret)}`
}

type Trust = NonNullable<Practice['trust']>

function identitiesOf({ applications: { reading, writing }, servers }: Trust, secret: SecretFrom): string {
  const clientSecret = secret('ENTRA_SECRET')
  return `    tenant-reader: { type: Entra, clientId: ${reading.clientId}, clientSecret: ${clientSecret} }
    tenant-writer: { type: Entra, clientId: ${writing.clientId}, clientSecret: ${clientSecret} }
    servers: { type: Ssh, userName: '${servers.userName}', password: ${secret('SSH_PASSWORD')} }
`
}

function endpointsOf({ entra, servers }: Trust, secret: SecretFrom): string {
  const hosts = servers.servers.map(
    ({ host, port, hostKeySha256 }) =>
      `        - { host: ${host}, port: ${port}, identity: servers, hostKeySha256: '${hostKeySha256}' }\n`,
  )
  return `  tenants:
    contoso:
      reading: tenant-reader
      writing: tenant-writer
      endpoints: { login: '${entra.loginUrl}', graph: '${entra.graphUrl}' }
  deployments:
    crm-farm:
      servers:
${hosts.join('')}  certificates:
    s2s-simulated: { file: ${CERTIFICATE_FILE}, password: ${secret('PFX_PASSWORD')} }
`
}

function specText(practice: Practice): string {
  return `${practice.trust === undefined ? '' : documentsOf(practice.trust)}${organizationOf(practice)}`
}

function documentsOf({ tenant, certificate }: Trust): string {
  return `apiVersion: mailkeel/v1
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

function organizationOf({ organization, addresses, trust }: Practice): string {
  const profile = `---
apiVersion: mailkeel/v1
kind: EmailServerProfile
metadata: { name: exchange-online }
spec: { displayName: Exchange Online, serverType: ExchangeOnlineHybrid, autoDiscover: true }
`
  return `apiVersion: mailkeel/v1
kind: Organization
metadata: { name: ${organization} }
spec: { uniqueName: ${organization}, environment: Production }
${trust === undefined ? '' : profile}---
apiVersion: mailkeel/v1
kind: MailboxSet
metadata: { name: people }
spec:
${trust === undefined ? '' : '  profile: exchange-online\n'}  incoming: ServerSideSync
  outgoing: ServerSideSync
  approval: Approved
  testAndEnable: true
  mailboxes: [${addresses.join(', ')}]
`
}

/** They open nothing but this simulator. */
function secretsOf({ applications, servers, certificate }: Trust): string {
  const { secret } = applications.reading
  return `Put the certificate from ${CERTIFICATE_FILE} beside mailkeel.yaml. With ENTRA_SECRET=${secret} SSH_PASSWORD=${servers.password} PFX_PASSWORD=${certificate.password} in the environment, `
}
