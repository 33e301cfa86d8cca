// The results of tests with their causes, worked out once per reader and shared by the stage that tells them and the stage that asks for
// tests again. Healthy mailboxes cost next to nothing: alerts are read of those that failed only.
import type { OrganizationReader } from '../../crm/organization.ts'
import type { MailboxRow, ProfileRow } from '../../crm/rows.ts'
import type { Key, ObserveContext, Verdict } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { OrganizationSurroundings } from '../../trust/view.ts'
import {
  type MailboxDirectory,
  type MailboxEntry,
  mailboxDirectory,
  wishedKeys,
} from '../mailboxes/mailbox-directory.ts'
import { minute } from '../minute.ts'
import { connectionChangedMs } from '../profiles/profile-marker.ts'
import { signsInByTrust, trustIn } from '../trust-dependence.ts'
import { askExchange, type ExchangeFacts, explainedByExchange } from './exchange-preflight.ts'
import { type FailedMailbox, outdatedRetests, type RetestReason, retestsOf } from './retest.ts'
import { explainFailure, readAlerts } from './test-alerts.ts'
import { isQuiet, type Progress, progressOf, requestedAtMs, type TestQueue, testQueueOf } from './test-queue.ts'
import { type TestState, testStateOf, usesServerSide } from './test-state.ts'
import { type Circumstances, type Failure, healthyVerdicts, isFailure, judge } from './test-verdict.ts'
import { brokenTrust, proofTests, trustStandings } from './trust-proof.ts'

type Context = ObserveContext<DesiredOrganization, OrganizationReader & OrganizationSurroundings>

/** What is known of the tests of an organization. Keys are those of the directory. */
export interface TestHealth {
  readonly directory: MailboxDirectory
  /** Whether each wished mailbox works. */
  readonly verdicts: ReadonlyMap<Key, Verdict>
  /** Those whose test failed, or that CRM switched off, with the cause. */
  readonly failed: ReadonlyMap<Key, FailedMailbox>
  /** Those whose test is to be asked for again. */
  readonly retests: ReadonlyMap<Key, RetestReason>
  /** Undefined where only some mailboxes were looked at. */
  readonly inFlight: TestsInFlight | undefined
  /** Of those that it was asked about. */
  readonly exchange: ExchangeFacts
}

/** Tests that are under way in the organization, no matter who asked for them. */
export interface TestsInFlight {
  /** Without those that are overdue: nobody waits for them. */
  readonly count: number
  /** Nothing is processed at all; another test would only wait with them. */
  readonly isServiceOff: boolean
}

/** Clocks are told in whole seconds, and two of them are compared. */
const CLOCK_LEEWAY_MS = 2_000

const shared = new WeakMap<OrganizationReader, { desired: DesiredOrganization; health: Promise<TestHealth> }>()

/** The results of all wished mailboxes. Throws where a set could not be read; not for alerts. */
export function testHealth(context: Context): Promise<TestHealth> {
  const known = shared.get(context.reader)
  if (known?.desired === context.desired) return known.health
  const health = readHealth(context)
  if (context.keys === 'all') shared.set(context.reader, { desired: context.desired, health })
  return health
}

async function readHealth(context: Context): Promise<TestHealth> {
  const { reader, desired, signal } = context
  const [directory, organization, profiles, probe] = await Promise.all([
    mailboxDirectory(context),
    reader.organization(signal),
    reader.profiles(signal),
    reader.probe(signal),
  ])
  const nowMs = context.now.getTime() + probe.clockSkewMs
  const { of: times, quietInWords } = timesOf(context, directory, nowMs, probe.clockSkewMs)
  const profileChangedAfter = connectionChanges(profiles.rows.values(), nowMs)
  const healthy = healthyVerdicts()
  const isProfileActive = (id: string) => profiles.rows.get(id)?.active !== false
  const verdicts = new Map<Key, Verdict>()
  const outdated = new Map<Key, MailboxEntry>()
  const failures: FailedTest[] = []
  for (const key of wishedKeys(context)) {
    const entry = directory.entries.get(key)
    const member = desired.mailboxes.get(key)
    if (!entry || !member) continue
    const { progressOf, isStale } = times(key)
    const isWanted = usesServerSide(member)
    // Written out: a spread for each of 100,000 mailboxes is a cost of its own.
    const judged = judge(entry, {
      organization,
      profileChangedAfter,
      quietInWords,
      healthy,
      isProfileActive,
      progressOf,
      isStale,
      isWanted,
    })
    if (isFailure(judged)) failures.push([key, entry, judged])
    else verdicts.set(key, judged)
    const isResult = isFailure(judged) || judged.code === 'TestStale'
    const { testCompletedOn: endedOn, profileId } = entry.mailbox
    if (isResult && endedOn !== null && profileChangedAfter(profileId ?? '', endedOn) !== undefined)
      outdated.set(key, entry)
  }
  const trust = trustIn(reader)
  const isByTrust = (id: string | null) => signsInByTrust(profiles.rows.get(id ?? '')?.serverType)
  const { failed, exchange } = await explained(context, directory, failures, isByTrust)
  for (const [key, one] of failed) verdicts.set(key, one.explained.verdict)
  const profileChangedMs = (id: string) => changedMs(profiles.rows.get(id))
  const trustOf = trustStandings(trust, isByTrust, directory.entries, failed)
  const facts = { desired, nowMs, profileChangedMs, trustOf, lastPassMs: lastPasses(directory) }
  const retests = new Map([
    ...proofTests(directory.entries, facts),
    ...retestsOf(failed, facts),
    ...outdatedRetests(outdated, facts),
  ])
  const inFlight = context.keys === 'all' ? inFlightOf(directory, times, verdicts) : undefined
  return { directory, verdicts, failed, retests, inFlight, exchange }
}

