import { describe, expect, it } from 'vitest'
import { CRM_APP_ID } from '../../../src/simulator/entra/index.ts'
import { addKey, SERVICE_ACCOUNT } from '../../../src/simulator/servers/index.ts'
import { isAsynchronous, startService } from '../../../src/simulator/servers/lookup.ts'
import type { SimulatedServer, SimulatedStoredCertificate } from '../../../src/simulator/trust/model.ts'
import { trustProblemOf } from '../../../src/simulator/trust/trust-problem.ts'
import type { TrustProblem } from '../../../src/simulator/world/truth.ts'
import { type Fitting, fitting, MADE, NEXT, NOW_MS, TWIN } from './parts.ts'

const DAY_MS = 86_400_000

/** Changes the certificate on the second server, and starts its services again where that is what makes it felt. */
function onSecond(change: Partial<SimulatedStoredCertificate>) {
  return (parts: Fitting) => {
    const server = serverOf(parts, 1)
    server.store = server.store.map((stored) => ({ ...stored, ...change }))
  }
}

function serverOf({ deployment }: Fitting, index: number): SimulatedServer {
  const server = deployment.servers[index]
  if (server === undefined) throw new Error('no such server')
  return server
}

function restart(parts: Fitting): void {
  for (const server of parts.deployment.servers)
    for (const service of server.services) startService(parts.deployment, server, service, NOW_MS)
}

function restarted(change: (parts: Fitting) => void) {
  return (parts: Fitting) => {
    change(parts)
    restart(parts)
  }
}

function principalOf({ tenant }: Fitting) {
  const principal = tenant.principals.get(CRM_APP_ID)
  if (principal === undefined) throw new Error('no principal')
  return principal
}

const ISSUER_ROW = { id: 'b', type: 'S2STokenIssuer', name: '', data: NEXT.der, storeFindType: '' }

const TABLE: readonly { reason: string; spoil: (parts: Fitting) => unknown; problem: TrustProblem | undefined }[] = [
  { reason: 'all fits together', spoil: () => undefined, problem: undefined },
  {
    reason: 'no row of the certificate',
    spoil: restarted(({ deployment }) => {
      deployment.rows = []
    }),
    problem: 'certificate-missing',
  },
  {
    reason: 'two rows of the type',
    spoil: restarted(({ deployment }) => {
      deployment.rows = [...deployment.rows, ISSUER_ROW]
    }),
    problem: 'certificate-missing',
  },
  {
    reason: 'a row of another type beside',
    spoil: restarted(({ deployment }) => {
      deployment.rows = [...deployment.rows, { ...ISSUER_ROW, type: 'AlternativeS2STokenIssuer' }]
    }),
    problem: undefined,
  },
  {
    reason: 'not in the store of the second server',
    spoil: restarted((parts) => {
      serverOf(parts, 1).store = []
    }),
    problem: 'certificate-missing',
  },
  {
    reason: 'two of the same subject in the store',
    spoil: restarted((parts) => {
      const server = serverOf(parts, 1)
      server.store = server.store.flatMap((stored) => [stored, { ...stored, der: TWIN.der }])
    }),
    problem: 'certificate-missing',
  },
  { reason: 'no private key', spoil: restarted(onSecond({ hasPrivateKey: false })), problem: 'certificate-missing' },
  {
    reason: 'the private key is taken away',
    spoil: onSecond({ hasPrivateKey: false }),
    problem: 'certificate-missing',
  },
  {
    reason: 'the account of the service may not read the key',
    spoil: restarted(onSecond({ readers: ['NT AUTHORITY\\SYSTEM'] })),
    problem: 'key-unreadable',
  },
  {
    reason: 'access was granted, and nobody started the services again',
    spoil: (parts: Fitting) => {
      onSecond({ readers: [] })(parts)
      restart(parts)
      onSecond({ readers: [SERVICE_ACCOUNT] })(parts)
    },
    problem: 'certificate-missing',
  },
  { reason: 'a key of the new kind', spoil: onSecond({ keySpec: 0 }), problem: 'key-unusable' },
  { reason: 'a key for signatures only', spoil: onSecond({ keySpec: 2 }), problem: 'key-unusable' },
  {
    reason: 'only one of the two services was started again',
    spoil: (parts: Fitting) => {
      const [service] = serverOf(parts, 0).services.filter(isAsynchronous)
      if (service !== undefined) service.loaded = null
    },
    problem: 'certificate-missing',
  },
  {
    reason: 'the directory has no key',
    spoil: (parts) => {
      principalOf(parts).keys = []
    },
    problem: 'key-unknown',
  },
  {
    reason: 'the key in the directory has ended before the certificate',
    spoil: (parts) => {
      const endDateTime = new Date(NOW_MS).toISOString()
      principalOf(parts).keys = principalOf(parts).keys.map((key) => ({ ...key, endDateTime }))
    },
    problem: 'key-unknown',
  },
  {
    reason: 'the key in the directory has not begun',
    spoil: (parts) => {
      const startDateTime = new Date(NOW_MS + 1).toISOString()
      principalOf(parts).keys = principalOf(parts).keys.map((key) => ({ ...key, startDateTime }))
    },
    problem: 'key-unknown',
  },
  { reason: 'no principal', spoil: ({ tenant }) => tenant.principals.clear(), problem: 'key-unknown' },
  {
    reason: 'the application does not go by its own id',
    spoil: (parts) => {
      principalOf(parts).names = [`${CRM_APP_ID}/*.contoso.com`]
    },
    problem: 'name-missing',
  },
  {
    reason: 'no authorization server',
    spoil: ({ deployment }) => {
      deployment.settings.authorizationServer = null
    },
    problem: 'settings-wrong',
  },
  {
    reason: 'the metadata of another cloud',
    spoil: ({ deployment }) => {
      deployment.settings.metadataUrl = 'https://login.microsoftonline.us/metadata/json/1'
    },
    problem: 'settings-wrong',
  },
  {
    reason: 'no tenant id',
    spoil: ({ deployment }) =>
      deployment.organizations.set('contoso', { id: 'a', uniqueName: 'Contoso', tenantId: null }),
    problem: 'tenant-wrong',
  },
  {
    reason: 'an organization the deployment does not have',
    spoil: ({ deployment }) => deployment.organizations.clear(),
    problem: 'tenant-wrong',
  },
  {
    reason: 'no hybrid connector',
    spoil: ({ tenant }) => {
      tenant.exchange.hybridConnector = false
    },
    problem: 'tenant-not-enabled',
  },
  {
    reason: 'never enabled by support',
    spoil: ({ tenant }) => {
      tenant.exchange.supportEnabled = false
    },
    problem: 'tenant-not-enabled',
  },
  {
    reason: 'EWS is off',
    spoil: ({ tenant }) => {
      tenant.exchange.ewsEnabled = false
    },
    problem: 'ews-blocked',
  },
  {
    reason: 'an empty list',
    spoil: ({ tenant }) => {
      tenant.exchange.allowedAppIds = []
    },
    problem: 'ews-blocked',
  },
]

