// Mail from before. A date "process e-mail from" that lies in the past reaches mailboxes that newly join a profile: their older mail is
// then pulled (Microsoft, connect to Exchange Online). It cannot be taken back, so a change that brings it about says so, and a guard asks.
import type { ProfileRow } from '../../crm/rows.ts'
import type { Consequence, ConsequenceContext, Key, Observed } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { managedAt } from '../mailboxes/mailbox-policy.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { type MailboxFields, WORKS_ON_SERVER } from './fields.ts'

const DAY_MS = 86_400_000

type Row = Observed<MailboxFields, MailboxEntry | undefined> | undefined

/** What is known when a mailbox changes. */
export type OldMailContext = Omit<ConsequenceContext<DesiredOrganization>, 'isChosen'>

/** That a change pulls mail from before, and from how far back, or that it deletes what it pulls; empty where it does neither. */
export function oldMail(
  key: Key,
  fields: Partial<MailboxFields>,
  row: Row,
  { desired, projection, now }: OldMailContext,
): readonly Consequence[] {
  const before: Partial<MailboxFields> = row?.fields ?? {}
  const isJoining = joins(fields, before)
  const reach = isJoining ? reachOfProfile(key, row, { desired, projection, now }) : undefined
  const days = [movedBack(fields, before), reach].map((date) => (date ? daysBefore(date, now) : 0))
  const most = Math.max(...days)
  const pulls = most > 0 ? [consequence(most)] : reach === null ? [withoutDate()] : []
  // A field that is written tells of itself.
  const deletes = isJoining && fields.processAndDelete === undefined && before.processAndDelete === true
  return deletes ? [...pulls, DELETES] : pulls
}

/** It deleted nothing as long as it received nothing here. What is deleted cannot be brought back. */
const DELETES: Consequence = {
  effect: 'delete-mail',
  phrase: {
    group: 'delete',
    one: 'deletes e-mail in Exchange once CRM has it, as it is set to already',
    many: 'delete e-mail in Exchange once CRM has it, as they are set to already',
  },
}

/**
 * What does a mailbox get that joins a profile without a date? The documentation does not say; the date is described as what limits the
 * mail that is pulled, so without one it may be mail of any age. A profile has no date unless somebody gave it one, so a guard that asked
 * would ask everybody always: it is told and not counted.
 */
function withoutDate(): Consequence {
  const age = 'mail of any age: the profile has no `processEmailFrom`'
  return { phrase: { group: 'pull', one: `may get ${age}`, many: `may get ${age}` } }
}

/** Whole days, rounded up, that a time lies before now; 0 up to one day, so that today's date is no past. */
function daysBefore(time: string, now: Date): number {
  const ms = now.getTime() - Date.parse(time)
  return ms > DAY_MS ? Math.ceil(ms / DAY_MS) : 0
}

function consequence(days: number): Consequence {
  const back = `mail of the last ${days} days`
  return { effect: 'old-mail', phrase: { group: 'pull', one: `gets ${back}`, many: `get ${back}` } }
}

/** The mailbox's own date, where it goes back or is set for the first time: then nobody can tell what was read before. */
function movedBack(
  { processEmailFrom: to }: Partial<MailboxFields>,
  { processEmailFrom: from }: Partial<MailboxFields>,
) {
  if (to === undefined || to === null) return undefined
  return from === undefined || from === null || to < from ? `${to}T00:00:00Z` : undefined
}

/**
 * True where a mailbox that receives on the server afterwards did not until now, or gets another profile. One that leaves its profile, and
 * one that receives nothing, pulls nothing.
 */
function joins(fields: Partial<MailboxFields>, before: Partial<MailboxFields>): boolean {
  const incoming = fields.incoming ?? before.incoming
  if (fields.profile === null || (incoming !== undefined && !WORKS_ON_SERVER.has(incoming))) return false
  const receivedBefore = before.incoming !== undefined && WORKS_ON_SERVER.has(before.incoming)
  return fields.profile !== undefined || (fields.incoming !== undefined && !receivedBefore)
}

/** The date of the profile a mailbox has afterwards, as it will be then; null where it has none, undefined where that is not known. */
function reachOfProfile(key: Key, row: Row, { desired, projection, now }: OldMailContext): string | null | undefined {
  const profiles = projection.read(STAGE_NAMES.emailServerProfile)
  if (!profiles?.complete) return undefined
  const member = desired.mailboxes.get(key)
  const wished = member && managedAt(member, now).profile
  const id = row?.ref?.mailbox.profileId
  const profile =
    wished === undefined
      ? [...profiles.rows.values()].find(({ ref }) => id !== undefined && (ref as ProfileRow | undefined)?.id === id)
      : profiles.rows.get(wished)
  const date = profile?.fields['processEmailFrom']
  return typeof date === 'string' || date === null ? date : undefined
}
