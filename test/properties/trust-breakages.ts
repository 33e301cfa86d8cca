// Each single thing that the simulated world judges a trust by, broken; and what mailkeel does about it.
import { CRM_APP_ID } from '../../src/simulator/entra/index.ts'
import { makeDeploymentCertificate, SERVICE_ACCOUNT } from '../../src/simulator/servers/index.ts'
import { startService } from '../../src/simulator/servers/lookup.ts'
import type { SimulatedServer, SimulatedStoredCertificate } from '../../src/simulator/trust/model.ts'
import { principalOf } from '../faults/trust-kill.ts'
import type { TrustStack } from '../stack/trust.ts'

/** One thing that is not as it should be. */
export interface Breakage {
  readonly what: string
  readonly strike: (stack: TrustStack) => unknown
  /** Stages that write to mend it, in the first pass; empty where mailkeel writes nothing. */
  readonly mendedBy: readonly string[]
  /** What a person is told where mailkeel cannot mend it; `tests`: only tests of mailboxes can. Absent, with nothing to write: it is no harm. */
  readonly told?: RegExp | 'tests'
}

export const BREAKAGES: readonly Breakage[] = [
  {
    what: 'no row of the certificate',
    strike: ({ simulator }) => setRows(simulator.trust.deployment, () => []),
    mendedBy: ['certificate-switch', 'service-restart', 'service-restart'],
  },
  {
    what: 'two rows of the type',
    strike: ({ simulator }) =>
      setRows(simulator.trust.deployment, ([row]) => (row ? [row, { ...row, id: 'second', data: other(0) }] : [])),
    mendedBy: [],
    told: /there are 2 rows of type S2STokenIssuer/,
  },
  {
    what: 'a row of another type beside',
    strike: ({ simulator }) =>
      setRows(simulator.trust.deployment, ([row]) =>
        row ? [row, { ...row, id: 'second', type: 'AlternativeS2STokenIssuer', data: other(0) }] : [],
      ),
    mendedBy: [],
  },
  {
    what: 'the row of another certificate',
    strike: ({ simulator }) =>
      setRows(simulator.trust.deployment, ([row]) => (row ? [{ ...row, data: other(0) }] : [])),
    mendedBy: ['certificate-switch', 'service-restart', 'service-restart'],
  },
  {
    what: 'not in the store of the second server',
    strike: (stack) => {
      second(stack).store = []
    },
    mendedBy: ['certificate-store', 'service-restart'],
  },
  {
    what: 'another one of the same subject in the store',
    strike: (stack) => {
      const server = second(stack)
      server.store = server.store.flatMap((stored) => [stored, { ...stored, der: other(1) }])
    },
    mendedBy: [],
    told: /of the same subject/,
  },
  {
    what: 'no private key',
    strike: (stack) => onSecond(stack, { hasPrivateKey: false }),
    mendedBy: ['certificate-store', 'service-restart'],
  },
  {
    what: 'an unreadable key',
    strike: (stack) => onSecond(stack, { readers: ['NT AUTHORITY\\SYSTEM'] }),
    mendedBy: ['certificate-store', 'service-restart'],
  },
  {
    what: 'an unreadable key that services met at their start',
    strike: (stack) => {
      onSecond(stack, { readers: [] })
      restart(stack)
    },
    mendedBy: ['certificate-store', 'service-restart'],
  },
  {
    what: 'access granted, and no service started since',
    strike: (stack) => {
      onSecond(stack, { readers: [] })
      restart(stack)
      onSecond(stack, { readers: [SERVICE_ACCOUNT] })
    },
    mendedBy: [],
    told: 'tests',
  },
  {
    what: 'a key of the new kind',
    strike: (stack) => onSecond(stack, { keySpec: 0 }),
    mendedBy: [],
    told: /KeySpec 0.*certutil -importpfx/,
  },
  {
    what: 'a key for signatures only',
    strike: (stack) => onSecond(stack, { keySpec: 2 }),
    mendedBy: [],
    told: /KeySpec 2.*certutil -importpfx/,
  },
  {
    what: 'a service that does not run',
    strike: (stack) => {
      const [service] = second(stack).services
      if (service) service.isRunning = false
    },
    mendedBy: [],
    told: /MSCRMAsyncService does not run on .*Start-Service/,
  },
  {
    what: 'a service older than the marker',
    strike: (stack) => {
      const [service] = second(stack).services
      if (service) {
        service.startedAtMs -= 30 * 86_400_000
        service.loaded = null
      }
    },
    mendedBy: ['service-restart'],
  },
  {
    what: 'no marker',
    strike: (stack) => {
      second(stack).registry = {}
    },
    mendedBy: [],
  },
  { what: 'no key in the directory', strike: (stack) => setKeys(stack, () => []), mendedBy: ['credential'] },
  {
    what: 'a key that has ended',
    strike: (stack) =>
      setKeys(stack, (keys) =>
        keys.map((key) => ({ ...key, endDateTime: '2020-01-01T00:00:00Z', startDateTime: '2019-01-01T00:00:00Z' })),
      ),
    mendedBy: ['credential'],
  },
  {
    what: 'no principal',
    strike: ({ simulator }) => simulator.trust.tenant.principals.delete(CRM_APP_ID),
    mendedBy: ['credential', 'service-principal-names'],
  },
  {
    what: 'the application without its own id',
    strike: (stack) => {
      principalOf(stack).names = [`${CRM_APP_ID}/*.contoso.com`]
    },
    mendedBy: ['service-principal-names'],
  },
  {
    what: 'no name of the domain',
    strike: (stack) => {
      principalOf(stack).names = [CRM_APP_ID]
    },
    mendedBy: ['service-principal-names'],
  },
  {
    what: 'no authorization server',
    strike: ({ simulator }) => {
      simulator.trust.deployment.settings.authorizationServer = null
    },
    mendedBy: ['server-settings'],
  },
  {
    what: 'metadata of another cloud',
    strike: ({ simulator }) => {
      simulator.trust.deployment.settings.metadataUrl = 'https://login.microsoftonline.us/metadata/json/1'
    },
    mendedBy: ['server-settings'],
  },
  { what: 'no tenant id', strike: (stack) => setTenantId(stack, null), mendedBy: ['tenant-id'] },
  {
    what: 'another tenant id',
    strike: (stack) => setTenantId(stack, 'b0000000-0000-4000-8000-00000000000b'),
    mendedBy: ['tenant-id'],
  },
  {
    what: 'no hybrid connector',
    strike: ({ simulator }) => {
      simulator.trust.tenant.exchange.hybridConnector = false
    },
    mendedBy: [],
    told: 'tests',
  },
  {
    what: 'never enabled by support',
    strike: ({ simulator }) => {
      simulator.trust.tenant.exchange.supportEnabled = false
    },
    mendedBy: [],
    told: 'tests',
  },
  {
    what: 'EWS switched off',
    strike: ({ simulator }) => {
      simulator.trust.tenant.exchange.ewsEnabled = false
    },
    mendedBy: [],
    told: 'tests',
  },
  {
    what: 'an empty list of applications',
    strike: ({ simulator }) => {
      simulator.trust.tenant.exchange.allowedAppIds = []
    },
    mendedBy: [],
    told: 'tests',
  },
  {
    what: 'no deployment tools',
    strike: ({ simulator }) => {
      for (const server of simulator.trust.deployment.servers) server.hasSnapIn = false
    },
    mendedBy: [],
    told: /install the Deployment Tools of CRM there/,
  },
  {
    what: 'a clock that is wrong',
    strike: (stack) => {
      second(stack).clockSkewMs = 600_000
    },
    mendedBy: [],
    told: /the clock of .* is 600 s ahead of ours/,
  },
]

