// How far a wave is. Everything is seen: which of its mailboxes are still to be changed, whose test runs, and what the tests said. So a
// rollout goes on where it was after a restart, on another machine, and with the memory lost.
import type { CompleteRead, Exception, Key, Reason, Verdict } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { MailboxEntry } from '../mailbox-directory.ts'
import { isEntry } from './meter.ts'
import type { Rollout, Wave } from './rollout.ts'

/** What a pass sees of the members of a set. */
export interface Sight {
  readonly desired: Pick<DesiredOrganization, 'mailboxes'>
  readonly mailboxes: CompleteRead
  readonly results: CompleteRead
  /** Mailboxes that are still to be changed or tested. */
  readonly open: ReadonlySet<Key>
  readonly exceptions: ReadonlyMap<Key, Exception>
  isHanging(entry: MailboxEntry): boolean
}

/** The mailboxes of a wave by how they are. Those that are held, missing or cannot be told count nowhere. */
export interface Tally {
  readonly members: number
  readonly healthy: number
  readonly running: number
  readonly pending: number
  readonly failed: readonly Reason[]
  /** A failure that will repeat for every other mailbox. */
  readonly repeating?: Reason
}

/** Counts the members of a wave. */
export function tallyOf({ members }: Wave, sight: Sight): Tally {
  const counts = { healthy: 0, running: 0, pending: 0, apart: 0 }
  const failed: Verdict[] = []
  for (const key of members) {
    const state = stateOf(key, sight)
    if (typeof state === 'string') counts[state] += 1
    else failed.push(state)
  }
  const { healthy, running, pending } = counts
  const repeating = failed.find(({ repeats }) => repeats)
  const tally = { members: members.length - counts.apart, healthy, running, pending, failed }
  return repeating ? { ...tally, repeating } : tally
}

function stateOf(key: Key, sight: Sight): 'healthy' | 'running' | 'pending' | 'apart' | Verdict {
  const { desired, mailboxes, results, open, exceptions } = sight
  if (open.has(key)) return 'pending'
  const exception = exceptions.get(key)
  if (exception) return exception.state === 'Blocked' ? 'pending' : 'apart'
  const row = mailboxes.rows.get(key)
  if (!row || row.hold) return 'apart'
  if (desired.mailboxes.get(key)?.testAndEnable !== true) return 'healthy'
  const verdict = results.rows.get(key)?.ready
  // A test that waits because nothing is processed at all will wait for every other mailbox too.
  if (verdict?.status === 'False' && verdict.repeats) return verdict
  if (isEntry(row.ref) && row.ref.mailbox.testScheduled) return sight.isHanging(row.ref) ? HANGING : 'running'
  if (!verdict) return 'apart'
  if (verdict.status === 'False') return verdict
  return verdict.status === 'True' ? 'healthy' : 'pending'
}

const HANGING: Verdict = {
  status: 'False',
  code: 'TestHangs',
  message: 'the test does not end. Look at the asynchronous service of CRM.',
}

/** How a wave stands: those after it go only once it is finished, and what is left of it goes unless it stopped. */
export type WaveState = 'finished' | 'under way' | 'stopped'

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
  const { members, healthy, running, pending } = tally
  const failed = isAllowed ? 0 : tally.failed.length
  const isTried = isAllowed || !isCanary || healthy > 0
  if (!isAllowed && (tally.repeating || failed * 100 > limit * weightOf(tally))) return 'stopped'
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
