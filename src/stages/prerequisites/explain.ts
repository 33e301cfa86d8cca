import type { OrganizationRow } from '../../crm/rows.ts'
import type { Key, Link } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'

const NAME = 'organization'

/** The switches of the organization on which every mailbox depends: what processes e-mail, and whose address must be approved. */
export function organizationLink(organization: OrganizationRow, desired: DesiredOrganization, mailbox?: Key): Link {
  const { connectionChannel, requireApproval } = organization
  const evidence = `Process Email Using: ${connectionChannel}; approval of users: ${required(requireApproval.users)}, of queues: ${required(requireApproval.queues)}`
  if (connectionChannel === 'Router') {
    const words = 'e-mail is processed by the Email Router, so server-side synchronization does nothing'
    return { name: NAME, state: 'broken', words, evidence, next: turnIt(desired) }
  }
  if (connectionChannel !== 'ServerSideSync') {
    const words = 'what processes e-mail is a value this version of mailkeel does not know'
    const next = 'Look at System Settings > Email > Process Email Using in CRM.'
    return { name: NAME, state: 'unknown', words, evidence, next }
  }
  const words = `server-side synchronization, ${approvalInWords(requireApproval, desired.mailboxes.get(mailbox ?? '')?.type)}`
  return { name: NAME, state: 'good', words, evidence }
}

function required(isRequired: boolean): string {
  return isRequired ? 'required' : 'not required'
}

function approvalInWords(
  { users, queues }: OrganizationRow['requireApproval'],
  type: 'User' | 'Queue' | 'Forward' | undefined,
): string {
  if (type === 'User') return `addresses of users ${users ? 'must' : 'need not'} be approved`
  if (type === 'Queue') return `addresses of queues ${queues ? 'must' : 'need not'} be approved`
  if (type === 'Forward') return 'forward mailboxes need no approval'
  if (users === queues) return `addresses ${users ? 'must' : 'need not'} be approved`
  return `addresses of ${users ? 'users' : 'queues'} must be approved, of ${users ? 'queues' : 'users'} not`
}

function turnIt({ settings }: DesiredOrganization): string {
  if (settings?.processEmailsUsing === 'ServerSideSync') {
    const { file, line } = settings.originOf('processEmailsUsing')
    return `Apply the plan: it turns server-side synchronization on (${file}:${line}).`
  }
  return 'Write `processEmailsUsing: ServerSideSync` in EmailSettings, or set System Settings > Email > Process Email Using in CRM.'
}
