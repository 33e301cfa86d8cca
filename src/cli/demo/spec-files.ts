// The spec of the demo, written as a person would: one file per team, the queues together, the exceptions where they belong. What it says
// of the trust stands in `trust-files.ts`.

/** A mailbox the demo manages. */
export interface DemoMember {
  readonly address: string
  readonly type: 'User' | 'Queue'
}

/** What the files of the demo are made from. */
export interface DemoInput {
  readonly members: readonly DemoMember[]
  /** An address that CRM does not know yet. */
  readonly newcomer: string
}

const TEAMS = ['sales', 'marketing', 'finance', 'service', 'production', 'management'] as const
/** Name of the one organization. */
export const ORGANIZATION = 'contoso-sales'

/** The files by path. */
export function demoFiles({ members, newcomer }: DemoInput): ReadonlyMap<string, string> {
  const people = members.filter(({ type }) => type === 'User').map(({ address }) => address)
  const queues = members.filter(({ type }) => type === 'Queue').map(({ address }) => address)
  // Rounded per team, so that none is empty where there are few people.
  const startOf = (index: number) => Math.round((index * people.length) / TEAMS.length)
  const teams = TEAMS.map((team, index): [string, string] => {
    const own = people.slice(startOf(index), startOf(index + 1))
    return [`spec/teams/${team}.yaml`, teamFile(team, index === 0 ? [...own, newcomer] : own)]
  })
  return new Map([
    ['spec/organization.yaml', ORGANIZATION_FILE],
    ['spec/profile.yaml', PROFILE_FILE],
    ...teams,
    ['spec/queues.yaml', queuesFile(queues)],
  ])
}

const ORGANIZATION_FILE = `apiVersion: mailkeel/v1
kind: Organization
metadata: { name: ${ORGANIZATION} }
spec:
  uniqueName: ${ORGANIZATION}
  environment: Production
`

/** The one profile of both demos. */
export const PROFILE_FILE = `apiVersion: mailkeel/v1
kind: EmailServerProfile
metadata: { name: exchange-online }
spec:
  displayName: Exchange Online
  serverType: ExchangeOnlineHybrid
  owner: { user: crm-mail@contoso.com }
  autoDiscover: true
  useDefaultTenantId: true
  minimumPollingIntervalMinutes: 10
  moveFailedEmailsToUndeliverableFolder: true
`

function teamFile(team: string, addresses: readonly string[]): string {
  return `${setHead(team)}  appointmentsContactsTasks: ServerSideSync
  approval: Approved
  testAndEnable: true
  mailboxes:
${addresses.map((address) => `    - ${scalar(address)}\n`).join('')}`
}

function queuesFile(addresses: readonly string[]): string {
  return `${setHead('queues')}  appointmentsContactsTasks: None      # queues have no calendar
  approval: Approved
  testAndEnable: true
  type: Queue
  mailboxes:
${addresses.map((address) => `    - ${scalar(address)}\n`).join('')}`
}

function setHead(name: string): string {
  return `apiVersion: mailkeel/v1
kind: MailboxSet
metadata: { name: ${name} }
spec:
  profile: exchange-online
  incoming: ServerSideSync
  outgoing: ServerSideSync
`
}

/** Plain where every YAML reader takes it as text, else quoted. */
function scalar(text: string): string {
  return /^[a-z][a-z0-9._-]*@[a-z0-9.-]+$/i.test(text) ? text : JSON.stringify(text)
}
