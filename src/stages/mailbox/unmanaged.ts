import type { Observed, Reason } from '../../engine/index.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { usesServerSide } from '../testing/test-state.ts'
import type { MailboxFields } from './fields.ts'

/** Why a mailbox is in no set, as far as CRM shows a reason; what keeps it from ever working is said first. */
export function whyUnmanaged(object: Observed<MailboxFields, MailboxEntry | undefined> | Reason): string {
  if ('code' in object) return object.code === 'AmbiguousAddress' ? 'share an address' : 'cannot be told'
  if (!object.ref) return IN_NO_SET
  const { mailbox, holder } = object.ref
  if (mailbox.serviceAccount) return "belong to CRM's own service account"
  if (!mailbox.active) return 'are inactive'
  if (holder?.active === false)
    return holder.type === 'Queue' ? 'belong to an inactive queue' : 'belong to a disabled user'
  if (!mailbox.address) return 'have no address'
  return usesServerSide(mailbox) ? IN_NO_SET : 'do not use server-side synchronization'
}

const IN_NO_SET = 'use server-side synchronization and are in no set'
