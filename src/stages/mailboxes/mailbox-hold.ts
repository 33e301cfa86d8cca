import type { HolderRow, MailboxRow } from '../../crm/rows.ts'
import type { Reason } from '../../engine/index.ts'

/**
 * Why CRM has a mailbox in a state in which it must not be written, or undefined: inactive, its user disabled or its queue inactive, or
 * CRM's own service mailbox. What is inactive is reported, not touched. What the spec holds back is in `mailbox-policy.ts`.
 */
export function holdOf({
  mailbox,
  holder,
}: {
  readonly mailbox: MailboxRow
  readonly holder: HolderRow | undefined
}): Reason | undefined {
  if (!mailbox.active) return MAILBOX_INACTIVE
  if (holder?.active === false) return holder.type === 'Queue' ? QUEUE_INACTIVE : USER_DISABLED
  return mailbox.serviceAccount ? SERVICE_ACCOUNT : undefined
}

/** True where such a reason also keeps mail from flowing. CRM processes its own service mailbox all the same. */
export function stopsMail({ code }: Reason): boolean {
  return code !== SERVICE_ACCOUNT.code
}

const MAILBOX_INACTIVE: Reason = {
  code: 'MailboxInactive',
  message: 'the mailbox is inactive in CRM; activate it there, or remove it from the spec',
}
const USER_DISABLED: Reason = {
  code: 'UserDisabled',
  message: 'the user is disabled in CRM; enable the user there, or remove the mailbox from the spec',
}
const QUEUE_INACTIVE: Reason = {
  code: 'QueueInactive',
  message: 'the queue is inactive in CRM; activate it there, or remove the mailbox from the spec',
}
const SERVICE_ACCOUNT: Reason = {
  code: 'ServiceAccountMailbox',
  message: "it is the mailbox of CRM's own service account, which CRM keeps for itself; remove it from the spec",
}
