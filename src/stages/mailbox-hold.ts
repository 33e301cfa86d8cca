import type { HolderRow, MailboxRow } from '../crm/rows.ts'
import type { Reason } from '../engine/index.ts'
import type { DesiredMailbox } from '../spec/desired.ts'

/**
 * Why a mailbox must not be written, or undefined: inactive, its user disabled or its queue inactive, CRM's own service mailbox, or paused
 * by the spec. What is inactive is reported, not touched.
 */
export function holdOf(
  { pause }: Pick<DesiredMailbox, 'pause'>,
  { mailbox, holder }: { readonly mailbox: MailboxRow; readonly holder: HolderRow | undefined },
  now: Date,
): Reason | undefined {
  if (!mailbox.active) return MAILBOX_INACTIVE
  if (holder?.active === false) return holder.type === 'Queue' ? QUEUE_INACTIVE : USER_DISABLED
  if (mailbox.serviceAccount) return SERVICE_ACCOUNT
  return pauseOf(pause, now)
}

/** The pause of a member as a reason; undefined where there is none or it is over. A day ends a pause when it begins, in UTC. */
export function pauseOf(pause: DesiredMailbox['pause'], now: Date): Reason | undefined {
  if (!pause) return undefined
  if (pause.until !== undefined && Date.parse(pause.until) <= now.getTime()) return undefined
  const until = pause.until === undefined ? '' : ` until ${pause.until}`
  return { code: 'Paused', message: `paused${until}: ${pause.reason}` }
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
