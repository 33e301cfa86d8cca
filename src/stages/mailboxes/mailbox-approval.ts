import type { Approval, OrganizationRow } from '../../crm/rows.ts'
import type { Link } from '../../engine/index.ts'
import { hasFailed, summarizeTest, type TestSummary, testEndedAtMs } from '../testing/test-summary.ts'
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

/**
 * True where the last test failed and user or queue, approved now, were changed after it: the approval may have been what was missing. It
 * is how a pass that was cut off between approving and testing is healed by the next one. A forward mailbox has no such trace.
 */
export function mayApprovalHaveChangedSince(
  entry: MailboxEntry,
  summary: TestSummary = summarizeTest(entry.mailbox),
): boolean {
  const { holder } = entry
  if (!holder?.modifiedOn || !hasFailed(summary) || approvalOf(entry) !== 'Approved') return false
  return Date.parse(holder.modifiedOn) > (testEndedAtMs(summary) ?? Number.POSITIVE_INFINITY)
}

const APPROVALS: Readonly<Record<string, string>> = {
  Approved: 'approved',
  Pending: 'not approved yet',
  Rejected: 'rejected',
}

/**
 * The approval as a link of the chain. `isMissed`: mail does not flow for want of it. CRM does not tell when an address was approved, only
 * when the user or queue was changed last.
 */
export function approvalLink(entry: MailboxEntry, isMissed: boolean, isPlanned: boolean): Link {
  const approval = approvalOf(entry)
  const { holder } = entry
  const where = holder === undefined ? 'the mailbox' : holder.type === 'Queue' ? 'the queue' : 'the user'
  const words = `${APPROVALS[approval] ?? approval} on ${where}${isPlanned ? ', the spec asks for another' : ''}`
  const at = holder?.modifiedOn ? { evidence: `${where} changed last`, at: holder.modifiedOn } : {}
  if (!isMissed) return { name: 'approval', state: approval === 'Approved' ? 'good' : 'told', words, ...at }
  const next = isPlanned
    ? 'Apply the plan: it approves the address.'
    : 'Approve it, or write `approval: Approved` in its set.'
  return { name: 'approval', state: 'broken', words, ...at, next }
}
