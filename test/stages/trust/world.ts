// A trust in memory: one that forgets nothing and hurries nothing, with a switch for everything that may go wrong. Every write counts, so
// that a test can let the process die after any of them.
import type { LocalCertificate } from '../../../src/certificate/certificate.ts'
import {
  CrmServerError,
  type CrmService,
  type DeploymentReader,
  type DeploymentState,
  type DeploymentWriter,
  type ServerState,
  type Setting,
  type StoredCertificate,
  type SwitchMarker,
} from '../../../src/crm-server/deployment.ts'
import { EntraError, type KeyCredential, type TenantReader, type TenantWriter } from '../../../src/entra/tenant.ts'
import type { TrustReader, TrustWriter } from '../../../src/trust/contract.ts'

export const APP = '00000007-0000-0000-c000-000000000000'
export const TENANT_ID = '5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11'
const MINUTE_MS = 60_000

/** What a test may change of a server. */
export interface WorldServer {
  isReachable: boolean
  isAdministrator: boolean
  version: string
  services: CrmService[]
  certificates: StoredCertificate[]
  marker?: SwitchMarker
}

export interface WorldDeployment {
  readonly servers: Map<string, WorldServer>
  rows: { id: string; type: string; sha256?: string }[]
  authorizationServer: Setting
  metadataUrl: Setting
  readonly tenantIds: Map<string, Setting>
}

export interface WorldTenant {
  tenantId: string
  isReadable: boolean
  hasPrincipal: boolean
  names: string[]
  keys: KeyCredential[]
  /** What the next looks show, however it is by now: the writes of before are not seen everywhere yet. */
  stale: KeyCredential[][]
  /** How many looks after a write of keys show what was there before. */
  lag: number
}

/** Everything there is. */
export interface World {
  readonly tenants: Map<string, WorldTenant>
  readonly deployments: Map<string, WorldDeployment>
  readonly files: Map<string, LocalCertificate>
  readonly proofs: Map<string, string>
  /** Writes so far, each as a word or two. */
  readonly writes: string[]
  /** After so many further writes nothing is written any more. */
  dieAfter(writes: number): void
  readonly isDead: boolean
  /** Called before a write; for others who write at the worst moment. */
  beforeWrite: (what: string) => void
  now(): Date
  advance(ms: number): void
  reader(): TrustReader
  readonly writer: TrustWriter
}

/** A certificate whose digests follow from its name. */
export function certificateNamed(name: string, more: Partial<LocalCertificate> = {}): LocalCertificate {
  const digit = Buffer.from(name).toString('hex')
  const sha256 = digit.repeat(64).slice(0, 64)
  return {
    name,
    sha256,
    thumbprint: digit.repeat(40).slice(0, 40).toUpperCase(),
    subject: `CN=${name}, O=Contoso`,
    issuer: 'CN=Contoso CA',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2028-01-01T00:00:00Z',
    isSelfSigned: false,
    rsaBits: 2048,
    keySpec: 'KeyExchange',
    der: Buffer.from(sha256, 'hex'),
    ...more,
  }
}

/** The same certificate in the store of a server. */
export function storedAs(local: LocalCertificate, more: Partial<StoredCertificate> = {}): StoredCertificate {
  const { sha256, thumbprint, subject, notBefore, notAfter } = local
  const readers = ['NT AUTHORITY\\SYSTEM', 'CONTOSO\\svc-crmasync']
  return { sha256, thumbprint, subject, notBefore, notAfter, hasPrivateKey: true, keySpec: 1, readers, ...more }
}

/** The same certificate as a key of a principal. */
export function keyOf(local: LocalCertificate, keyId: string): KeyCredential {
  const { sha256, thumbprint, subject, notBefore, notAfter } = local
  return { keyId, sha256, thumbprint, displayName: subject, startDateTime: notBefore, endDateTime: notAfter }
}

