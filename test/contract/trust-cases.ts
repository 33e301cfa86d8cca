// What the contract suite runs for each stage of a trust: the ways in which the simulated world is made to differ from the spec, and what must
// come of it. Everything else is the same for all stages.
import type { EntraFaultRule } from '../../src/simulator/entra/index.ts'
import { CRM_APP_ID } from '../../src/simulator/entra/index.ts'
import type { RunningTrust } from '../../src/simulator/index.ts'
import type { ServerFault } from '../../src/simulator/servers/index.ts'
import type {
  SimulatedPrincipal,
  SimulatedServer,
  SimulatedStoredCertificate,
} from '../../src/simulator/trust/model.ts'
import { DEPLOYMENT, FIRST_ORGANIZATION, TENANT } from '../stack/trust.ts'
import type { TrustRemote } from './trust-remote.ts'

type Tamper = (remote: TrustRemote) => void

/** Somebody else makes one field differ. */
export interface TrustDrift {
  readonly field: string
  readonly tamper: Tamper
  /** Fields the change must have, where they are others than the one. */
  readonly fields?: readonly string[]
  /** What is done, where that is no update. */
  readonly action?: 'delete'
  /** Lines of other changes that it brings with it. */
  readonly entails?: (remote: TrustRemote) => readonly string[]
}

/** One writing stage of a trust with an object of its own. */
export interface TrustCase {
  readonly stage: string
  readonly side: 'tenant' | 'servers'
  readonly key: (remote: TrustRemote) => string
  readonly drifts: readonly [TrustDrift, ...TrustDrift[]]
  /** Two who set one field to different values. Absent: what is written here is no matter of what stood there before. */
  readonly rivals?: readonly [Tamper, Tamper]
  /** What others put there stays, so the world is afterwards not what it was. */
  readonly isUnion?: true
  /** Makes it impossible to tell the object. */
  readonly confuse: Tamper
  readonly confusion: string
}

/** Graph cannot be asked. */
export function silenceTenant({ trust }: TrustRemote): void {
  const rule: EntraFaultRule = { kind: 'status', status: 500, times: 'always', match: { operation: 'any' } }
  trust.entra.faults.add(rule)
}

/** Scripts that read come to nothing. */
export function silenceServers({ trust }: TrustRemote): void {
  for (const script of ['read-server', 'read-deployment']) trust.servers.faults.add({ kind: 'no-document', script })
}

export function principalOf({ trust }: TrustRemote): SimulatedPrincipal {
  const found = trust.tenant.principals.get(CRM_APP_ID)
  if (!found) throw new Error('no principal')
  return found
}

/** The first server, which has the deployment tools. */
export function serverOf({ trust }: TrustRemote): SimulatedServer {
  const [found] = trust.deployment.servers
  if (!found) throw new Error('no server')
  return found
}

/** Somebody changes the certificate in the store of the first server. */
export function changeStored(remote: TrustRemote, changes: Partial<SimulatedStoredCertificate>): void {
  const server = serverOf(remote)
  server.store = server.store.map((stored) =>
    stored.der === remote.trust.certificate.der ? { ...stored, ...changes } : stored,
  )
}

/** Somebody puts another certificate into the row. */
function setRow({ trust }: TrustRemote, data: string): void {
  trust.deployment.rows = trust.deployment.rows.map((row) => ({ ...row, data }))
}

function setTenantId({ trust }: TrustRemote, tenantId: string | null): void {
  const found = trust.deployment.organizations.get(FIRST_ORGANIZATION)
  if (found) found.tenantId = tenantId
}

function settingsDrift(changes: Partial<RunningTrust['deployment']['settings']>): Tamper {
  return ({ trust }) => void Object.assign(trust.deployment.settings, changes)
}

function restartOf(server: string | undefined): string {
  return `service-restart update ${DEPLOYMENT}/${server}: loaded`
}

/** The key whose certificate the trust signs in with. */
function ownKeys(remote: TrustRemote) {
  return principalOf(remote).keys.filter(({ key }) => key === remote.trust.certificate.der)
}

const firstServer = ({ servers }: TrustRemote) => `${DEPLOYMENT}/${servers[0]}`
const restartsFirst = ({ servers }: TrustRemote) => [restartOf(servers[0])]
const ELSEWHERE = '00000000-1111-4222-8333-444444444444'

const SYSTEM = ['NT AUTHORITY\\SYSTEM', 'BUILTIN\\Administrators']