type FailedTest = readonly [Key, MailboxEntry, Failure]

/** Failures with their causes: as alerts tell them, unless the trust is broken or Exchange Online knows better. */
async function explained(
  { reader, desired, keys, signal }: Context,
  { entries }: MailboxDirectory,
  failures: readonly FailedTest[],
  isByTrust: (profileId: string | null) => boolean,
): Promise<Pick<TestHealth, 'failed' | 'exchange'>> {
  const concerned = failures.flatMap(([, { mailbox }]) => [mailbox.id, mailbox.profileId ?? mailbox.id])
  const alerts = await readAlerts(reader, new Set(concerned), signal)
  const broken = brokenTrust(trustIn(reader))
  const told = new Map<Key, FailedMailbox>()
  for (const [key, entry, failure] of failures) {
    const byTrust = isByTrust(entry.mailbox.profileId) ? broken : undefined
    told.set(key, { entry, explained: explainFailure(failure, entry, alerts, byTrust) })
  }
  if (keys !== 'all') return { failed: told, exchange: new Map() }
  const exchange = await askExchange({ reader, desired, signal, entries, failed: told, isByTrust })
  return { failed: new Map([...told, ...explainedByExchange(told, exchange)]), exchange }
}

function inFlightOf(
  { entries, otherTests }: MailboxDirectory,
  times: ReturnType<typeof timesOf>['of'],
  verdicts: ReadonlyMap<Key, Verdict>,
): TestsInFlight {
  let count = otherTests.notUnderstood
  const add = (key: Key, mailbox: MailboxRow) => {
    if (mailbox.testScheduled && times(key).progressOf(mailbox, testStateOf(mailbox)) !== 'Overdue') count += 1
  }
  for (const [key, { mailbox }] of entries) add(key, mailbox)
  for (const mailbox of otherTests.rows) add(`:${mailbox.id}`, mailbox)
  return { count, isServiceOff: isAnyServiceOff(verdicts) }
}

function isAnyServiceOff(verdicts: ReadonlyMap<Key, Verdict>): boolean {
  for (const { code } of verdicts.values()) if (code === 'AsyncServiceOff') return true
  return false
}

/** When mailkeel changed last how a profile connects, where a test ended before that. The profiles themselves keep it. */
function connectionChanges(rows: Iterable<ProfileRow>, nowMs: number): Circumstances['profileChangedAfter'] {
  const changes = new Map<string, number>()
  for (const { id, description } of rows) {
    const ms = connectionChangedMs(description, nowMs + CLOCK_LEEWAY_MS)
    if (ms !== undefined) changes.set(id, ms)
  }
  return (profileId, endedOn) => {
    const ms = changes.get(profileId)
    return ms !== undefined && Date.parse(endedOn) + CLOCK_LEEWAY_MS < ms ? new Date(ms).toISOString() : undefined
  }
}

/** What the clock says about one mailbox: whether its test is late, and whether its result is older than our last change of it. */
function timesOf({ desired, changedAt, keys }: Context, directory: MailboxDirectory, nowMs: number, skewMs: number) {
  let queue: TestQueue | undefined
  const queueNow = () => {
    queue ??= testQueueOf(rowsOf(directory), nowMs)
    return queue
  }
  const getsOn = (mailbox: MailboxRow, state: TestState, ours: number | undefined): Progress => {
    // A part of the mailboxes says nothing about the queue.
    if (keys !== 'all') return 'OnItsWay'
    return progressOf(state, requestedAtMs(mailbox, ours), queueNow(), nowMs)
  }
  const quietInWords = () => {
    if (keys !== 'all' || !isQuiet(queueNow(), nowMs)) return ''
    const { lastActivityMs } = queueNow()
    if (lastActivityMs === undefined) return 'CRM has processed no mailbox of the organization so far'
    return `CRM processed no mailbox of the organization since ${minute(new Date(lastActivityMs).toISOString())}`
  }
  // Nearly all mailboxes were never changed by us: they share one answer.
  const notOurs = {
    progressOf: (mailbox: MailboxRow, state: TestState) => getsOn(mailbox, state, undefined),
    isStale: () => false,
  }
  const of = (key: Key): Pick<Circumstances, 'progressOf' | 'isStale'> => {
    const at = changedAt?.(key)
    const changed = at === undefined ? Number.NaN : Date.parse(at) + skewMs
    if (Number.isNaN(changed)) return notOurs
    const ours = desired.mailboxes.get(key)?.testAndEnable ? changed : undefined
    return {
      progressOf: (mailbox, state) => getsOn(mailbox, state, ours),
      isStale: (endedOn) => Date.parse(endedOn) + CLOCK_LEEWAY_MS < changed,
    }
  }
  return { of, quietInWords }
}

function* rowsOf({ entries, otherTests }: MailboxDirectory): Generator<MailboxRow> {
  for (const { mailbox } of entries.values()) yield mailbox
  yield* otherTests.rows
}

function changedMs(row: ProfileRow | undefined): number | undefined {
  const ms = Date.parse(row?.modifiedOn ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

/** When a test passed last, by profile; looked for only where somebody asks. */
function lastPasses({ entries }: MailboxDirectory): (profileId: string) => number | undefined {
  let passes: Map<string, number> | undefined
  return (asked) => {
    if (passes) return passes.get(asked)
    passes = new Map()
    for (const { mailbox } of entries.values()) {
      const state = testStateOf(mailbox)
      if (mailbox.profileId === null || state.name !== 'Passed') continue
      const ms = Date.parse(state.endedOn)
      if (ms > (passes.get(mailbox.profileId) ?? 0)) passes.set(mailbox.profileId, ms)
    }
    return passes.get(asked)
  }
}
