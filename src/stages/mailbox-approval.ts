import type { Approval, OrganizationRow } from '../crm/rows.ts'
import type { MailboxEntry } from './mailbox-directory.ts'

/**
 * The approval that counts: that of the user or queue, for a forward mailbox its own. Nobody having decided is `Pending`, whether CRM
 * says empty or pending; which of the two a changed address gets is not documented.
 */
export function approvalOf({ mailbox, holder }: MailboxEntry): Approval {
  const approval = (holder ?? mailbox).approval
  return approval === 'Empty' ? 'Pending' : approval
}

/** True where mail of this mailbox flows only with an approval (Microsoft, e-mail activity entities). A forward mailbox needs none. */
export function needsApproval({ mailbox }: MailboxEntry, { requireApproval }: OrganizationRow): boolean {
  if (mailbox.type === 'User') return requireApproval.users
  return mailbox.type === 'Queue' && requireApproval.queues
}