const certificateStore: TrustCase = {
  stage: 'certificate-store',
  side: 'servers',
  key: firstServer,
  drifts: [
    {
      field: 'certificate',
      fields: ['certificate', 'readers'],
      tamper(remote) {
        const server = serverOf(remote)
        server.store = server.store.filter(({ der }) => der !== remote.trust.certificate.der)
      },
      entails: restartsFirst,
    },
    {
      field: 'certificate',
      fields: ['certificate', 'readers'],
      tamper: (remote) => changeStored(remote, { hasPrivateKey: false }),
      entails: restartsFirst,
    },
    { field: 'readers', tamper: (remote) => changeStored(remote, { readers: SYSTEM }), entails: restartsFirst },
  ],
  rivals: [
    (remote) => changeStored(remote, { readers: SYSTEM }),
    (remote) => changeStored(remote, { readers: ['CONTOSO\\other'] }),
  ],
  confuse: silenceServers,
  confusion: 'Malformed',
}

const credential: TrustCase = {
  stage: 'credential',
  side: 'tenant',
  key: ({ credential: key }) => key,
  drifts: [
    {
      field: 'state',
      tamper(remote) {
        const principal = principalOf(remote)
        const own = ownKeys(remote)
        principal.keys = principal.keys.filter((key) => !own.includes(key))
      },
    },
    {
      field: 'state',
      tamper(remote) {
        const principal = principalOf(remote)
        const own = ownKeys(remote)
        const ended = { startDateTime: '2025-01-01T00:00:00Z', endDateTime: '2026-01-01T00:00:00Z' }
        principal.keys = principal.keys.map((key) => (own.includes(key) ? { ...key, ...ended } : key))
      },
    },
  ],
  confuse: silenceTenant,
  confusion: 'Unavailable',
}

const names: TrustCase = {
  stage: 'service-principal-names',
  isUnion: true,
  side: 'tenant',
  key: () => TENANT,
  drifts: [
    {
      field: 'names',
      tamper(remote) {
        principalOf(remote).names = [CRM_APP_ID, 'https://foreign.contoso.com']
      },
    },
  ],
  confuse: silenceTenant,
  confusion: 'Unavailable',
}

const settings: TrustCase = {
  stage: 'server-settings',
  side: 'servers',
  key: () => DEPLOYMENT,
  drifts: [
    { field: 'authorizationServer', tamper: settingsDrift({ authorizationServer: ELSEWHERE }) },
    { field: 'authorizationServer', tamper: settingsDrift({ authorizationServer: null }) },
    { field: 'metadataUrl', tamper: settingsDrift({ metadataUrl: 'https://other/' }) },
    { field: 'metadataUrl', tamper: settingsDrift({ metadataUrl: null }) },
  ],
  rivals: [settingsDrift({ metadataUrl: 'https://one/' }), settingsDrift({ metadataUrl: 'https://two/' })],
  confuse({ trust }) {
    trust.servers.switches = { ...trust.servers.switches, settingsReadable: false }
  },
  confusion: 'SettingUnknown',
}

const tenantId: TrustCase = {
  stage: 'tenant-id',
  side: 'servers',
  key: () => FIRST_ORGANIZATION,
  drifts: [
    { field: 'tenantId', tamper: (remote) => setTenantId(remote, ELSEWHERE) },
    { field: 'tenantId', tamper: (remote) => setTenantId(remote, null) },
  ],
  rivals: [(remote) => setTenantId(remote, null), (remote) => setTenantId(remote, ELSEWHERE)],
  confuse: ({ trust }) => void trust.deployment.organizations.delete(FIRST_ORGANIZATION),
  confusion: 'SettingUnknown',
}

const certificateSwitch: TrustCase = {
  stage: 'certificate-switch',
  side: 'servers',
  key: () => DEPLOYMENT,
  drifts: [
    {
      field: 'certificate',
      tamper: (remote) => setRow(remote, remote.other.der),
      entails: ({ servers }) => servers.map(restartOf),
    },
    {
      field: 'certificate',
      tamper({ trust }) {
        trust.deployment.rows = []
      },
      entails: ({ servers }) => servers.map(restartOf),
    },
  ],
  rivals: [
    (remote) => setRow(remote, remote.other.der),
    ({ trust }) => {
      trust.deployment.rows = []
    },
  ],
  confuse: (remote) => setRow(remote, 'bm8gY2VydGlmaWNhdGU='),
  confusion: 'RowUnreadable',
}

const serviceRestart: TrustCase = {
  stage: 'service-restart',
  side: 'servers',
  key: firstServer,
  drifts: [
    {
      field: 'loaded',
      tamper(remote) {
        const at = new Date(remote.stack.simulator.world.now().getTime() - 1000).toISOString()
        const server = serverOf(remote)
        server.registry = { S2SCertificate: remote.trust.certificate.sha256, S2SChangedAt: at }
      },
    },
  ],
  confuse: silenceServers,
  confusion: 'Malformed',
}

