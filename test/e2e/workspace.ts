import type { RunningSimulator, SimulatorOptions } from '../../src/simulator/index.ts'
import { directoryWith, simulator } from '../cli/process.ts'

/** What differs from a plain workspace. */
export interface WorkspaceOptions {
  readonly policy?: 'Observe' | 'Enforce'
  /** Lines below `spec:` of the configuration, each indented by two spaces. */
  readonly configuration?: string
  /** Members of the set besides those found in the simulator. */
  readonly more?: readonly string[]
  /** Keeps the members it returns true for. */
  readonly keep?: (address: string) => boolean
  readonly token?: string
}

/** A simulator whose tests are over in a moment. */
export function quickSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  return simulator({
    seed: 5,
    mailboxes: 8,
    queues: 1,
    mess: ['old-profile', 'pending', 'untested'],
    start: new Date(),
    clock: { speed: 1, realTimeMs: () => performance.now() },
    service: { pickupDelayMs: 5, testDurationMs: 20, retryAfterMs: 50 },
    ...options,
  })
}

/** A folder with a configuration and a spec for everybody the simulator knows. */
export function workspaceFor(running: RunningSimulator, options: WorkspaceOptions = {}): string {
  const found = membersOf(running).filter(({ address }) => options.keep?.(address) ?? true)
  const members = [
    ...found.map(({ address, isQueue }) =>
      isQueue ? `{ address: ${address}, type: Queue, appointmentsContactsTasks: None }` : address,
    ),
    ...(options.more ?? []),
  ]
  return directoryWith({
    'mailkeel.yaml': configurationFile(running.url, options),
    'spec/organization.yaml': ORGANIZATION,
    'spec/profile.yaml': PROFILE,
    'spec/everybody.yaml': `${SET}${members.map((member) => `    - ${member}\n`).join('')}`,
  })
}

/** Addresses of the simulated users and queues, but not of the service account. */
export function membersOf({
  world,
}: RunningSimulator): readonly { readonly address: string; readonly isQueue: boolean }[] {
  return [...world.rows('mailbox').values()].flatMap((row) => {
    const { emailaddress: address, regardingobjectid: holder, isserviceaccount: isService } = row
    if (isService === true || typeof address !== 'string' || holder === null || typeof holder !== 'object') return []
    return [{ address: address.toLowerCase(), isQueue: holder.entity === 'queue' }]
  })
}

function configurationFile(url: string, { policy = 'Enforce', configuration = '', token }: WorkspaceOptions): string {
  const identity = token === undefined ? '{ type: None }' : `{ type: Bearer, token: { env: ${token} } }`
  return `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  policy: ${policy}
  identities:
    crm: ${identity}
  organizations:
    contoso-sales: { url: '${url}', reading: crm }
${configuration}${configuration.includes('guards:') ? '' : OLD_MAIL_ALLOWED}`
}

/** The profile of the simulator reaches back 30 days, which is not what most tests are about. */
const OLD_MAIL_ALLOWED = '  guards: { old-mail: { maximum: 1000 } }\n'

const ORGANIZATION = `apiVersion: mailkeel/v1
kind: Organization
metadata: { name: contoso-sales }
spec: { uniqueName: contoso-sales, environment: Production }
`

const PROFILE = `apiVersion: mailkeel/v1
kind: EmailServerProfile
metadata: { name: exchange-online }
spec:
  displayName: Exchange Online
  serverType: ExchangeOnlineHybrid
  autoDiscover: true
`

const SET = `apiVersion: mailkeel/v1
kind: MailboxSet
metadata: { name: everybody }
spec:
  profile: exchange-online
  incoming: ServerSideSync
  outgoing: ServerSideSync
  appointmentsContactsTasks: ServerSideSync
  approval: Approved
  testAndEnable: true
  mailboxes:
`
