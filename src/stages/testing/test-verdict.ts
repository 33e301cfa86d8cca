// Whether a mailbox works, as rows tell it. What only alerts can explain is left open as a `Failure`.

import type { Direction, MailboxRow, OrganizationRow } from '../../crm/rows.ts'
import type { Verdict } from '../../engine/index.ts'
import { approvalOf, needsApproval } from '../mailboxes/mailbox-approval.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { stopsMail } from '../mailboxes/mailbox-hold.ts'
import { minute } from '../minute.ts'
import { type Cause, cause } from './test-cause.ts'
import type { Progress } from './test-queue.ts'
import { directionsInUse, isParked, type TestState, testStateOf } from './test-state.ts'

/** A failure whose cause only alerts can tell. */
export interface Failure {
  readonly endedOn: string
  /** Directions that failed, or were switched off. */
  readonly directions: readonly Direction[]
  /** The cause where no alert tells a better one; absent = say that there is no alert. */
  readonly otherwise?: Cause
}

/** What judging needs beside the mailbox. */
export interface Circumstances {
  readonly organization: OrganizationRow
  /** False where its profile is known to be inactive. */
  isProfileActive(profileId: string): boolean
  progressOf(mailbox: MailboxRow, state: TestState): Progress
  /** Since when nothing at all was processed, where a test waits and that is longer than usual; empty otherwise. */
  quietInWords(): string
  /** True where we changed the mailbox after the server says this test ended. */
  isStale(endedOn: string): boolean
  /** When mailkeel changed last how this profile connects, ISO 8601; undefined where the test ended after that, or where nothing tells. */
  profileChangedAfter(profileId: string, endedOn: string): string | undefined
  /** The spec asks for server-side synchronization in some direction: without any it is not in order but not begun. */
  readonly isWanted: boolean
  healthy(testedOn: string): Verdict
}

/** Whether a mailbox works, as its row and its user or queue tell. */
export function judge(entry: MailboxEntry, circumstances: Circumstances): Verdict | Failure {
  const { mailbox, hold } = entry
  const inUse = directionsInUse(mailbox)
  if (hold && stopsMail(hold)) return { status: 'False', ...hold }
  if (inUse.length === 0) return circumstances.isWanted ? NOT_BEGUN : NOT_USED
  const seen = causeInRows(entry, circumstances, inUse)
  if (seen) return failing('', seen)
  const state = testStateOf(mailbox)
  switch (state.name) {
    case 'Unneeded':
      return NOT_USED
    case 'NotRequested':
      return NOT_RUN
    case 'NotKnown':
      return NOT_KNOWN
    case 'Waiting':
    case 'Running':
    case 'Retrying':
      return inFlight(entry, state, circumstances)
    case 'Failed':
      return { endedOn: state.endedOn, directions: state.failed }
    case 'SwitchedOff':
      return { endedOn: state.endedOn, directions: state.off, otherwise: cause('DisabledByCrm') }
    case 'Passed':
      return passed(entry, state.endedOn, circumstances)
  }
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
  return 'endedOn' in judged
}

/** A mailbox that does not work, and why. */
export function failing(what: string, { code, words, next, repeats }: Cause): Verdict {
  const verdict: Verdict = { status: 'False', code, message: `${what}${words}. ${next}` }
  return repeats ? { ...verdict, repeats } : verdict
}

/** What is plain from rows alone: no alert says it better. */
function causeInRows(
  entry: MailboxEntry,
  { organization, isProfileActive }: Circumstances,
  inUse: readonly Direction[],
): Cause | undefined {
  const { profileId } = entry.mailbox
  if (profileId === null) return cause('NoProfile')
  if (!isProfileActive(profileId)) return cause('ProfileInactive')
  const usesEmail = inUse.includes('incoming') || inUse.includes('outgoing')
  if (usesEmail && needsApproval(entry, organization) && approvalOf(entry) !== 'Approved') return cause('NotApproved')
  return undefined
}

function inFlight(
  entry: MailboxEntry,
  state: Extract<TestState, { name: 'Waiting' | 'Running' | 'Retrying' }>,
  { organization, progressOf, quietInWords }: Circumstances,
): Verdict {
  if (organization.connectionChannel === 'Router') return failing('', cause('ChannelIsRouter'))
  const progress = progressOf(entry.mailbox, state)
  if (progress === 'ServiceOff') return failing('', cause('AsyncServiceOff'))
  if (progress === 'Overdue') return failing('', cause('TestTimedOut'))
  const { code, message } = inFlightInWords(state)
  const quiet = state.name === 'Waiting' ? quietInWords() : ''
  return { status: 'Unknown', code, message: quiet === '' ? message : `${message}; ${quiet}` }
}

function inFlightInWords(state: Extract<TestState, { name: 'Waiting' | 'Running' | 'Retrying' }>) {
  if (state.name === 'Running') {
    const since = state.since === null ? '' : ` since ${minute(state.since)}`
    return { code: 'TestRunning', message: `its test runs${since}` }
  }
  const until = state.notBefore === null ? '' : `, not before ${minute(state.notBefore)}`
  if (state.name === 'Waiting') return { code: 'TestScheduled', message: `its test is scheduled${until}` }
  const tries = state.tries === 1 ? 'one try' : `${state.tries} tries`
  return {
    code: 'TestRetrying',
    message: `${directionsInWords(state.failed)} failed for now: CRM tries again by itself${until}, after ${tries}`,
  }
}

function passed(
  { mailbox }: MailboxEntry,
  endedOn: string,
  { organization, isStale, profileChangedAfter, healthy }: Circumstances,
): Verdict {
  if (organization.connectionChannel === 'Router') return failing('', cause('ChannelIsRouter'))
  const testedOn = minute(endedOn)
  if (isStale(endedOn)) return stale(mailbox.address ?? mailbox.name, testedOn)
  const changedAt = profileChangedAfter(mailbox.profileId ?? '', endedOn)
  if (changedAt !== undefined) return beforeChange(mailbox.address ?? mailbox.name, testedOn, minute(changedAt))
  return isParked(mailbox) ? parked(mailbox.address ?? mailbox.name, testedOn) : healthy(testedOn)
}

function stale(address: string, testedOn: string): Verdict {
  return {
    status: 'Unknown',
    code: 'TestStale',
    message: `it was changed after its last test (${testedOn}). Test it again: \`mailkeel test ${address}\`.`,
  }
}

function beforeChange(address: string, testedOn: string, changedAt: string): Verdict {
  return {
    status: 'Unknown',
    code: 'TestStale',
    message: `its last test (${testedOn}) ended before the connection of its profile was changed (${changedAt}). Test it again: \`mailkeel test ${address}\`.`,
  }
}

/** That CRM leaves such a mailbox alone is observed, not documented: so it is not called broken. */
function parked(address: string, testedOn: string): Verdict {
  return {
    status: 'Unknown',
    code: 'Parked',
    message: `it passed its test (${testedOn}), but CRM has put off processing it for ever. Test it again: \`mailkeel test ${address}\`.`,
  }
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

const WORDS: Readonly<Record<Direction, string>> = {
  incoming: 'incoming',
  outgoing: 'outgoing',
  appointmentsContactsTasks: 'appointments',
}

/** `incoming and outgoing`. */
export function directionsInWords(directions: readonly Direction[]): string {
  const words = directions.map((direction) => WORDS[direction])
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
