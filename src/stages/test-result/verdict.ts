import type { AlertRow, Direction, MailboxRow, OrganizationRow } from '../../crm/rows.ts'
import type { Verdict } from '../../engine/index.ts'
import { approvalOf, needsApproval } from '../mailbox-approval.ts'
import type { MailboxEntry } from '../mailbox-directory.ts'
import { directionsInUse, hasFailed, summarizeTest, testEndedAtMs } from '../test-summary.ts'
import { ALERTS_NOT_READ, CAUSES, type Cause, causeOf, isKnownCode, NO_ALERT } from './causes.ts'

/** Alerts of the mailboxes that failed, by identifier of the mailbox; undefined where they could not be read. */
export type Alerts = ReadonlyMap<string, readonly AlertRow[]> | undefined

/** Whether a mailbox works, as its row, its user or queue, and its alerts tell. */
export function verdictOf(entry: MailboxEntry, organization: OrganizationRow, alerts: Alerts): Verdict {
  const { mailbox, hold } = entry
  const inUse = directionsInUse(mailbox)
  if (hold && hold.code !== 'Paused') return { status: 'False', ...hold }
  if (inUse.length === 0) return NOT_USED
  const seen = causeInRows(entry, organization, inUse)
  if (seen) return failing(seen, '')
  const summary = summarizeTest(mailbox)
  switch (summary) {
    case 'Unneeded':
      return NOT_USED
    case 'Scheduled':
      return scheduled(mailbox)
    case 'NotRun':
      return NOT_RUN
    case 'NotKnown':
      return NOT_KNOWN
  }
  const off = inUse.filter((direction) => !mailbox.enabled[direction])
  if (!hasFailed(summary) && off.length === 0)
    return { status: 'True', code: 'Healthy', message: `tested ${when(mailbox)}` }
  const failed = inUse.filter((direction) => mailbox.status[direction] === 'Failure')
  const cause = causeInAlerts(alerts, mailbox.id, testEndedAtMs(summary) ?? 0)
  if (failed.length === 0) return failing(isKnown(cause) ? cause : CAUSES.DisabledByCrm, `${told(off)} switched off: `)
  return failing(cause, `${told(failed)} failed ${when(mailbox)}: `)
}

/** True where the alerts of a mailbox are needed to tell why it does not work. */
export function needsAlerts(entry: MailboxEntry, organization: OrganizationRow): boolean {
  const { mailbox, hold } = entry
  const inUse = directionsInUse(mailbox)
  if ((hold && hold.code !== 'Paused') || inUse.length === 0 || causeInRows(entry, organization, inUse)) return false
  const summary = summarizeTest(mailbox)
  if (hasFailed(summary)) return true
  return summary.startsWith('Passed') && inUse.some((direction) => !mailbox.enabled[direction])
}

/** What is plain from rows alone: no alert says it better. */
function causeInRows(
  entry: MailboxEntry,
  organization: OrganizationRow,
  inUse: readonly Direction[],
): Cause | undefined {
  if (entry.mailbox.profileId === null) return CAUSES.NoProfile
  const usesEmail = inUse.includes('incoming') || inUse.includes('outgoing')
  if (usesEmail && needsApproval(entry, organization) && approvalOf(entry) !== 'Approved') return CAUSES.NotApproved
  return undefined
}

/** How much older than the end of a test an alert of that test may be: retries warn before the last one fails. */
const ALERT_LEEWAY_MS = 15 * 60_000

/** The newest alert about trouble that belongs to this test; one with a known code goes before others. */
function causeInAlerts(alerts: Alerts, mailboxId: string, testEndedAtMs: number): Cause {
  if (!alerts) return ALERTS_NOT_READ
  const about = (alerts.get(mailboxId) ?? []).filter(
    ({ level, modifiedOn }) => level !== 'Information' && Date.parse(modifiedOn) >= testEndedAtMs - ALERT_LEEWAY_MS,
  )
  const alert = about.find(({ code }) => isKnownCode(code)) ?? about[0]
  return alert ? causeOf(alert) : NO_ALERT
}

function isKnown({ code }: Cause): boolean {
  return code !== NO_ALERT.code
}

function failing({ code, words, next }: Cause, what: string): Verdict {
  return { status: 'False', code, message: `${what}${words}. ${next}` }
}

function scheduled({ testPostponedUntil }: MailboxRow): Verdict {
  const until = testPostponedUntil === null ? '' : `, not before ${minute(testPostponedUntil)}`
  return { status: 'Unknown', code: 'TestScheduled', message: `its test is scheduled${until}` }
}

const NOT_USED: Verdict = { status: 'True', code: 'NotUsed', message: 'it does not use server-side synchronization' }
const NOT_RUN: Verdict = { status: 'Unknown', code: 'TestNotRun', message: 'it was not tested yet' }
const NOT_KNOWN: Verdict = {
  status: 'Unknown',
  code: 'TestNotKnown',
  message: 'CRM gives its test a status that this version of mailkeel does not know',
}

const WORDS: Readonly<Record<Direction, string>> = {
  incoming: 'incoming',
  outgoing: 'outgoing',
  appointmentsContactsTasks: 'appointments',
}

function told(directions: readonly Direction[]): string {
  const words = directions.map((direction) => WORDS[direction])
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function when({ testCompletedOn }: MailboxRow): string {
  return testCompletedOn === null ? '' : minute(testCompletedOn)
}

function minute(time: string): string {
  return `${time.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ')} UTC`
}
