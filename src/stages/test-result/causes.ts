// Why mailboxes fail, in words and with a next step. CRM tells it by alerts, whose texts are localized and whose code numbers are not
// published. So this is data: the numbers below are provisional until they were seen on real servers, and they stand in this one table.
import type { AlertRow } from '../../crm/rows.ts'

/** A class of causes, and what a person does about it. */
export interface Cause {
  /** PascalCase; objects of one code are told together. */
  readonly code: string
  /** What is wrong, as the end of a sentence. */
  readonly words: string
  /** A sentence. */
  readonly next: string
}

/** Causes that are seen from rows, without any alert. */
export const CAUSES = {
  NoProfile: {
    code: 'NoProfile',
    words: 'it has no email server profile, so CRM does not process it',
    next: 'Name a profile in its set.',
  },
  NotApproved: {
    code: 'NotApproved',
    words: 'its address is not approved',
    next: 'Approve it, or write `approval: Approved` in its set.',
  },
  DisabledByCrm: {
    code: 'DisabledByCrm',
    words: 'CRM switched it off by itself after its last test',
    next: 'Look at its alerts in CRM, mend the cause, then test it again.',
  },
  UserDisabled: {
    code: 'UserDisabled',
    words: 'its user is disabled in CRM',
    next: 'Enable the user, or remove the mailbox from the spec.',
  },
  AddressMissing: {
    code: 'AddressMissing',
    words: 'it has no address in CRM',
    next: 'Give the user or queue its address.',
  },
  Transient: {
    code: 'Transient',
    words: 'Exchange could not be reached for a while',
    next: 'CRM tries again by itself; if it stays so, check the connection to Exchange.',
  },
  MissingInExchange: {
    code: 'MissingInExchange',
    words: 'Exchange has no mailbox with this address',
    next: 'Create the mailbox in Exchange, or correct the address.',
  },
  AddressMismatch: {
    code: 'AddressMismatch',
    words: 'Exchange refuses access, its primary address there may be another one',
    next: 'Compare the address with the primary address in Exchange.',
  },
  NoLicence: {
    code: 'NoLicence',
    words: 'its mailbox in Exchange is not enabled for this',
    next: 'Give the mailbox a licence with Exchange Online.',
  },
  AutodiscoverFailed: {
    code: 'AutodiscoverFailed',
    words: 'autodiscover did not find its mailbox',
    next: 'Check address and autodiscover of its domain, or give the profile fixed server locations.',
  },
  CredentialsRefused: {
    code: 'CredentialsRefused',
    words: "Exchange refuses this organization's sign-in",
    next: 'Check certificate, tenant and credentials of its profile.',
  },
  SendRefused: {
    code: 'SendRefused',
    words: 'Exchange refuses to send for it',
    next: 'Check the right to send as this mailbox in Exchange.',
  },
  ReceiveRefused: {
    code: 'ReceiveRefused',
    words: 'Exchange refuses to hand over its e-mail',
    next: 'Check the access to this mailbox in Exchange.',
  },
  CalendarRefused: {
    code: 'CalendarRefused',
    words: 'its calendar, contacts and tasks cannot be reached in Exchange',
    next: 'Check the folders of this mailbox in Exchange.',
  },
  OtherOrganization: {
    code: 'OtherOrganization',
    words: 'another CRM organization synchronizes its appointments, contacts and tasks',
    next: 'Decide which organization does; `primarySync: Claim` takes it over.',
  },
} as const satisfies Readonly<Record<string, Cause>>

/** PROVISIONAL: numbers of alerts. Not published; to be confirmed or replaced by what real servers log. */
const CAUSE_BY_TRACE_CODE: ReadonlyMap<number, Cause> = new Map<number, Cause>([
  [101, CAUSES.UserDisabled],
  [102, CAUSES.AddressMissing],
  [103, CAUSES.NotApproved],
  [201, CAUSES.Transient],
  [202, CAUSES.MissingInExchange],
  [203, CAUSES.AddressMismatch],
  [204, CAUSES.NoLicence],
  [205, CAUSES.AutodiscoverFailed],
  [206, CAUSES.CredentialsRefused],
  [207, CAUSES.SendRefused],
  [208, CAUSES.ReceiveRefused],
  [209, CAUSES.CalendarRefused],
  [301, CAUSES.OtherOrganization],
])

/** How much of an alert's own text is passed on. */
const MAXIMUM_TEXT = 200

/** The cause an alert tells of. A code this table does not know gives `Unknown` with the alert's own text. */
export function causeOf(alert: AlertRow): Cause {
  return CAUSE_BY_TRACE_CODE.get(alert.code) ?? unknownCause(alert)
}

/** True where the table knows the code of this alert. */
export function isKnownCode(code: number): boolean {
  return CAUSE_BY_TRACE_CODE.has(code)
}

/** The cause where CRM logged nothing that belongs to the failure. */
export const NO_ALERT: Cause = {
  code: 'Unknown',
  words: 'CRM logged no alert about it',
  next: 'Switch on alerts for errors in the e-mail settings of CRM, then test it again.',
}

/** The cause where alerts could not be read. */
export const ALERTS_NOT_READ: Cause = {
  code: 'Unknown',
  words: 'its alerts could not be read',
  next: 'Give the account the privilege prvReadTraceLog.',
}

function unknownCause({ code, text }: AlertRow): Cause {
  return {
    code: 'Unknown',
    words: `CRM says (alert ${code}): "${singleLine(text)}"`,
    next: 'Look at its alerts in CRM.',
  }
}

/** Text of the server on one line and not too long. */
export function singleLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length <= MAXIMUM_TEXT ? line : `${line.slice(0, MAXIMUM_TEXT - 1)}…`
}
