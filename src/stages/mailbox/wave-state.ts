// How far a wave is. Everything is seen: which of its mailboxes are still to be changed, whose test runs, and what the tests said. So a
// rollout goes on where it was after a restart, on another machine, and with the memory lost.

import type { MailboxRow } from '../../crm/rows.ts'
import type { CompleteRead, Exception, Key, Observed, Reason, Verdict } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import type { MailboxPolicy } from '../mailboxes/mailbox-policy.ts'
import { testStateOf } from '../testing/test-state.ts'
import type { Rollout, Wave } from './rollout.ts'

/** What a pass sees of the members of a set. */
export interface Sight {
  readonly desired: Pick<DesiredOrganization, 'mailboxes'>
  readonly mailboxes: CompleteRead
  readonly results: CompleteRead
  /** Mailboxes that are still to be changed. */
  readonly open: ReadonlySet<Key>
  /** Mailboxes whose test is still to be asked for. */
  readonly untested: ReadonlySet<Key>
  readonly exceptions: ReadonlyMap<Key, Exception>
  readonly policy: MailboxPolicy
}

/** The mailboxes of a wave by how they are. Those that are held, or not in CRM, count nowhere. */
export interface Tally {
  readonly members: number
  readonly healthy: number
  readonly running: number
  /** Those whose test runs again after it failed: a failure stays one until there is a newer result. */
  readonly retesting: number
  /** Those that are still to be changed or tested. */
  readonly pending: number
  /** Those that cannot be told, or whose result says nothing: nobody knows that they work. */
  readonly unclear: number
  readonly failed: readonly Reason[]
  /** A failure that will repeat for every other mailbox. */
  readonly repeating?: Reason
}

type State = 'healthy' | 'running' | 'retesting' | 'pending' | 'unclear' | 'apart'

/** Counts the members of a wave. */
export function tallyOf({ members }: Wave, sight: Sight): Tally {
  const counts: Record<State, number> = { healthy: 0, running: 0, retesting: 0, pending: 0, unclear: 0, apart: 0 }
  const failed: Verdict[] = []
  for (const key of members) {
    const state = stateOf(key, sight)
    if (typeof state === 'string') counts[state] += 1
    else failed.push(state)
  }
  const { apart, ...others } = counts
  const repeating = failed.find(({ repeats }) => repeats)
  const tally = { ...others, members: members.length - apart, failed }
  return repeating ? { ...tally, repeating } : tally
}

function stateOf(key: Key, sight: Sight): State | Verdict {
  const { desired, mailboxes, open, exceptions, policy } = sight
  if (open.has(key)) return 'pending'
  const member = desired.mailboxes.get(key)
  if (!member || policy.heldBy(member)) return 'apart'
  const exception = exceptions.get(key)
  if (exception) return EXCEPTIONAL[exception.state]
  const row = mailboxes.rows.get(key)
  if (!row) return mailboxes.unknown.has(key) ? 'unclear' : 'apart'
  if (row.hold) return 'apart'
  return policy.managed(member).testAndEnable ? resultOf(key, row, sight) : 'healthy'
}

/** A mailbox that cannot be told is there all the same. */
const EXCEPTIONAL = {
  Waiting: 'apart',
  Held: 'apart',
  Unknown: 'unclear',
  Blocked: 'pending',
} as const satisfies Record<Exception['state'], State>

function resultOf(key: Key, { ref }: Observed, { results, untested }: Sight): State | Verdict {
  const verdict = results.rows.get(key)?.ready
  const { mailbox } = ref as MailboxEntry
  const isOver = !mailbox.testScheduled || verdict?.code === 'TestTimedOut'
  // A test that waits because nothing is processed at all will wait for every other mailbox too.
  if (verdict?.status === 'False' && (isOver || verdict.repeats)) return verdict
  if (!isOver) return failedBefore(mailbox) ? 'retesting' : 'running'
  if (untested.has(key)) return 'pending'
  return verdict?.status === 'True' ? 'healthy' : 'unclear'
}

/** True where the row of a mailbox that is tested still shows that the test before failed. */
function failedBefore(mailbox: MailboxRow): boolean {
  // What CRM tries again by itself is one test.
  if (testStateOf(mailbox).name === 'Retrying') return false
  const { name } = testStateOf({ ...mailbox, testScheduled: false })
  return name === 'Failed' || name === 'SwitchedOff'
}

/**
 * How a wave stands: those after it go only once it is finished, and what is left of it goes while it is under way. Nothing goes where it
 * stopped, nor while failures of it are tested again: whether they stop it is known only then.
 */
export type WaveState = 'finished' | 'under way' | 'tested again' | 'stopped'

/** How the rest of a set stands: the share of the later waves that is still to be changed, and whether a person lets failures pass. */
export interface Judging {
  readonly openShare: number
  readonly isAllowed: boolean
}

/** Judges a wave. Failures are weighed against its size; those of a wave under way against what is done of it, so that it stops early. */
export function judgeWave(
  { isCanary }: Pick<Wave, 'isCanary'>,
  tally: Tally,
  { maximumFailurePercent: limit }: Pick<Rollout, 'maximumFailurePercent'>,
  { openShare, isAllowed }: Judging,
): WaveState {
  const { members, healthy, running, retesting } = tally
  const pending = tally.pending + tally.unclear
  const failed = isAllowed ? 0 : tally.failed.length
  const isTried = isAllowed || !isCanary || healthy > 0
  if (!isAllowed && (tally.repeating || failed * 100 > limit * weightOf(tally))) return 'stopped'
  if (retesting > 0) return isAllowed ? 'under way' : 'tested again'
  if (running > 0) return 'under way'
  if (!isTried && pending === 0) return 'stopped'
  // A few that cannot be changed hold nobody up; but where few of a set change, those few are what the wave is about.
  const isChanged = pending * 100 <= limit * Math.min(1, openShare) * members
  const isWell = (failed + pending) * 100 <= limit * members
  return isTried && isChanged && isWell ? 'finished' : 'under way'
}

/** Results from which on a share says something of a wave that is not done. */
const TELLING = 20

function weightOf({ members, healthy, failed }: Tally): number {
  return Math.min(members, Math.max(healthy + failed.length, TELLING))
}
