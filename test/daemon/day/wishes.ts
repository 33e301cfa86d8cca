// What the repository of a simulated day asks for, as it is edited commit by commit, and the same as documents.

import { documentOf, EVERYTHING, setOf } from '../../stack/spec.ts'
import { DEPLOYMENT, TENANT, type TrustStack } from '../../stack/trust.ts'
import { deploymentDocument, tenantDocument } from '../../stack/trust-workspace.ts'
import type { Files } from '../harness.ts'

/** What is asked of a mailbox: everything, or nothing any more. */
export type Wish = 'connected' | 'stopped'

/** What is asked of an organization. */
export interface OrganizationWishes {
  /** By address. Whoever is missing is not managed. */
  readonly members: Map<string, Wish>
  pollMinutes: number
  /** Overrides of the guard `stop`, by how many each lets pass. */
  readonly overrides: number[]
}

/** What is asked of everything. */
export interface Wishes {
  certificate: string
  readonly organizations: Map<string, OrganizationWishes>
  /** Commits so far; it stands in a comment, so that no two are the same. */
  commits: number
}

const NOTHING = { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' } as const

/** The files that ask for it. `calendars`: the one organization that synchronizes calendars. */
export function filesOf(wishes: Wishes, stack: TrustStack, calendars: string): Files {
  const { tenant } = stack.simulator.trust
  const made = stack.certificates.get(wishes.certificate)
  if (!made) throw new Error(`no certificate ${wishes.certificate}`)
  const organizations = [...wishes.organizations].map(([name, asked]) => {
    const text = organizationDocument(name) + organizationDocuments(asked, name === calendars)
    return [`${name}/spec.yaml`, text] as const
  })
  return {
    'trust.yaml': tenantDocument(TENANT, tenant.tenantId) + deploymentDocument(DEPLOYMENT, wishes.certificate, made),
    'about.yaml': `# commit ${wishes.commits}\n`,
    ...Object.fromEntries(organizations),
  }
}

function organizationDocument(name: string): string {
  return documentOf('Organization', name, { uniqueName: name, environment: 'Production' })
}

function organizationDocuments({ members, pollMinutes, overrides }: OrganizationWishes, calendars: boolean): string {
  const of = (wish: Wish) => [...members].filter(([, one]) => one === wish).map(([address]) => address)
  const [connected, stopped] = [of('connected'), of('stopped')]
  const methods = calendars ? EVERYTHING : { ...EVERYTHING, appointmentsContactsTasks: 'None' }
  return [
    documentOf('EmailServerProfile', 'exchange-online', {
      displayName: 'Exchange Online',
      serverType: 'ExchangeOnlineHybrid',
      owner: { user: 'crm-mail@contoso.com' },
      useDefaultTenantId: true,
      autoDiscover: true,
      minimumPollingIntervalMinutes: pollMinutes,
    }),
    connected.length === 0 ? '' : setOf('people', connected, methods),
    stopped.length === 0 ? '' : setOf('stopped', stopped, NOTHING),
    ...overrides.map((limit, index) =>
      documentOf('Override', `agreed-${index}`, {
        guard: 'stop',
        limit,
        reason: 'it was agreed',
        expires: '2030-01-01T00:00:00Z',
      }),
    ),
  ].join('')
}
