// Which permissions of Microsoft Graph each identity needs, and how they are given. Pure. (Microsoft Graph: get servicePrincipal, list
// organization, update servicePrincipal, list users, get mailboxSettings; "Grant tenant-wide admin consent to an application".)
import type { Finding, Remedy } from '../../report/doctor.ts'
import { sentenceList } from '../../report/wording.ts'
import type { Role } from './as-identity.ts'
import { bad, good, type Question } from './finding.ts'

/** A permission, and the broader ones that hold it. */
interface Grant {
  readonly permission: string
  readonly within: readonly string[]
}

const READ_APPLICATIONS: Grant = {
  permission: 'Application.Read.All',
  within: ['Application.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
}
const READ_ORGANIZATION: Grant = {
  permission: 'Organization.Read.All',
  within: ['Organization.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
}
const READ_USERS: Grant = {
  permission: 'User.Read.All',
  within: ['User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
}
const READ_MAILBOX_SETTINGS: Grant = {
  permission: 'MailboxSettings.Read',
  within: ['MailboxSettings.ReadWrite'],
}
/** `Application.ReadWrite.OwnedBy` does not reach a principal of Microsoft's: nobody in the tenant owns it. */
const WRITE_APPLICATIONS: Grant = { permission: 'Application.ReadWrite.All', within: ['Directory.ReadWrite.All'] }

/** What is asked of the roles in a token. */
export interface GrantQuestion {
  readonly role: Role
  readonly roles: ReadonlySet<string>
  /** Mailboxes of Exchange Online are looked at. */
  readonly preflight: boolean
  /** Credentials or names are written there. */
  readonly writes: boolean
  readonly clientId: string
  /** Where administrators consent. */
  readonly consentUrl: string
}

/** What each identity must be granted. */
export function grantsOf({
  role,
  preflight,
  writes,
}: Pick<GrantQuestion, 'role' | 'preflight' | 'writes'>): readonly Grant[] {
  const reads = role.purpose !== 'writing'
  return [
    READ_APPLICATIONS,
    READ_ORGANIZATION,
    ...(reads && preflight ? [READ_USERS, READ_MAILBOX_SETTINGS] : []),
    ...(role.purpose !== 'reading' && writes ? [WRITE_APPLICATIONS] : []),
  ]
}

/** What is missing, and what is granted beyond the need. */
export function grantFindings(question: (check: string) => Question, input: GrantQuestion): readonly Finding[] {
  const { roles, role } = input
  const needed = grantsOf(input)
  const missing = needed.filter((grant) => !isHeld(grant, roles)).map(({ permission }) => permission)
  const all = needed.map(({ permission }) => permission)
  const held =
    missing.length === 0
      ? good(question('permissions'), all.join(', '))
      : bad(
          question('permissions'),
          'Broken',
          'PermissionMissing',
          `the application lacks ${sentenceList(missing)}`,
          consent(missing, input),
        )
  return [
    held,
    excessFinding(question('least privilege'), [...roles].filter((one) => !all.includes(one)).sort(), role, input),
  ]
}

function isHeld({ permission, within }: Grant, roles: ReadonlySet<string>): boolean {
  return [permission, ...within].some((one) => roles.has(one))
}

function consent(missing: readonly string[], { clientId, consentUrl }: GrantQuestion): Remedy {
  const each = missing.map((one) => `\`${one}\``)
  return {
    words: `In Entra ID open App registrations > the application with client id ${clientId} > API permissions > Add a permission > Microsoft Graph > Application permissions, and add ${sentenceList(each)}; then a Privileged Role Administrator or Global Administrator grants consent. A token keeps its old permissions for up to an hour.`,
    commands: [{ where: 'consent, in the browser of that administrator', command: consentUrl }],
  }
}

function excessFinding(
  question: Question,
  beyond: readonly string[],
  role: Role,
  { writes, clientId }: GrantQuestion,
): Finding {
  if (role.purpose === 'both' && writes && beyond.length === 0) {
    return bad(
      question,
      'Excess',
      'ReadsAndWrites',
      'whoever plans holds an application that may add a credential to any application of the tenant',
      {
        words:
          'Register a second application for writing, name it as `writing` of the tenant in the configuration, and take Application.ReadWrite.All from the one that reads.',
      },
    )
  }
  if (beyond.length === 0) return good(question, 'nothing is granted beyond what is needed')
  const writing = beyond.filter((one) => /Write|FullControl|AccessAsUser|\.Send\b|Manage/.test(one))
  const dangerous = role.purpose === 'reading' && writing.length > 0
  const evidence = dangerous
    ? `the application that reads may write: ${sentenceList(writing)}`
    : `not needed: ${sentenceList(beyond)}`
  return bad(question, 'Excess', dangerous ? 'ReaderMayWrite' : 'MoreThanNeeded', evidence, {
    words: `In Entra ID open Enterprise applications > the application with client id ${clientId} > Permissions, and revoke ${sentenceList(beyond.map((one) => `\`${one}\``))}.`,
  })
}
