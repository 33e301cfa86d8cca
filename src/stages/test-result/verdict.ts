import type { Direction, MailboxRow, OrganizationRow } from '../../crm/rows.ts'
import type { Verdict } from '../../engine/index.ts'
import { approvalOf, needsApproval } from '../mailbox-approval.ts'
import type { MailboxEntry } from '../mailbox-directory.ts'
import { directionsInUse, hasFailed, summarizeTest, testEndedAtMs } from '../test-summary.ts'
import { CAUSES, type Cause } from './causes.ts'

/** A failure whose cause only alerts can tell. */
export interface Failure {
  readonly endedAtMs: number
  /** What failed, as the beginning of a sentence. */
  readonly what: string
  /** The cause where no alert tells a better one; absent = say that there is no alert. */
  readonly otherwise?: Cause
}

/**
 * Whether a mailbox works, as its row and its user or queue tell. `isWanted`: the spec asks for server-side synchronization in some
 * direction, so that a mailbox without any is not in order but not begun.
 */
export function judge(
  entry: MailboxEntry,
  organization: OrganizationRow,
  isWanted: boolean,
  healthy: (testedOn: string) => Verdict = healthyVerdicts(),
): Verdict | Failure {
  const { mailbox, hold } = entry
  const inUse = directionsInUse(mailbox)
  if (hold) return { status: 'False', ...hold }
  if (inUse.length === 0) return isWanted ? NOT_BEGUN : NOT_USED
  const seen = causeInRows(entry, organization, inUse)
  if (seen) return failing('', seen)
  const summary = summarizeTest(mailbox)
  if (summary === 'Scheduled') return scheduled(mailbox)
  if (summary === 'NotRun') return NOT_RUN
  if (summary === 'NotKnown') return NOT_KNOWN
  const endedAtMs = testEndedAtMs(summary) ?? 0
  if (hasFailed(summary)) {
    const failed = inUse.filter((direction) => mailbox.status[direction] === 'Failure')
    return { endedAtMs, what: `${told(failed)} failed ${endOf(mailbox)}: ` }
  }
  const off = inUse.filter((direction) => !mailbox.enabled[direction])
  if (off.length > 0) return { endedAtMs, what: `${told(off)} switched off: `, otherwise: CAUSES.DisabledByCrm }
  return healthy(endOf(mailbox))
}

/** Verdicts on healthy mailboxes. Most mailboxes are healthy, and those tested in the same minute share one verdict. */
export function healthyVerdicts(): (testedOn: string) => Verdict {
  const known = new Map<string, Verdict>()
  return (testedOn) => {
    const verdict = known.get(testedOn) ?? { status: 'True', code: 'Healthy', message: `tested ${testedOn}` }
    known.set(testedOn, verdict)
    return verdict
  }
}

/** True where `judge` found a failure that alerts have to explain. */
export function isFailure(judged: Verdict | Failure): judged is Failure {
  return 'endedAtMs' in judged
}

/** A mailbox that does not work, and why. */
export function failing(what: string, { code, words, next }: Cause): Verdict {
  return { status: 'False', code, message: `${what}${words}. ${next}` }
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

const NOT_USED: Verdict = { status: 'True', code: 'NotUsed', message: 'it does not use server-side synchronization' }
const NOT_BEGUN: Verdict = {
  status: 'Unknown',
  code: 'NotBegun',
  message: 'it does not use server-side synchronization yet',
}
const NOT_RUN: Verdict = { status: 'Unknown', code: 'TestNotRun', message: 'it was not tested yet' }
const NOT_KNOWN: Verdict = {
  status: 'Unknown',
  code: 'TestNotKnown',
  message: 'CRM gives its test a status that this version of mailkeel does not know',
}

function scheduled({ testPostponedUntil }: MailboxRow): Verdict {
  const until = testPostponedUntil === null ? '' : `, not before ${minute(testPostponedUntil)}`
  return { status: 'Unknown', code: 'TestScheduled', message: `its test is scheduled${until}` }
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

function endOf({ testCompletedOn }: MailboxRow): string {
  return testCompletedOn === null ? '' : minute(testCompletedOn)
}

function minute(time: string): string {
  return `${time.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ')} UTC`
}
