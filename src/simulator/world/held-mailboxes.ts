import type { Row } from '../world.ts'
import { LEVEL, raiseAlert } from './alerts.ts'
import { type Core, systemUser, touch } from './core.ts'
import { directionsInUse } from './diagnosis.ts'
import { textIn } from './row-values.ts'

const FAILURE = 2

/** Exchange stores this organization for every mailbox whose calendar it synchronizes; returns how many there are. */
export function holdSynchronized(core: Core): number {
  let count = 0
  for (const [id, row] of core.store.rows('mailbox')) {
    if (!synchronizesCalendar(row) || core.truths.get(id)?.heldBy !== undefined) continue
    core.exchange.hold(textIn(row, 'emailaddress'), core.participant, id)
    count += 1
  }
  return count
}

/**
 * Another organization has taken this mailbox: appointments, contacts and tasks stop here (Microsoft: when would I want to use this check
 * box). Unsure when it is told and whether the claim stays: switches `lossTold` and `claimAfterLoss`.
 */
export function loseMailbox(core: Core, mailboxId: string, to: string): void {
  const mailbox = core.store.get('mailbox', mailboxId)
  if (mailbox === undefined) return
  const claim: Row = core.switches.claimAfterLoss === 'cleared' ? { orgmarkedasprimaryforexchangesync: false } : {}
  const isTold = core.switches.lossTold === 'at-once' && directionsInUse(mailbox).includes('act')
  const result: Row = isTold ? { actstatus: FAILURE, enabledforact: false, mailboxstatus: FAILURE } : {}
  const after = touch(core, systemUser(core), 'mailbox', mailboxId, { isactsyncorgflagset: false, ...claim, ...result })
  if (isTold) raiseAlert(core, after, 'OtherOrganization', LEVEL.error, to)
}

function synchronizesCalendar(mailbox: Readonly<Row>): boolean {
  return mailbox['isactsyncorgflagset'] === true && mailbox['actstatus'] === 1 && textIn(mailbox, 'emailaddress') !== ''
}
