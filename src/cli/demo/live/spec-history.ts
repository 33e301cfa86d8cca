// What is committed in the repository of the demo, and how it came about: the history of a team that takes server-side synchronization up.
import { type DemoMember, PROFILE_FILE } from '../spec-files.ts'
import { type DemoCertificate, TRUST_FILE as TRUST_PATH, trustFile } from '../trust-files.ts'
import type { DemoCommit } from './repository.ts'

/** Names of the two organizations, which are their folders too. */
export const PRODUCTION = 'contoso-sales'
/** The one to practise in. */
export const PRACTICE = 'contoso-test'
/** The committed file that names the certificate. */
export const TRUST_FILE = TRUST_PATH.replace('spec/', '')
/** The set that everything is tried with. */
const SALES_FILE = `${PRODUCTION}/sales.yaml`

/** What the history is made from. */
export interface HistoryInput {
  readonly tenantId: string
  readonly certificate: DemoCertificate
  /** Mailboxes of the first organization. */
  readonly members: readonly DemoMember[]
  /** People who practise in the other one. */
  readonly practising: readonly string[]
  readonly now: Date
}

const ANN = { name: 'Ann Baker', email: 'ann@contoso.com' }
const BOB = { name: 'Bob Carter', email: 'bob@contoso.com' }
const HOUR_MS = 3_600_000

/** The commits, oldest first; each is a valid spec by itself. */
export function demoHistory(input: HistoryInput): readonly DemoCommit[] {
  const commit = (by: DemoCommit['by'], hoursAgo: number, message: string, files: Record<string, string>) => ({
    by,
    at: new Date(input.now.getTime() - hoursAgo * HOUR_MS),
    message,
    files: new Map(Object.entries(files)),
  })
  const { people, queues } = parted(input.members)
  return [
    commit(ANN, 214, 'Say which tenant, servers and organizations belong together', {
      [TRUST_FILE]: trustFile(input.tenantId, input.certificate),
      [`${PRODUCTION}/organization.yaml`]: organizationFile(PRODUCTION, 'Production'),
      [`${PRACTICE}/organization.yaml`]: organizationFile(PRACTICE, 'NonProduction'),
    }),
    commit(ANN, 190, 'Reach Exchange Online through one profile', {
      [`${PRODUCTION}/profile.yaml`]: PROFILE_FILE,
      [`${PRACTICE}/profile.yaml`]: PROFILE_FILE,
    }),
    commit(BOB, 98, 'Practise with our own mailboxes in the test organization', {
      [`${PRACTICE}/team.yaml`]: practiceFile(input.practising),
    }),
    commit(ANN, 51, 'Take sales up: one mailbox first, then a few, then the rest', {
      [SALES_FILE]: salesFile(people),
    }),
    commit(BOB, 26, 'Let the queues follow, without calendars', {
      [`${PRODUCTION}/queues.yaml`]: queuesFile(queues),
    }),
    commit(ANN, 2, 'Let the first pass through: we looked at its plan together', {
      [`${PRODUCTION}/overrides.yaml`]: overridesFile(['tenant-id', 'change'], input.now),
      [`${PRACTICE}/overrides.yaml`]: overridesFile(['tenant-id', 'stop'], input.now),
    }),
  ]
}

/** The two lines of a rotation, for `git apply`. */
export function rotationPatch(tenantId: string, from: DemoCertificate, to: DemoCertificate): string {
  const before = trustFile(tenantId, from).split('\n')
  const after = trustFile(tenantId, to).split('\n')
  const at = before.findIndex((line, index) => line !== after[index])
  const lines = [
    ...before.slice(at - 3, at).map((line) => ` ${line}`),
    ...before.slice(at, at + 2).map((line) => `-${line}`),
    ...after.slice(at, at + 2).map((line) => `+${line}`),
    ...before.slice(at + 2, at + 5).map((line) => ` ${line}`),
  ]
  return `--- a/${TRUST_FILE}\n+++ b/${TRUST_FILE}\n@@ -${at - 2},8 +${at - 2},8 @@\n${lines.join('\n')}\n`
}

function parted(members: readonly DemoMember[]) {
  const of = (type: DemoMember['type']) => members.filter((one) => one.type === type).map(({ address }) => address)
  return { people: of('User'), queues: of('Queue') }
}

function organizationFile(name: string, environment: 'Production' | 'NonProduction'): string {
  return `apiVersion: mailkeel/v1
kind: Organization
metadata: { name: ${name} }
spec:
  uniqueName: ${name}
  environment: ${environment}
`
}

function practiceFile(addresses: readonly string[]): string {
  return `${setHead('team')}  appointmentsContactsTasks: None      # production synchronizes these; one organization may
  acknowledgeNonProduction: true       # the second word that a test organization needs
  approval: Approved
  testAndEnable: true
  mailboxes:
${lines(addresses)}`
}

function salesFile(addresses: readonly string[]): string {
  const [first = ''] = addresses
  return `${setHead('sales')}  appointmentsContactsTasks: ServerSideSync
  approval: Approved
  testAndEnable: true
  rollout:
    canary: [${first}]              # goes first, alone, and must work
    waves: [30]                          # percent; the rest goes last
    maximumFailurePercent: 40            # this company is a mess
  mailboxes:
${lines(addresses)}`
}

function queuesFile(addresses: readonly string[]): string {
  return `${setHead('queues')}  appointmentsContactsTasks: None      # queues have no calendar
  approval: Approved
  testAndEnable: true
  type: Queue
  mailboxes:
${lines(addresses)}`
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

function lines(addresses: readonly string[]): string {
  return addresses.map((address) => `    - ${address}\n`).join('')
}

function overridesFile(guards: readonly string[], now: Date): string {
  const expires = `${new Date(now.getTime() + 48 * HOUR_MS).toISOString().slice(0, 19)}Z`
  return guards
    .map(
      (guard) => `apiVersion: mailkeel/v1
kind: Override
metadata: { name: first-pass-${guard} }
spec:
  guard: ${guard}
  limit: 100
  reason: the first pass connects everything; we looked at its plan together
  expires: ${expires}
`,
    )
    .join('---\n')
}
