// Approval of addresses. It lives on the user or queue, the mailbox only shows it (Microsoft, e-mail activity entities). Only a forward
// mailbox, which belongs to nobody, is approved itself.
import type { OrganizationReader, OrganizationWriter } from '../crm/organization.ts'
import type { Approval } from '../crm/rows.ts'
import type { Assignment, FieldRule, Key, Observed, Stage, Wish } from '../engine/index.ts'
import type { DesiredOrganization } from '../spec/desired.ts'
import { approvalOf } from './mailbox-approval.ts'
import { type MailboxEntry, mailboxDirectory, readOf, wishedKeys } from './mailbox-directory.ts'
import { afterIdentity, needsIdentity } from './mailbox-projection.ts'
import { NOT_IN_CRM } from './mailbox-waiting.ts'
import { type Prepared, write } from './write.ts'

type ApprovalFields = { readonly approval: Approval }
type Ref = MailboxEntry | undefined
type ApprovalStage = Stage<DesiredOrganization, ApprovalFields, OrganizationReader, OrganizationWriter, Ref>

/** Approves and rejects addresses. */
export const approval: ApprovalStage = {
  name: 'approval',
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: { approval: approvalRule() },
  async observe(context) {
    return readOf<ApprovalFields>(await mailboxDirectory(context), wishedKeys(context), observed)
  },
  project: (actual, earlier) =>
    afterIdentity(actual, earlier, { created: { approval: 'Pending' }, readdressed: { approval: 'Pending' } }),
  desire: (desired) => wishesOf(desired),
  absent: () => NOT_IN_CRM,
  async *apply({ writer, signal }, assignments) {
    yield* write(writer, assignments.map(prepare), signal)
  },
}

function observed(entry: MailboxEntry): Observed<ApprovalFields, MailboxEntry> {
  const row = { fields: { approval: approvalOf(entry) }, ref: entry, label: entry.mailbox.name }
  return entry.hold ? { ...row, hold: entry.hold } : row
}

function* wishesOf(desired: DesiredOrganization): Generator<readonly [Key, Wish<ApprovalFields>]> {
  for (const [key, { approval, released, origin }] of desired.mailboxes) {
    if (approval === undefined || released) continue
    yield [key, { ensure: 'present', fields: { approval }, label: key, origin, needs: [needsIdentity(key)] }]
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

function approvalRule(): FieldRule<Approval> {
  return {
    effect: (_from, to) => (to === 'Approved' ? 'approve' : 'unapprove'),
    words(from, to) {
      if (to === 'Approved' && from === 'Rejected') {
        return {
          group: 'approve',
          one: 'is approved although it was rejected before',
          many: 'are approved although they were rejected before',
        }
      }
      if (to === 'Approved') return { group: 'approve', one: 'is newly approved', many: 'are newly approved' }
      const loses = from === 'Approved'
      return {
        group: 'reject',
        one: loses ? 'loses its approval and is rejected' : 'is rejected',
        many: loses ? 'lose their approval and are rejected' : 'are rejected',
      }
    },
  }
}
