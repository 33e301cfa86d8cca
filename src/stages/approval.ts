// Approval of addresses. It lives on the user or queue, the mailbox only shows it (Microsoft, e-mail activity entities). Only a forward
// mailbox, which belongs to nobody, is approved itself.
import type { OrganizationReader, OrganizationWriter } from '../crm/organization.ts'
import type { Approval } from '../crm/rows.ts'
import type { Assignment, FieldRule, Key, Observed, Phrase, Stage, Wish } from '../engine/index.ts'
import type { DesiredOrganization } from '../spec/desired.ts'
import { approvalLink, approvalOf } from './mailboxes/mailbox-approval.ts'
import { holderRecord, type MailboxEntry, mailboxDirectory, readOf, wishedKeys } from './mailboxes/mailbox-directory.ts'
import { createPolicy } from './mailboxes/mailbox-policy.ts'
import { afterIdentity, needsIdentity } from './mailboxes/mailbox-projection.ts'
import { NOT_IN_CRM } from './mailboxes/mailbox-waiting.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { type Prepared, write } from './write.ts'

type ApprovalFields = { readonly approval: Approval }
type Ref = MailboxEntry | undefined
type ApprovalStage = Stage<DesiredOrganization, ApprovalFields, OrganizationReader, OrganizationWriter, Ref>

const APPROVED: Phrase = { group: 'approve', one: 'is newly approved', many: 'are newly approved' }
const APPROVED_AGAIN: Phrase = {
  group: 'approve',
  one: 'is approved although it was rejected before',
  many: 'are approved although they were rejected before',
}
const REJECTED: Phrase = { group: 'reject', one: 'is rejected', many: 'are rejected' }
const REJECTED_NOW: Phrase = {
  group: 'reject',
  one: 'loses its approval and is rejected',
  many: 'lose their approval and are rejected',
}

const APPROVAL_RULE: FieldRule<Approval> = {
  effect: (_from, to) => (to === 'Approved' ? 'approve' : 'unapprove'),
  words(from, to) {
    if (to === 'Approved') return from === 'Rejected' ? APPROVED_AGAIN : APPROVED
    return from === 'Approved' ? REJECTED_NOW : REJECTED
  },
}

/** Approves and rejects addresses. */
export const approval: ApprovalStage = {
  name: STAGE_NAMES.approval,
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: { approval: APPROVAL_RULE },
  async observe(context) {
    return readOf<ApprovalFields>(await mailboxDirectory(context), wishedKeys(context), observed)
  },
  project: (actual, earlier) =>
    afterIdentity(actual, earlier, { created: { approval: 'Pending' }, readdressed: { approval: 'Pending' } }),
  desire: (desired, _projection, now) => wishesOf(desired, now),
  absent: () => NOT_IN_CRM,
  explain({ kind, key }, { reads, projection }) {
    const read = reads.get(STAGE_NAMES.approval)
    const row = read?.complete && kind === 'Mailbox' ? read.rows.get(key) : undefined
    if (!row?.ref) return []
    const results = reads.get(STAGE_NAMES.testResult)
    const isMissed = results?.complete === true && results.rows.get(key)?.ready?.code === 'NotApproved'
    const isPlanned = projection.change(STAGE_NAMES.approval, key) !== undefined
    return [approvalLink(row.ref as MailboxEntry, isMissed, isPlanned)]
  },
  record: ({ ref }) => ref && holderRecord(ref),
  async *apply({ writer, signal }, assignments) {
    yield* write(writer, assignments.map(prepare), signal)
  },
}

function observed(entry: MailboxEntry): Observed<ApprovalFields, MailboxEntry> {
  const fields = fieldsOf(approvalOf(entry))
  const { mailbox, hold } = entry
  const label = mailbox.name
  return hold ? { fields, ref: entry, label, hold } : { fields, ref: entry, label }
}

/** Tens of thousands of mailboxes have one of a few approvals, so there is one object for each. */
function fieldsOf(approval: Approval): ApprovalFields {
  return FIELDS[approval] ?? { approval }
}

const FIELDS: { readonly [A in string]?: ApprovalFields } = {
  Approved: { approval: 'Approved' },
  Pending: { approval: 'Pending' },
  Rejected: { approval: 'Rejected' },
}

function* wishesOf(desired: DesiredOrganization, now: Date): Generator<readonly [Key, Wish<ApprovalFields>]> {
  const policy = createPolicy(now)
  for (const [key, member] of desired.mailboxes) {
    const { approval, released, origin } = policy.managed(member)
    if (approval === undefined || released) continue
    const fields = fieldsOf(approval)
    yield [key, policy.held({ ensure: 'present', fields, label: key, origin, needs: [needsIdentity(key)] }, member)]
  }
}

function prepare({ change, fields, row }: Assignment<ApprovalFields, Ref>): Prepared {
  const entry = row?.ref
  if (!entry || !fields.approval) return { ref: change.id, refused: { ...NOT_IN_CRM } }
  const { mailbox, holder } = entry
  const patch = { approval: fields.approval }
  if (!holder) return { ref: change.id, kind: 'update-mailbox', id: mailbox.id, patch }
  return { ref: change.id, kind: holder.type === 'Queue' ? 'update-queue' : 'update-user', id: holder.id, patch }
}
