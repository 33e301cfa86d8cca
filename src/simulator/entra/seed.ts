import type { SimulatedApplication, SimulatedKey, SimulatedPrincipal, SimulatedTenant } from '../trust/model.ts'
import { createRandom, randomGuid } from '../wire/random.ts'
import { CRM_APP_ID, SHAREPOINT_APP_ID } from './clouds.ts'
import { foreignKey } from './foreign.ts'

/** A tenant to be made. */
export interface TenantSeed {
  /** Time of the directory, from which the dates of keys are reckoned. */
  readonly now: Date
  readonly seed?: number
  readonly tenantId?: string
  readonly displayName?: string
  readonly cloud?: SimulatedTenant['cloud']
  /** The first one is the default; the initial one is made up beside. Default `contoso.com`. */
  readonly domains?: readonly string[]
  /** Primary addresses of people with a mailbox in Exchange Online. */
  readonly addresses?: readonly string[]
  /** Primary addresses of shared mailboxes: a mailbox, and no plan. */
  readonly sharedAddresses?: readonly string[]
  /** CRM's principal; a tenant that never had Dynamics has none. Default 'present'. */
  readonly principal?: 'present' | 'missing'
  /** Keys and names of others on CRM's principal: SharePoint's, an expired one, one without identifier. Default false. */
  readonly foreign?: boolean
  /** App roles of people, by address. */
  readonly appRoles?: Readonly<Record<string, readonly string[]>>
  /** Where people who sign in to the application of the page may be sent back; default: `/sign-in/callback` on this machine. */
  readonly redirectUris?: readonly string[]
  /** Secret of the applications; default `simulator-secret`. */
  readonly secret?: string
  /** Base64 of DER certificates that both applications may sign in with. */
  readonly certificates?: readonly string[]
}

/** The client ids of the applications: one reads, another one also writes, and people sign in to the third. */
export const SEEDED_CLIENTS = {
  reading: '6d61696c-0000-4000-8000-000000000001',
  writing: '6d61696c-0000-4000-8000-000000000002',
  people: '6d61696c-0000-4000-8000-000000000003',
} as const

const READING = [
  'Application.Read.All',
  'Organization.Read.All',
  'Domain.Read.All',
  'User.Read.All',
  'MailboxSettings.Read',
]
const LOOPBACK_URIS = ['http://localhost/sign-in/callback', 'http://127.0.0.1/sign-in/callback']
const YEAR_MS = 365 * 86_400_000

/** A tenant whose access is open everywhere: Support switched it on, and the allow list has CRM. The same seed gives the same tenant. */
export function seedTenant(options: TenantSeed): SimulatedTenant {
  const random = createRandom(options.seed ?? 1)
  const newId = () => randomGuid(random)
  const [first = 'contoso.com', ...others] = options.domains ?? ['contoso.com']
  const initial = `${first.split('.')[0]}.onmicrosoft.com`
  const tenantId = options.tenantId ?? newId()
  const principals = principalsOf(options, newId, random)
  return {
    tenantId,
    displayName: options.displayName ?? 'Contoso',
    domains: [
      { name: first, isInitial: false, isDefault: true },
      ...others.map((name) => ({ name, isInitial: false, isDefault: false })),
      { name: initial, isInitial: true, isDefault: false },
    ],
    cloud: options.cloud ?? 'Global',
    applications: new Map([
      [SEEDED_CLIENTS.reading, applicationOf(SEEDED_CLIENTS.reading, 'mailkeel plan', READING, options)],
      [
        SEEDED_CLIENTS.writing,
        applicationOf(SEEDED_CLIENTS.writing, 'mailkeel apply', [...READING, 'Application.ReadWrite.All'], options),
      ],
      [
        SEEDED_CLIENTS.people,
        {
          ...applicationOf(SEEDED_CLIENTS.people, 'mailkeel', [], options),
          redirectUris: options.redirectUris ?? LOOPBACK_URIS,
        },
      ],
    ]),
    principals: new Map(principals.map((principal) => [principal.appId, principal])),
    users: usersOf(options),
    exchange: { hybridConnector: true, supportEnabled: true, ewsEnabled: true, allowedAppIds: [CRM_APP_ID] },
  }
}

function applicationOf(
  clientId: string,
  displayName: string,
  roles: readonly string[],
  { now, secret = 'simulator-secret', certificates = [] }: TenantSeed,
): SimulatedApplication {
  const endDateTime = `${new Date(now.getTime() + YEAR_MS).toISOString().slice(0, 19)}Z`
  return { clientId, displayName, secrets: [{ value: secret, endDateTime }], certificates, federatedTokens: [], roles }
}

function principalsOf(options: TenantSeed, newId: () => string, random: () => number): readonly SimulatedPrincipal[] {
  const sharePoint = { appId: SHAREPOINT_APP_ID, displayName: 'Office 365 SharePoint Online', keys: [] }
  const others = [{ ...sharePoint, id: newId(), names: [SHAREPOINT_APP_ID, `${SHAREPOINT_APP_ID}/*.sharepoint.com`] }]
  if (options.principal === 'missing') return others
  const isShared = options.foreign === true
  const names = isShared ? [CRM_APP_ID, `${CRM_APP_ID}/*.contoso.com`] : [CRM_APP_ID]
  const keys = isShared ? foreignKeys(options.now, newId, random) : []
  return [{ id: newId(), appId: CRM_APP_ID, displayName: 'Dynamics CRM', names, keys }, ...others]
}

/** SharePoint's, one that ended long ago, and one with a foreign text where the thumbprint is expected. */
function foreignKeys(now: Date, newId: () => string, random: () => number): readonly SimulatedKey[] {
  const at = (ms: number) => ({ now: () => new Date(now.getTime() + ms), newId, random })
  return [
    foreignKey('CN=sharepoint-s2s, O="Contoso & Söhne"', at(0)),
    foreignKey('CN=crm-s2s-2023', at(-3 * YEAR_MS)),
    { ...foreignKey('CN=portal', at(0)), customKeyIdentifier: 'cG9ydGFsLWtleQ==', displayName: null },
  ]
}

function usersOf({ addresses = [], sharedAddresses = [], appRoles = {} }: TenantSeed): SimulatedTenant['users'] {
  const people = addresses.map((address) => [address, 'user', true] as const)
  const shared = sharedAddresses.map((address) => [address, 'shared', false] as const)
  return new Map(
    [...people, ...shared].map(([address, purpose, hasPlan]) => [
      address.toLowerCase(),
      {
        userPrincipalName: address,
        proxyAddresses: [`SMTP:${address}`],
        mailbox: { purpose },
        hasPlan,
        ...(appRoles[address] && { appRoles: appRoles[address] }),
      },
    ]),
  )
}
