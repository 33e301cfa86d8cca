import type { OrganizationReader } from '../crm/organization.ts'
import type { AlertRow } from '../crm/rows.ts'
import type { Verdict } from '../engine/index.ts'
import { approvalOf } from './mailbox-approval.ts'
import type { MailboxEntry } from './mailbox-directory.ts'
import { alertsNotRead, type Cause, cause, causeOf, isKnown, NO_ALERT } from './test-cause.ts'
import { directionsInWords, type Failure, failing, minute } from './test-verdict.ts'

/** Alerts, newest first, by identifier of the mailbox or profile; or the cause that stands for all where they could not be read. */
export type Alerts = ReadonlyMap<string, readonly AlertRow[]> | Cause

/** Why a mailbox fails, and the alert that tells it. */
export interface Explained {
  readonly cause: Cause
  readonly failure: Failure
  /** Absent where no alert tells it. */
  readonly alert?: AlertRow
  readonly verdict: Verdict
}

/** How much older than the end of a test an alert of that test may be: retries warn before the last one fails. */
const LEEWAY_MS = 15 * 60_000
/** An alert that comes so long after a test is not of that test. */
const AFTERWARDS_MS = 5 * 60_000

/**
 * Alerts of these mailboxes and profiles. Not being able to read them makes no result unknown: that a mailbox fails is known without. Throws only where
 * the pass is cancelled.
 */
export async function readAlerts(
  reader: OrganizationReader,
  ids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Alerts> {
  if (ids.size === 0) return new Map()
  try {
    return await reader.alerts(ids, signal)
  } catch (error) {
    signal.throwIfAborted()
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'PrivilegeMissing' || code === 'Forbidden') return alertsNotRead(undefined)
    return alertsNotRead(error instanceof Error ? error.message : 'an unexpected failure')
  }
}

/** A failure with the cause that the alerts of its mailbox tell. */
export function explainFailure(failure: Failure, entry: MailboxEntry, alerts: Alerts): Explained {
  if ('words' in alerts) return told(failure, entry, failure.otherwise ?? alerts)
  const own = telling(alerts.get(entry.mailbox.id) ?? [], failure, entry)
  const found =
    own && !own.cause.ofProfile && own.cause.code !== 'Unknown' ? own : (ofProfile(alerts, failure, entry) ?? own)
  const otherwise = failure.otherwise ?? NO_ALERT
  return found ? told(failure, entry, found.cause, found.alert) : told(failure, entry, otherwise)
}

function told(failure: Failure, { mailbox }: MailboxEntry, cause: Cause, alert?: AlertRow): Explained {
  const verdict = failing(`${beginning(failure, alert, mailbox.id)}: `, cause)
  return alert ? { cause, failure, alert, verdict } : { cause, failure, verdict }
}

/** `incoming and outgoing failed 2026-11-10 08:00 UTC`; where CRM gave up after the test had passed, when that was. */
function beginning(
  { directions, endedOn, otherwise }: Failure,
  alert: AlertRow | undefined,
  mailboxId: string,
): string {
  const who = directionsInWords(directions)
  const isLater =
    alert !== undefined &&
    alert.regardingId === mailboxId &&
    Date.parse(alert.modifiedOn) > Date.parse(endedOn) + AFTERWARDS_MS
  if (isLater) return `${who} switched off by CRM ${minute(alert.modifiedOn)}`
  return otherwise ? `${who} switched off` : `${who} failed ${minute(endedOn)}`
}

/** What a profile's alert of the same time says more of: a failure that has no cause of its own, or one that lies with the profile. */
function ofProfile(
  alerts: ReadonlyMap<string, readonly AlertRow[]>,
  { endedOn }: Failure,
  { mailbox }: MailboxEntry,
): Found | undefined {
  const endedMs = Date.parse(endedOn)
  const alert = alerts
    .get(mailbox.profileId ?? '')
    ?.filter(isTrouble)
    .find(
      (one) =>
        isKnown(one) &&
        Date.parse(one.modifiedOn) >= endedMs - LEEWAY_MS &&
        Date.parse(one.createdOn) <= endedMs + AFTERWARDS_MS,
    )
  return alert && { alert, cause: causeOf(alert) }
}

interface Found {
  readonly cause: Cause
  readonly alert: AlertRow
}

function isTrouble({ level, succeeded }: AlertRow): boolean {
  return level !== 'Information' && succeeded !== true
}

/**
 * The newest alert about trouble: one of this test, one that the list of causes knows before others; failing that the last one there was,
 * with its day, unless it tells of an approval that was given since.
 */
function telling(alerts: readonly AlertRow[], { endedOn }: Failure, entry: MailboxEntry): Found | undefined {
  const names = [entry.mailbox.name, entry.mailbox.address ?? '', entry.holder?.name ?? '']
  const trouble = alerts.filter(isTrouble)
  const since = Date.parse(endedOn) - LEEWAY_MS
  const ofTest = trouble.filter(({ modifiedOn }) => Date.parse(modifiedOn) >= since)
  const alert = ofTest.find((one) => isKnown(one, names)) ?? ofTest[0]
  if (alert) return { alert, cause: causeOf(alert, names) }
  const [last] = trouble
  if (!last) return undefined
  const found = causeOf(last, names)
  if (found.code === cause('NotApproved').code && approvalOf(entry) === 'Approved') return undefined
  const day = last.modifiedOn === '' ? '' : ` (alert of ${last.modifiedOn.slice(0, 'YYYY-MM-DD'.length)})`
  return { alert: last, cause: { ...found, words: `${found.words}${day}` } }
}