describe('whether CRM can sign in to Exchange Online', () => {
  it.each(TABLE)('$reason: $problem', ({ spoil, problem }) => {
    const parts = fitting()

    spoil(parts)

    expect(trustProblemOf(parts)).toBe(problem)
  })

  it.each([
    { reason: 'before the certificate begins', atMs: NOW_MS - 2 * DAY_MS, problem: 'certificate-expired' },
    { reason: 'after the end of EWS', atMs: Date.parse('2027-04-01T00:00:00Z'), problem: 'ews-blocked' },
    { reason: 'a day before', atMs: Date.parse('2027-03-31T00:00:00Z'), problem: undefined },
    { reason: 'after the certificate ended', atMs: NOW_MS + 365 * DAY_MS, problem: 'certificate-expired' },
  ])('$reason: $problem', ({ atMs, problem }) => {
    expect(trustProblemOf({ ...fitting(), nowMs: atMs })).toBe(problem)
  })

  it('a rotation is no outage as long as the old key is there until the services have started again', () => {
    const parts = fitting()
    const seen: (TrustProblem | undefined)[] = []
    const see = () => seen.push(trustProblemOf(parts))

    for (const server of parts.deployment.servers)
      server.store = server.store.flatMap((stored) => [stored, { ...stored, der: NEXT.der }])
    see()
    addKey(parts.tenant, NEXT.der)
    see()
    parts.deployment.rows = parts.deployment.rows.map((row) => ({ ...row, data: NEXT.der }))
    see()
    restart(parts)
    see()
    principalOf(parts).keys = principalOf(parts).keys.filter(({ key }) => key !== MADE.der)
    see()

    expect(seen).toEqual([undefined, undefined, undefined, undefined, undefined])
  })

  it('a rotation that retires the old key before the restart is one', () => {
    const parts = fitting()
    addKey(parts.tenant, NEXT.der)
    principalOf(parts).keys = principalOf(parts).keys.filter(({ key }) => key !== MADE.der)

    expect(trustProblemOf(parts)).toBe('key-unknown')
  })
})
