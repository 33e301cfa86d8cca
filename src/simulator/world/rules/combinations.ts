// Combinations of values the server refuses although each value is allowed. Which of them the API checks, and in which words, is not
// documented unless the docstring says otherwise; the simulator is strict.
import type { Row } from '../../world.ts'
import { refusedCombination } from '../faults.ts'
import { referenceIn, textIn } from '../row-values.ts'

const touches = (change: Readonly<Row>, ...columns: string[]) => columns.some((column) => column in change)

/** Without autodiscover a profile needs both server locations (Microsoft: connect Dynamics 365 on-premises to Exchange Online). */
export function refuseMissingLocations(profile: Readonly<Row>, change: Readonly<Row>): void {
  const locations = ['incomingserverlocation', 'outgoingserverlocation']
  if (!touches(change, 'useautodiscover', 'servertype', ...locations) || profile['useautodiscover'] === true) return
  const missing = locations.filter((column) => textIn(profile, column) === '')
  if (missing.length === 0) return
  throw refusedCombination(`The email server profile needs ${missing.join(' and ')} when useautodiscover is false.`)
}

/**
 * A forward mailbox sends nothing; for receiving it is associated to a profile and read by server-side synchronization (Microsoft: create
 * forward mailboxes or edit mailboxes). It has no Outlook to deliver to; whether the API checks that is not documented.
 */
export function refuseForwardMethods(mailbox: Readonly<Row>, change: Readonly<Row>): void {
  if (mailbox['isforwardmailbox'] !== true) return
  if (touches(change, 'incomingemaildeliverymethod') && mailbox['incomingemaildeliverymethod'] === 1) {
    throw refusedCombination('A forward mailbox cannot have Microsoft Dynamics 365 for Outlook as incoming method.')
  }
  if (touches(change, 'outgoingemaildeliverymethod') && mailbox['outgoingemaildeliverymethod'] !== 0) {
    throw refusedCombination('A forward mailbox can only have the outgoing delivery method None.')
  }
}

/** The mailbox of a queue has no Outlook to deliver to: the queue's own columns have no value 1. Unsure for its mailbox. */
export function refuseQueueOutlook(mailbox: Readonly<Row>, change: Readonly<Row>): void {
  if (referenceIn(mailbox, 'regardingobjectid')?.entity !== 'queue') return
  for (const column of ['incomingemaildeliverymethod', 'outgoingemaildeliverymethod']) {
    if (!touches(change, column) || mailbox[column] !== 1) continue
    throw refusedCombination(`The mailbox of a queue cannot have Microsoft Dynamics 365 for Outlook as ${column}.`)
  }
}

/** Mails are deleted after processing only in forward and queue mailboxes (Microsoft: create forward mailboxes or edit mailboxes). */
export function refuseDeletingUserMail(mailbox: Readonly<Row>, change: Readonly<Row>): void {
  if (!touches(change, 'processanddeleteemails') || mailbox['processanddeleteemails'] !== true) return
  if (referenceIn(mailbox, 'regardingobjectid')?.entity !== 'systemuser') return
  throw refusedCombination('Email can be deleted after processing only for forward mailboxes and queues.')
}
