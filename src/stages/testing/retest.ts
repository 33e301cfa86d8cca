// When a test is worth asking for again: where it is older than the connection of its profile; a few, where it is older than the trust
// (trust-proof.ts); and a failed one where its cause may have
// gone, told by evidence in CRM, or after a pause that is as long as the trouble has lasted. Nothing of this is remembered: times of tests,
// alerts and profiles say it, so a lost memory changes nothing.
import type { Key } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { mayApprovalHaveChangedSince } from '../mailboxes/mailbox-approval.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { createPolicy, type MailboxPolicy } from '../mailboxes/mailbox-policy.ts'
import type { Explained } from './test-alerts.ts'
import type { Cause } from './test-cause.ts'
import type { TrustOfProfile } from './trust-proof.ts'

/** Why a test may end otherwise now. */
export type RetestReason = 'Approved' | 'ProfileChanged' | 'TrustChanged' | 'OthersPass' | 'TimePassed'

/** How each reason is told, behind `is tested again: `. */
export const RETEST_WORDS: Readonly<Record<RetestReason, string>> = {
  Approved: 'its address was approved since the last test',
  ProfileChanged: 'its profile was changed since the last test',
  TrustChanged: 'the trust was changed since',
  OthersPass: 'another mailbox of its profile passed since',
  TimePassed: 'the cause may have gone meanwhile',
}

/** A mailbox whose test failed. */
export interface FailedMailbox {
  readonly entry: MailboxEntry
  readonly explained: Explained
}

/** What decides about tests beside the failures. Times are the server's, in milliseconds. */
export interface RetestFacts {
  readonly desired: DesiredOrganization
  readonly nowMs: number
  /** When a test of any mailbox of the profile passed last. */
  lastPassMs(profileId: string): number | undefined
  /** When each profile was changed last. */
  profileChangedMs(profileId: string): number | undefined
  /** The trust of those profiles that sign in by one; undefined for the others, and where nobody can look at it. */
  trustOf(profileId: string): TrustOfProfile | undefined
}

const UNKNOWN = 'Unknown'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** After so long somebody must ask. */
const GIVE_UP_MS = 30 * DAY_MS
const PAUSE_MS = { AfterAnHour: HOUR_MS, AfterADay: DAY_MS }

/** The mailboxes whose test is to be asked for again, and why. Pure. */
export function retestsOf(failed: ReadonlyMap<Key, FailedMailbox>, facts: RetestFacts): ReadonlyMap<Key, RetestReason> {
  const found = new Map<Key, RetestReason>()
  const probed = new Set<string>()
  const policy = createPolicy(new Date(facts.nowMs))
  for (const key of [...failed.keys()].sort()) {
    const one = failed.get(key)
    const reason = one && mayBeAsked(key, one, facts, policy) ? reasonFor(one, facts) : undefined
    if (!one || !reason) continue
    // What fails for all is not asked of all: one mailbox finds out, the others follow when it passes.
    if (isProbe(one, reason, facts)) {
      const group = `${one.entry.mailbox.profileId} ${one.explained.cause.code}`
      if (probed.has(group)) continue
      probed.add(group)
    }
    found.set(key, reason)
  }
  return found
}

function isProbe({ entry, explained }: FailedMailbox, reason: RetestReason, { trustOf }: RetestFacts): boolean {
  if (reason === 'OthersPass' || reason === 'Approved') return false
  if (reason === 'TrustChanged') return trustOf(entry.mailbox.profileId ?? '')?.standing !== 'Proven'
  return explained.cause.repeats === true
}

/**
 * Those of the mailboxes, tested before mailkeel changed how their profile connects, whose test is to be asked for again: whatever came of
 * it, it says nothing of the connection of now. There is no pause, because each of them is due once for each change. Pure.
 */
export function outdatedRetests(
  outdated: ReadonlyMap<Key, MailboxEntry>,
  facts: Pick<RetestFacts, 'desired' | 'nowMs'>,
): ReadonlyMap<Key, RetestReason> {
  const policy = createPolicy(new Date(facts.nowMs))
  const due = [...outdated].filter(([key, entry]) => mayBeAsked(key, { entry }, facts, policy))
  return new Map(due.map(([key]) => [key, 'ProfileChanged']))
}

/** A mailbox that is held back is not tested, so nothing would be found out by choosing it. */
export function mayBeAsked(
  key: Key,
  { entry }: Pick<FailedMailbox, 'entry'>,
  { desired }: Pick<RetestFacts, 'desired'>,
  policy: MailboxPolicy,
): boolean {
  const member = desired.mailboxes.get(key)
  if (!member || member.released || entry.hold !== undefined) return false
  return policy.managed(member).testAndEnable && policy.heldBy(member) === undefined
}

function reasonFor(one: FailedMailbox, facts: RetestFacts): RetestReason | undefined {
  const { entry, explained } = one
  const { cause, failure } = explained
  if (mayLackApproval(one) && mayApprovalHaveChangedSince(entry)) return 'Approved'
  const endedMs = Date.parse(failure.endedOn)
  const restedMs = facts.nowMs - endedMs
  const troubleMs = lastedMs(explained, endedMs)
  const pauseMs = Math.max(HOUR_MS, troubleMs ?? 0)
  const { profileId } = entry.mailbox
  if (profileId === null) return undefined
  const trust = facts.trustOf(profileId)
  // While it is broken no result can be another one.
  if (trust?.standing === 'Broken') return undefined
  if (trust && mayComeFromTrust(cause) && trust.isChangedSince(endedMs) && trust.standing !== 'Tried')
    return 'TrustChanged'
  // Others may pass every hour while this one never does: without a pause that grows, each of them would cost a test.
  const mayFollow = cause.repeats && restedMs >= pauseMs && !isGivenUp(restedMs, troubleMs)
  if (mayFollow && isLater(facts.lastPassMs(profileId), endedMs)) return 'OthersPass'
  const isOfProfile = cause.repeats || cause.ofProfile
  if (isOfProfile && restedMs >= pauseMs && isLater(facts.profileChangedMs(profileId), endedMs)) return 'ProfileChanged'
  return isTimeUp(explained, restedMs, troubleMs) ? 'TimePassed' : undefined
}

function mayComeFromTrust({ code, ofTrust }: Cause): boolean {
  return ofTrust === true || code === UNKNOWN
}

/** A cause that is known to be another one is not mended by an approval. */
function mayLackApproval({ explained: { cause } }: FailedMailbox): boolean {
  return cause.code === 'NotApproved' || cause.code === UNKNOWN
}

function isLater(ms: number | undefined, thanMs: number): boolean {
  return ms !== undefined && ms > thanMs
}

function isTimeUp({ cause }: Explained, restedMs: number, troubleMs: number | undefined): boolean {
  if (cause.again === 'Never' || isGivenUp(restedMs, troubleMs)) return false
  return restedMs >= Math.max(PAUSE_MS[cause.again], troubleMs ?? 0)
}

/** Without an alert nobody knows how long it has lasted, and a pause that does not grow would go on for ever. */
function isGivenUp(restedMs: number, troubleMs: number | undefined): boolean {
  return troubleMs === undefined || troubleMs + restedMs > GIVE_UP_MS
}

/** How long the trouble had lasted when the last test ended; undefined where no alert tells. */
function lastedMs({ since }: Explained, endedMs: number): number | undefined {
  const beganMs = Date.parse(since ?? '')
  return Number.isNaN(beganMs) ? undefined : Math.max(0, endedMs - beganMs)
}
