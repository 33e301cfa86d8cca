// What tests have to do with the trust. A change of the trust makes every earlier result say little, and testing everybody would break the
// asynchronous service; so a few find out: the canaries of the rollouts, one mailbox of each profile where there are none, and one for each
// cause that may have gone. Those that failed for such a cause follow when one of them passed. All of it follows from the times of tests.
import type { Key } from '../../engine/index.ts'
import type { TrustView } from '../../trust/view.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { createPolicy } from '../mailboxes/mailbox-policy.ts'
import { whyNot } from '../trust-dependence.ts'
import { type FailedMailbox, mayBeAsked, type RetestFacts, type RetestReason } from './retest.ts'
import { type Cause, cause } from './test-cause.ts'
import { isInFlight, testStateOf } from './test-state.ts'

/** How the trust stands behind the tests of one profile. */
export interface TrustOfProfile {
  /**
   * `Broken`: no test can pass. `Proven`: one passed since the trust was changed. `Tried`: a test runs, or enough failed since. `Open`: nobody
   * tried it since; also where nothing is known to have changed.
   */
  readonly standing: 'Broken' | 'Open' | 'Tried' | 'Proven'
  /** True where the trust was changed after this moment, or so shortly before that it cannot be told. */
  isChangedSince(ms: number): boolean
}

type Entries = ReadonlyMap<Key, MailboxEntry>

/** So many mailboxes that fail for causes of their own say that another one would not find out more. */
const ENOUGH_TRIES = 3

/** The cause of whatever may come from the trust while it is broken: its own reason, once for all mailboxes. */
export function brokenTrust(trust: TrustView | undefined): Cause | undefined {
  if (trust?.state !== 'Broken') return undefined
  const told = cause('TrustBroken')
  const { what, next = told.next } = whyNot(trust)
  return { ...told, words: `${told.words}: ${what}`, next }
}

/** Tells how the trust stands for a profile, by identifier; undefined for those that do not sign in by one. */
export function trustStandings(
  trust: TrustView | undefined,
  isByTrust: (profileId: string) => boolean,
  entries: Entries,
  failed: ReadonlyMap<Key, FailedMailbox>,
): RetestFacts['trustOf'] {
  if (!trust) return () => undefined
  const changedMs = trust.state === 'Working' ? Date.parse(trust.changedAt ?? '') : Number.NaN
  // Results are told in whole seconds: one of the same second may be from before the change, and would prove nothing.
  const isChangedSince = (ms: number) => ms <= changedMs
  let standings: Standings | undefined
  return (profileId) => {
    if (!isByTrust(profileId)) return undefined
    if (trust.state === 'Broken') return { standing: 'Broken', isChangedSince }
    if (Number.isNaN(changedMs)) return { standing: 'Open', isChangedSince }
    standings ??= standingsSince(entries, failed, isChangedSince)
    return { standing: standings.get(profileId) ?? 'Open', isChangedSince }
  }
}

type Standings = ReadonlyMap<string, 'Tried' | 'Proven'>

function standingsSince(
  entries: Entries,
  failed: ReadonlyMap<Key, FailedMailbox>,
  isChangedSince: TrustOfProfile['isChangedSince'],
): Standings {
  const standings = new Map<string, 'Tried' | 'Proven'>()
  for (const { mailbox } of entries.values()) {
    const { profileId } = mailbox
    if (profileId === null || standings.get(profileId) === 'Proven') continue
    const state = testStateOf(mailbox)
    if (state.name === 'Passed' && !isChangedSince(Date.parse(state.endedOn))) standings.set(profileId, 'Proven')
    else if (isInFlight(state)) standings.set(profileId, 'Tried')
  }
  const tries = new Map<string, number>()
  for (const { entry, explained } of failed.values()) {
    const profileId = entry.mailbox.profileId ?? ''
    if (standings.has(profileId) || isChangedSince(Date.parse(explained.failure.endedOn))) continue
    const count = (tries.get(profileId) ?? 0) + (explained.cause.ofTrust ? ENOUGH_TRIES : 1)
    tries.set(profileId, count)
    if (count >= ENOUGH_TRIES) standings.set(profileId, 'Tried')
  }
  return standings
}

/**
 * The mailboxes that work and are to prove that they do under the trust of now: canaries that were tested before it changed, and where a
 * profile has none, the first of its mailboxes, unless another one found out already. Pure.
 */
export function proofTests(
  entries: Entries,
  facts: Pick<RetestFacts, 'desired' | 'nowMs' | 'trustOf'>,
): ReadonlyMap<Key, RetestReason> {
  const canaries = new Set([...(facts.desired.rollouts?.values() ?? [])].flatMap(({ canary }) => canary))
  const isCovered = new Set<string>()
  const first = new Map<string, Key>()
  const due = new Map<Key, RetestReason>()
  const policy = createPolicy(new Date(facts.nowMs))
  for (const [key, entry] of entries) {
    const profileId = entry.mailbox.profileId ?? ''
    const trust = facts.trustOf(profileId)
    if (!trust || trust.standing === 'Broken') continue
    const state = testStateOf(entry.mailbox)
    const isOutdated = state.name === 'Passed' && trust.isChangedSince(Date.parse(state.endedOn))
    const isCanary = canaries.has(key) && state.name !== 'Unneeded'
    if (!(isOutdated || isCanary) || !mayBeAsked(key, { entry }, facts, policy)) continue
    if (isCanary) {
      isCovered.add(profileId)
      if (isOutdated) due.set(key, 'TrustChanged')
    } else if (isOutdated && trust.standing === 'Open' && isBefore(key, first.get(profileId))) first.set(profileId, key)
  }
  for (const [profileId, key] of first) if (!isCovered.has(profileId)) due.set(key, 'TrustChanged')
  return due
}

function isBefore(key: Key, other: Key | undefined): boolean {
  return other === undefined || key < other
}
