// Whom it would silence to require approval: whoever is not approved and synchronizes e-mail on the server. It happens to people although
// no mailbox changes, so it is counted before it is done.
import type { Consequence, Key } from '../../engine/index.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../spec/desired.ts'
import { approvalOf } from '../mailboxes/mailbox-approval.ts'
import { type DirectoryContext, type MailboxEntry, mailboxDirectory } from '../mailboxes/mailbox-directory.ts'
import { createPolicy, type MailboxPolicy } from '../mailboxes/mailbox-policy.ts'
import { settings } from './fields.ts'
import type { SettingsShape } from './shape.ts'

/** Mailboxes without approval whose e-mail flows because none is required, by what they belong to. */
export interface Silenced {
  readonly User: readonly Key[]
  readonly Queue: readonly Key[]
}

const SWITCHES = { User: 'requireApproval.users', Queue: 'requireApproval.queues' } as const
const TYPES = ['User', 'Queue'] as const
const NOBODY: Silenced = { User: [], Queue: [] }

/** Reads mailboxes only where the spec requires an approval that CRM does not require yet. Throws where they could not be read. */
export async function silencedBy(context: DirectoryContext, actual: SettingsShape): Promise<Silenced> {
  const wished = context.desired.settings?.requireApproval
  const turned = { User: wished?.users === true, Queue: wished?.queues === true }
  const types = TYPES.filter((type) => turned[type] && actual[SWITCHES[type]] === false)
  if (context.keys !== 'all' || types.length === 0) return NOBODY
  const { entries } = await mailboxDirectory(context)
  const found = { User: [] as Key[], Queue: [] as Key[] }
  for (const [key, entry] of entries) {
    const { type } = entry.mailbox
    if (type !== 'Forward' && types.includes(type) && flowsUnapproved(entry)) found[type].push(key)
  }
  return found
}

function flowsUnapproved(entry: MailboxEntry): boolean {
  const { active, serviceAccount, incoming, outgoing } = entry.mailbox
  const flows = incoming === 'ServerSideSync' || outgoing === 'ServerSideSync'
  return active && !serviceAccount && flows && approvalOf(entry) !== 'Approved'
}

/** What it means for people that these fields are written. Whoever the spec approves is approved soon after and not counted. */
export function silencing(
  fields: Partial<SettingsShape>,
  silenced: Silenced | undefined,
  { desired, now }: { readonly desired: Pick<DesiredOrganization, 'mailboxes'>; readonly now: Date },
): readonly Consequence[] {
  const policy = createPolicy(now)
  return TYPES.flatMap((type) => {
    const all = fields[SWITCHES[type]] === true ? (silenced?.[type] ?? []) : []
    const keys = all.filter((key) => !isToBeApproved(desired.mailboxes.get(key), policy))
    if (keys.length === 0) return []
    const whose = keys.length === 1 ? NOUNS[type].one : NOUNS[type].many
    const words = `silence ${keys.length} ${whose} whose ${keys.length === 1 ? 'address is' : 'addresses are'} not approved: ${named(keys)}`
    return [{ effect: 'stop', phrase: { ...settings(words), group: 'stop' } }]
  })
}

const NOUNS = { User: { one: 'user', many: 'users' }, Queue: { one: 'queue', many: 'queues' } }

function isToBeApproved(member: DesiredMailbox | undefined, { managed, heldBy }: MailboxPolicy): boolean {
  return member !== undefined && managed(member).approval === 'Approved' && heldBy(member) === undefined
}

const NAMES_SHOWN = 3

function named(keys: readonly Key[]): string {
  if (keys.length <= NAMES_SHOWN + 1) return keys.join(', ')
  return `${keys.slice(0, NAMES_SHOWN).join(', ')} and ${keys.length - NAMES_SHOWN} more`
}