/** A world in which nothing is connected yet. */
export function createWorld({
  tenants = ['contoso'],
  deployments = { 'crm-farm': ['app01', 'app02'] },
}: {
  readonly tenants?: readonly string[]
  readonly deployments?: Readonly<Record<string, readonly string[]>>
} = {}): World {
  let time = Date.parse('2026-11-20T08:00:00Z')
  let left = Number.POSITIVE_INFINITY
  let keyCount = 0
  const now = () => new Date(time)
  const writes: string[] = []

  const world: World = {
    tenants: new Map(tenants.map((name, index) => [name, newTenant(index)])),
    deployments: new Map(Object.entries(deployments).map(([name, hosts]) => [name, newDeployment(hosts, now())])),
    files: new Map(),
    proofs: new Map(),
    writes,
    dieAfter(count) {
      left = count
    },
    get isDead() {
      return left <= 0
    },
    beforeWrite: () => {},
    now,
    advance(ms) {
      time += ms
    },
    reader: () => ({
      tenant: (name) => (world.tenants.has(name) ? tenantReader(name) : undefined),
      deployment: (name) => (world.deployments.has(name) ? deploymentReader(name) : undefined),
      certificate: async (name) => fileOf(name),
      proof: async (organization) => {
        const lastPassedOn = world.proofs.get(organization)
        if (lastPassedOn === 'unreadable') throw new Error('the organization does not answer')
        return lastPassedOn === undefined ? {} : { lastPassedOn }
      },
    }),
    writer: {
      tenant: (name) => (world.tenants.has(name) ? tenantWriter(name) : undefined),
      deployment: (name) => (world.deployments.has(name) ? deploymentWriter(name) : undefined),
      openCertificate: async (name) => ({ bytes: Buffer.from(fileOf(name).name), password: 'a secret' }),
    },
  }
  return world

  function fileOf(name: string): LocalCertificate {
    const file = world.files.get(name)
    if (!file) throw new EntraError('Invalid', `mailkeel.yaml names no certificate ${name}`)
    return file
  }

  /** A killed process writes nothing more. */
  function write(what: string, work: () => void): void {
    if (world.isDead) throw new Error('the process is dead')
    world.beforeWrite(what)
    left -= 1
    time += MINUTE_MS
    writes.push(what)
    work()
  }

  function tenantOf(name: string): WorldTenant {
    const tenant = world.tenants.get(name)
    if (!tenant?.isReadable) throw new EntraError('Unavailable', 'Graph does not answer')
    return tenant
  }

  function tenantReader(name: string): TenantReader {
    return {
      access: async () => ({
        tenantId: tenantOf(name).tenantId,
        roles: new Set(['Application.Read.All', 'Organization.Read.All']),
        clockSkewMs: 0,
      }),
      facts: async () => ({ tenantId: tenantOf(name).tenantId, displayName: name, verifiedDomains: [] }),
      servicePrincipal: async () => {
        const { hasPrincipal, names, keys, stale } = tenantOf(name)
        const shown = stale.shift() ?? keys
        return hasPrincipal ? { id: 'sp', appId: APP, names: [...names], keys: [...shown] } : undefined
      },
      mailboxes: async () => new Map(),
      ownCredentialEnd: async () => '2027-06-01T00:00:00Z',
    }
  }

  function tenantWriter(name: string): TenantWriter {
    return {
      async createServicePrincipal() {
        const tenant = tenantOf(name)
        if (!tenant.hasPrincipal) write('principal', () => Object.assign(tenant, { hasPrincipal: true, names: [APP] }))
      },
      async changeKeys(_, { add, remove }) {
        const tenant = tenantOf(name)
        write(add.length > 0 ? 'add key' : 'remove key', () => {
          const added = add.map(({ der, displayName, startDateTime, endDateTime }): KeyCredential => {
            keyCount += 1
            const sha256 = Buffer.from(der).toString('hex')
            return { keyId: `key-${keyCount}`, sha256, displayName, startDateTime, endDateTime }
          })
          tenant.stale = Array.from({ length: tenant.lag }, () => tenant.keys)
          tenant.keys = [...tenant.keys.filter(({ keyId }) => !remove.includes(keyId)), ...added]
        })
      },
      async addNames(_, names) {
        const tenant = tenantOf(name)
        write('names', () => tenant.names.push(...names))
      },
    }
  }

  function deploymentOf(name: string): WorldDeployment {
    const deployment = world.deployments.get(name)
    if (!deployment) throw new Error(`no deployment ${name}`)
    return deployment
  }

  function serverOf(name: string, host: string): WorldServer {
    const server = deploymentOf(name).servers.get(host)
    if (!server?.isReachable) throw new CrmServerError('Unreachable', host, `${host} does not answer`)
    return server
  }

  function through(name: string): string {
    const up = [...deploymentOf(name).servers].find(([, { isReachable }]) => isReachable)
    if (!up) throw new CrmServerError('Unreachable', name, `no server of ${name} answers`)
    return up[0]
  }

  function deploymentReader(name: string): DeploymentReader {
    return {
      servers: [...deploymentOf(name).servers.keys()],
      async server(host): Promise<ServerState> {
        const { isAdministrator, version, services, certificates, marker } = serverOf(name, host)
        return {
          clockSkewMs: 0,
          powershellVersion: '5.1.17763.6414',
          hasSnapIn: true,
          isLocalAdministrator: isAdministrator,
          version,
          services: [...services],
          certificates: [...certificates],
          ...(marker && { marker }),
        }
      },
      async deployment(): Promise<DeploymentState> {
        const { rows, authorizationServer, metadataUrl, tenantIds } = deploymentOf(name)
        return {
          through: through(name),
          rows: [...rows],
          authorizationServer,
          metadataUrl,
          tenantIds: new Map(tenantIds),
        }
      },
    }
  }

  function deploymentWriter(name: string): DeploymentWriter {
    return {
      async ensureCertificate(host, { sha256, pfx, readers }) {
        const server = serverOf(name, host)
        const { bytes } = await pfx()
        const local = fileOf(Buffer.from(bytes).toString())
        if (local.sha256 !== sha256) throw new CrmServerError('ScriptFailed', host, 'another certificate')
        write(`import ${host}`, () => {
          const old = server.certificates.find((one) => one.sha256 === sha256)
          const all = [...new Set([...(old?.readers ?? ['NT AUTHORITY\\SYSTEM']), ...readers])]
          const others = server.certificates.filter((one) => one !== old)
          server.certificates = [...others, storedAs(local, { readers: all })]
          server.marker = { sha256, at: now().toISOString() }
        })
      },
      async writeServerSettings({ authorizationServer, metadataUrl }) {
        through(name)
        write('settings', () => {
          const deployment = deploymentOf(name)
          if (authorizationServer) deployment.authorizationServer = { state: 'Set', value: authorizationServer }
          if (metadataUrl) deployment.metadataUrl = { state: 'Set', value: metadataUrl }
        })
      },
      async writeTenantId(organization, id) {
        through(name)
        const key = organization.toLowerCase()
        write('tenant id', () => deploymentOf(name).tenantIds.set(key, { state: 'Set', value: id }))
      },
      async switchCertificate({ sha256 }) {
        const hosts = [...deploymentOf(name).servers.keys()].map((host) => serverOf(name, host))
        for (const server of hosts)
          write('mark', () => Object.assign(server, { marker: { sha256, at: now().toISOString() } }))
        write('switch', () => {
          deploymentOf(name).rows = [{ id: 'row-1', type: 'S2STokenIssuer', sha256 }]
        })
      },
      async restartAsyncServices(host) {
        const server = serverOf(name, host)
        write(`restart ${host}`, () => {
          server.services = server.services.map((one) => ({ ...one, isRunning: true, startedAt: now().toISOString() }))
        })
      },
    }
  }
}

function newTenant(index: number): WorldTenant {
  const tenantId = index === 0 ? TENANT_ID : TENANT_ID.replace(/^5/, String(index + 5))
  return { tenantId, isReadable: true, hasPrincipal: true, names: [APP], keys: [], stale: [], lag: 0 }
}

function newDeployment(hosts: readonly string[], now: Date): WorldDeployment {
  const startedAt = new Date(now.getTime() - 24 * 60 * MINUTE_MS).toISOString()
  const service = (name: string): CrmService => ({ name, account: 'CONTOSO\\svc-crmasync', isRunning: true, startedAt })
  const newServer = (): WorldServer => ({
    isReachable: true,
    isAdministrator: true,
    version: '9.1.28.9',
    services: [service('MSCRMAsyncService'), service('MSCRMAsyncService$maintenance')],
    certificates: [],
  })
  return {
    servers: new Map(hosts.map((host) => [host, newServer()])),
    rows: [],
    authorizationServer: { state: 'Unset' },
    metadataUrl: { state: 'Unset' },
    tenantIds: new Map([
      ['contososales', { state: 'Unset' }],
      ['contososervice', { state: 'Unset' }],
    ]),
  }
}
