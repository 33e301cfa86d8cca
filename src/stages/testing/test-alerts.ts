import type { OrganizationReader } from '../../crm/organization.ts'
import type { AlertRow } from '../../crm/rows.ts'
import type { Verdict } from '../../engine/index.ts'
import { approvalOf } from '../mailboxes/mailbox-approval.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { minute } from '../minute.ts'
import { alertsNotRead, type Cause, cause, causeOf, isKnown, NO_ALERT } from './test-cause.ts'
import { directionsInWords, type Failure, failing } from './test-verdict.ts'

/** Alerts, newest first, by identifier of the mailbox or profile; or the cause that stands for all where they could not be read. */
export type Alerts = ReadonlyMap<string, readonly AlertRow[]> | Cause

/** Why a mailbox fails, and the alert that tells it. */
export interface Explained {
  readonly cause: Cause
  readonly failure: Failure
  /** Absent where no alert tells it. */
  readonly alert?: AlertRow
  /** Since when there is this trouble, ISO 8601; absent where no alert of this very test tells. */
  readonly since?: string
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

/** A failure with the cause that the alerts of its mailbox tell. `trust` is the cause of all that may come from the trust, where that is broken. */
export function explainFailure(failure: Failure, entry: MailboxEntry, alerts: Alerts, trust?: Cause): Explained {
  const { cause, found } = causeIn(failure, entry, alerts)
  return told(failure, entry, trust && cause.ofTrust ? trust : cause, found)
}

/** The same failure with another cause. */
export function explainedBy({ failure, alert, since }: Explained, entry: MailboxEntry, cause: Cause): Explained {
  return told(failure, entry, cause, alert && { alert, cause, ...(since !== undefined && { since }) })
}

function causeIn(
  failure: Failure,
  entry: MailboxEntry,
  alerts: Alerts,
): { readonly cause: Cause; readonly found?: Found } {
  if ('words' in alerts) return { cause: failure.otherwise ?? alerts }
  const own = telling(alerts.get(entry.mailbox.id) ?? [], failure, entry)
  const isPlain = own?.since !== undefined && !own.cause.ofProfile && own.cause.code !== 'Unknown'
  const found = isPlain ? own : (ofProfile(alerts, failure, entry) ?? own)
  return found ? { cause: found.cause, found } : { cause: failure.otherwise ?? NO_ALERT }
}

function told(failure: Failure, { mailbox }: MailboxEntry, cause: Cause, found: Found | undefined): Explained {
  const verdict = failing(`${beginning(failure, found?.alert, mailbox.id)}: `, cause)
  if (!found) return { cause, failure, verdict }
  const { alert, since } = found
  return since === undefined ? { cause, failure, alert, verdict } : { cause, failure, alert, since, verdict }
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
  failure: Failure,
  { mailbox }: MailboxEntry,
): Found | undefined {
  const endedMs = Date.parse(failure.endedOn)
  const alert = alerts
    .get(mailbox.profileId ?? '')
    ?.filter(isTrouble)
    .find(
      (one) =>
        isKnown(one, [], 'profile') &&
        Date.parse(one.modifiedOn) >= endedMs - LEEWAY_MS &&
        Date.parse(one.createdOn) <= endedMs + AFTERWARDS_MS,
    )
  return alert && { alert, cause: causeOf(alert, [], 'profile'), since: alert.createdOn }
}

interface Found {
  readonly cause: Cause
  readonly alert: AlertRow
  /** Absent where the alert is from before this test. */
  readonly since?: string
}

function isTrouble({ level, succeeded }: AlertRow): boolean {
  return level !== 'Information' && succeeded !== true
}

/**
 * The newest alert about trouble: one of this test, one that the list of causes knows before others; failing that the last one since a test
 * passed. What was before a test that passed is over, whatever it was.
 */
function telling(alerts: readonly AlertRow[], failure: Failure, entry: MailboxEntry): Found | undefined {
  const names = [entry.mailbox.name, entry.mailbox.address ?? '', entry.holder?.name ?? '']
  const pass = lastPass(alerts, failure)
  const passMs = Date.parse(pass ?? '')
  const trouble = alerts.filter((one) => isTrouble(one) && !(Date.parse(one.modifiedOn) < passMs))
  const sinceMs = Date.parse(failure.endedOn) - LEEWAY_MS
  const ofTest = trouble.filter(({ modifiedOn }) => Date.parse(modifiedOn) >= sinceMs)
  const alert = ofTest.find((one) => isKnown(one, names)) ?? ofTest[0]
  if (!alert) return pass === undefined ? undefined : fromBefore(trouble[0], names, entry)
  // CRM goes on with the alert of an earlier time; this trouble is no older than the test that passed.
  const since = Date.parse(alert.createdOn) < passMs ? pass : alert.createdOn
  return { alert, cause: causeOf(alert, names), ...(since !== undefined && { since }) }
}

/** When a test is known to have passed last, before this failure: CRM says so in an alert, or the test passed and CRM switched off later. */
function lastPass(alerts: readonly AlertRow[], { endedOn, otherwise }: Failure): string | undefined {
  if (otherwise) return endedOn
  return alerts.find(({ succeeded, modifiedOn }) => succeeded === true && modifiedOn !== '')?.modifiedOn
}

/**
 * The last alert there was, with its day. It is not of this test: nobody is to be stopped or tested again for what it says. Undefined where it
 * tells of an approval that was given since.
 */
function fromBefore(alert: AlertRow | undefined, names: readonly string[], entry: MailboxEntry): Found | undefined {
  if (!alert || Number.isNaN(Date.parse(alert.modifiedOn))) return undefined
  const { code, words, next } = causeOf(alert, names)
  if (code === cause('NotApproved').code && approvalOf(entry) === 'Approved') return undefined
  const day = alert.modifiedOn.slice(0, 'YYYY-MM-DD'.length)
  return { alert, cause: { code, words: `${words} (alert of ${day})`, next, again: 'Never' } }
}
