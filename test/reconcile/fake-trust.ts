// A trust and organizations for passes over several scopes. The trust holds one credential for each of its tenants, in memory; organizations
// do nothing but look at what they are told of it.
import type { Key, Observed, Read, Reason } from '../../src/engine/index.ts'
import type {
  OrganizationScope,
  OrganizationStage,
  SurroundedReader,
  TrustStage,
  ViewedTrust,
} from '../../src/reconcile/contract.ts'
import type { DesiredTrust } from '../../src/spec/desired.ts'
import type { TrustView } from '../../src/trust/view.ts'

const ORIGIN = { file: 'tenant.yaml', line: 1, column: 1 }

/** What is there, and what can go wrong. */
export class FakeTrust {
  /** Credentials by tenant. */
  readonly credentials = new Map<Key, string>()
  readonly desired: DesiredTrust
  observed = 0
  /** Awaited by every read. */
  gate: Promise<void> = Promise.resolve()
  fault?: Error
  unknown?: Reason

  constructor(name: string, organizations: readonly string[]) {
    const tenant = {
      name,
      tenantId: '5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11',
      cloud: 'Global',
      servicePrincipal: { appId: '00000007-0000-0000-c000-000000000000', domains: [] },
      attestations: {},
      external: [],
      origin: ORIGIN,
    } as const
    const memberOf = (one: string) =>
      [one, { name: one, uniqueName: one, tenant: name, external: [], origin: ORIGIN }] as const
    this.desired = {
      name,
      tenants: new Map([[name, tenant]]),
      deployments: new Map(),
      organizations: new Map(organizations.map(memberOf)),
      origin: ORIGIN,
    }
  }

  scope(): ViewedTrust {
    const { name } = this.desired
    return {
      scope: `trust/${name}`,
      desired: this.desired,
      newReader: () => NO_CLIENTS,
      writer: NO_WRITERS,
      stages: [this.#stage()],
      viewOf: ({ reads }) => viewOf(reads.get('credential'), name),
    }
  }

  #stage(): TrustStage {
    const { credentials } = this
    return {
      name: 'credential',
      kind: 'Credential',
      noun: { one: 'credential', many: 'credentials' },
      scope: 'tenant',
      mode: 'writes',
      gate: 'blocks',
      fields: {
        sha256: {
          effect: () => 'create',
          words: () => ({ group: 'credential', one: 'is added to Entra', many: 'are added to Entra' }),
        },
      },
      observe: async () => {
        this.observed += 1
        await this.gate
        if (this.fault) throw this.fault
        const rows = new Map<Key, Observed>()
        for (const [key, sha256] of this.credentials) rows.set(key, { fields: { sha256 }, ref: key })
        const unknown = new Map(this.unknown ? [[this.desired.name, this.unknown]] : [])
        for (const key of unknown.keys()) rows.delete(key)
        return { complete: true, rows, unknown }
      },
      *desire({ tenants }) {
        for (const { name } of tenants.values()) {
          yield [
            name,
            { ensure: 'present', fields: { sha256: '9f2c' }, label: `credential of ${name}`, origin: ORIGIN },
          ]
        }
      },
      absent: () => 'create',
      words: () => ({ group: 'credential', one: 'is added to Entra', many: 'are added to Entra' }),
      async *apply(_context, assignments) {
        for (const { change, fields } of assignments) {
          credentials.set(change.key, String(fields['sha256']))
          yield { id: change.id, outcome: 'done' }
        }
      },
    }
  }
}

function viewOf(read: Read | undefined, tenant: string): TrustView {
  const why = read?.complete ? read.unknown.get(tenant) : NOT_READ
  if (why || !read?.complete) return { state: 'Unknown', reason: why ?? NOT_READ, links: [] }
  const certificate = read.rows.get(tenant)?.fields['sha256']
  if (certificate === undefined) return { state: 'Broken', reason: MISSING, links: [] }
  return { state: 'Working', links: [], certificate: String(certificate) }
}

const NOT_READ: Reason = { code: 'Unavailable', message: 'the tenant could not be read' }
const MISSING: Reason = { code: 'CredentialMissing', message: 'Entra ID has no credential of the certificate' }

const NO_CLIENTS = {
  tenant: () => undefined,
  deployment: () => undefined,
  certificate: () => Promise.reject(new Error('there are no certificates')),
  proof: async () => undefined,
}
const NO_WRITERS = {
  tenant: () => undefined,
  deployment: () => undefined,
  openCertificate: () => Promise.reject(new Error('there are no certificates')),
}

/** An organization that notes what it is told of its trust, each time it is looked at. */
export function organizationOf(
  name: string,
  trust?: string,
): OrganizationScope & { readonly told: (TrustView | undefined)[] } {
  const told: (TrustView | undefined)[] = []
  const stage: OrganizationStage = {
    name: 'prerequisites',
    kind: 'Prerequisite',
    noun: { one: 'check', many: 'checks' },
    scope: 'organization',
    mode: 'checks',
    gate: 'blocks',
    fields: {},
    observe: async ({ reader }) => {
      told.push(reader.trust)
      return { complete: true, rows: new Map(), unknown: new Map() }
    },
    desire: () => [],
    absent: () => 'create',
  }
  return {
    scope: `organization/${name}`,
    desired: {
      name,
      uniqueName: name,
      environment: 'Production',
      external: [],
      origin: ORIGIN,
      profiles: new Map(),
      mailboxes: new Map(),
    },
    newReader: () => NOTHING_TO_READ,
    stages: [stage],
    told,
    ...(trust === undefined ? {} : { trust }),
  }
}

const refuse = () => Promise.reject(new Error('nothing is read here'))

const NOTHING_TO_READ: SurroundedReader = {
  probe: refuse,
  organization: refuse,
  uniqueName: refuse,
  profiles: refuse,
  teams: refuse,
  mailboxes: refuse,
  users: refuse,
  queues: refuse,
  alerts: refuse,
  lastWriters: refuse,
}
