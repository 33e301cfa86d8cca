import type { AlertRow } from '../../crm/rows.ts'
import type { Verdict } from '../../engine/index.ts'
import { approvalOf } from '../mailbox-approval.ts'
import type { MailboxEntry } from '../mailbox-directory.ts'
import { ALERTS_NOT_READ, CAUSES, type Cause, causeOf, isKnownCode, NO_ALERT } from './causes.ts'
import { type Failure, failing } from './verdict.ts'

/** Alerts, newest first, by identifier of the mailbox; undefined where they could not be read. */
export type Alerts = ReadonlyMap<string, readonly AlertRow[]> | undefined

/** How much older than the end of a test an alert of that test may be: retries warn before the last one fails. */
const LEEWAY_MS = 15 * 60_000

/** A failure with the cause that the alerts of its mailbox tell. */
export function explain(failure: Failure, entry: MailboxEntry, alerts: Alerts): Verdict {
  const { what, otherwise } = failure
  if (!alerts) return failing(what, otherwise ?? ALERTS_NOT_READ)
  return failing(what, causeAmong(alerts.get(entry.mailbox.id) ?? [], failure, entry) ?? otherwise ?? NO_ALERT)
}

/**
 * The cause in the newest alert about trouble: one of this test, one with a known code before others; failing that the last one there
 * was, with its day, unless it tells of an approval that was given since.
 */
function causeAmong(alerts: readonly AlertRow[], { endedAtMs }: Failure, entry: MailboxEntry): Cause | undefined {
  const trouble = alerts.filter(({ level }) => level !== 'Information')
  const ofTest = trouble.filter(({ modifiedOn }) => Date.parse(modifiedOn) >= endedAtMs - LEEWAY_MS)
  const alert = ofTest.find(({ code }) => isKnownCode(code)) ?? ofTest[0]
  if (alert) return causeOf(alert)
  const [last] = trouble
  const cause = last && causeOf(last)
  if (!cause || (cause.code === CAUSES.NotApproved.code && approvalOf(entry) === 'Approved')) return undefined
  return { ...cause, words: `${cause.words} (alert of ${last.modifiedOn.slice(0, 'YYYY-MM-DD'.length)})` }
}