const MADE_MS = Date.parse('2026-06-01T00:00:00Z')
const made = new Map<number, string>()

/** A certificate of nobody here; 1: of the same subject as the first one. */
function other(kind: 0 | 1): string {
  const found = made.get(kind)
  if (found !== undefined) return found
  const { der } = kind === 1 ? makeDeploymentCertificate(MADE_MS) : makeDeploymentCertificate(MADE_MS, 'somebody-else')
  made.set(kind, der)
  return der
}

function second({ simulator }: TrustStack): SimulatedServer {
  const server = simulator.trust.deployment.servers[1]
  if (!server) throw new Error('there is no second server')
  return server
}

function onSecond(stack: TrustStack, change: Partial<SimulatedStoredCertificate>): void {
  const server = second(stack)
  server.store = server.store.map((stored) => ({ ...stored, ...change }))
}

function restart(stack: TrustStack): void {
  const { deployment } = stack.simulator.trust
  const server = second(stack)
  for (const service of server.services)
    startService(deployment, server, service, stack.simulator.world.now().getTime())
}

type Deployment = TrustStack['simulator']['trust']['deployment']

function setRows(deployment: Deployment, change: (rows: Deployment['rows']) => Deployment['rows']): void {
  deployment.rows = change(deployment.rows)
}

function setKeys(
  stack: TrustStack,
  change: (keys: ReturnType<typeof principalOf>['keys']) => ReturnType<typeof principalOf>['keys'],
): void {
  const principal = principalOf(stack)
  principal.keys = change(principal.keys)
}

function setTenantId({ simulator }: TrustStack, tenantId: string | null): void {
  for (const one of simulator.trust.deployment.organizations.values()) one.tenantId = tenantId
}