const credentialRetire: TrustCase = {
  stage: 'credential-retire',
  side: 'tenant',
  key: ({ other }) => `${TENANT}/${other.sha256}`,
  drifts: [
    {
      field: '',
      action: 'delete',
      tamper({ trust, other, changedAt }) {
        trust.entra.foreign.addKey({ key: other.der, displayName: 'CN=once ours' })
        changedAt.set('Credential', new Map([[`${TENANT}/${other.sha256}`, '2026-11-01T00:00:00Z']]))
      },
    },
  ],
  confuse: silenceServers,
  confusion: 'Malformed',
}

/** One case per stage that writes. */
export const TRUST_CASES: readonly TrustCase[] = [
  certificateStore,
  credential,
  names,
  settings,
  tenantId,
  certificateSwitch,
  serviceRestart,
  credentialRetire,
]

interface Reason {
  readonly reason: string
  /** After it nobody knows whether the write took effect. */
  readonly mayLose?: true
}

/** What goes wrong while something is written, once. Each strikes where it can. */
export const TENANT_FAULTS: readonly (Reason & { readonly rule: EntraFaultRule })[] = [
  {
    mayLose: true,
    reason: 'the answer is lost after the write took effect',
    rule: { kind: 'reset', effect: true, match: batch() },
  },
  { reason: 'the connection breaks before the write', rule: { kind: 'reset', match: batch() } },
  { reason: 'half an answer arrives', rule: { kind: 'half-body', match: batch() } },
  { reason: 'the answer is cut', rule: { kind: 'truncated-body', match: batch() } },
  { reason: 'the answer is empty', rule: { kind: 'empty-body', match: batch() } },
  { reason: 'a page of the front door comes', rule: { kind: 'html', status: 503, effect: true, match: batch() } },
  { reason: 'Graph is throttled', rule: { kind: 'status', status: 429, retryAfter: 2, match: batch() } },
  { reason: 'a token is revoked', rule: { kind: 'claims-challenge', match: batch() } },
  { reason: 'the write fails', rule: { kind: 'status', status: 500, match: patch() } },
  {
    mayLose: true,
    reason: 'the write fails and took effect',
    rule: { kind: 'status', status: 500, effect: true, match: patch() },
  },
  { reason: 'the write is forbidden', rule: { kind: 'status', status: 403, code: 'X', match: patch() } },
  { mayLose: true, reason: 'Graph says done and does nothing', rule: { kind: 'lying-write', match: patch() } },
  { reason: 'what was written is seen late', rule: { kind: 'stale-read', times: 3, match: { operation: 'any' } } },
  { reason: 'keys come without their bytes', rule: { kind: 'keys-without-bytes', match: { operation: 'any' } } },
]

function batch() {
  return { method: 'POST', path: '$batch' } as const
}

function patch() {
  return { method: 'PATCH', operation: 'part' } as const
}

/** The same for scripts that write. */
export const SERVER_FAULTS: readonly (Reason & { readonly fault: Omit<ServerFault, 'script'> })[] = [
  { mayLose: true, reason: 'the answer is cut after the script did its work', fault: { kind: 'cut' } },
  { mayLose: true, reason: 'the connection breaks before it does', fault: { kind: 'cut', effect: false } },
  { reason: 'no document comes', fault: { kind: 'no-document' } },
  { reason: 'half a document comes', fault: { kind: 'truncated-frame' } },
  { reason: 'the document of another call comes', fault: { kind: 'wrong-token' } },
  {
    mayLose: true,
    reason: 'the script says that it failed, and did not',
    fault: { kind: 'not-ok', code: 'ScriptFailed' },
  },
  { reason: 'the script fails', fault: { kind: 'not-ok', code: 'ScriptFailed', effect: false } },
  { reason: 'noise stands around the document', fault: { kind: 'noise' } },
  { reason: 'bytes of another code page come', fault: { kind: 'oem-bytes' } },
  { reason: 'two documents come', fault: { kind: 'two-documents' } },
  { reason: 'the exit code is a bad one', fault: { kind: 'bad-exit-code' } },
  { reason: 'errors stand beside the document', fault: { kind: 'error-stream' } },
]

/** The scripts by which each stage writes. */
export const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  'certificate-store': ['ensure-certificate'],
  'server-settings': ['write-server-settings'],
  'tenant-id': ['write-tenant-id'],
  'certificate-switch': ['set-marker', 'switch-certificate'],
  'service-restart': ['restart-services'],
}
