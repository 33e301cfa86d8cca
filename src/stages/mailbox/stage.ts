// Settings of mailboxes, and the request for a test. Both go out in one write per mailbox, so that no mailbox is ever left with new
// settings and an old test result.
import type { MailboxPatch, OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import {
  type Assignment,
  type Change,
  type Dependency,
  type Fields,
  isStopping,
  type Key,
  type ObserveContext,
  type Observed,
  type Projection,
  type Stage,
  type Wish,
} from '../../engine/index.ts'
import type { MailboxFact } from '../../entra/tenant.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { OrganizationSurroundings } from '../../trust/view.ts'
import { type MailboxEntry, mailboxDirectory, readOf, wishedKeys } from '../mailboxes/mailbox-directory.ts'
import { createPolicy } from '../mailboxes/mailbox-policy.ts'
import { addressChanges, afterIdentity } from '../mailboxes/mailbox-projection.ts'
import { NOT_IN_CRM } from '../mailboxes/mailbox-waiting.ts'
import { connectionChanges } from '../profiles/profile-connection.ts'
import { type ProfileDirectory, profileDirectory } from '../profiles/profile-directory.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { exchangeConsequence } from '../testing/exchange-preflight.ts'
import type { RetestReason } from '../testing/retest.ts'
import { testHealth } from '../testing/test-health.ts'
import { usesServerSide } from '../testing/test-state.ts'
import { summarizeTest } from '../testing/test-summary.ts'
import { type ProfileReference, trustNeeded } from '../trust-dependence.ts'
import { type Prepared, write } from '../write.ts'
import { linksOfMailbox } from './explain.ts'
import { MAILBOX_RULES, type MailboxFields } from './fields.ts'
import { oldMail } from './old-mail.ts'
import { dueTest } from './test-due.ts'
import { whyUnmanaged } from './unmanaged.ts'
import { createWishes } from './wish.ts'

/** A mailbox, why its test is to be asked for again, and what Exchange Online says of it where that was asked. */
type TestedMailbox = MailboxEntry & { readonly retest?: RetestReason; readonly exchange?: MailboxFact }
type Ref = TestedMailbox | undefined
type Reader = OrganizationReader & OrganizationSurroundings
type MailboxStage = Stage<DesiredOrganization, MailboxFields, Reader, OrganizationWriter, Ref>

const NAME = STAGE_NAMES.mailbox

/** Profile, methods, claim and test of mailboxes. */
export const mailbox: MailboxStage = {
  name: NAME,
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: MAILBOX_RULES,
  async observe(context) {
    const { reader, desired, keys, signal } = context
    const [directory, profiles, tests] = await Promise.all([
      mailboxDirectory(context),
      profileDirectory(reader, desired, signal),
      testsIn(context),
    ])
    const asked = keys === 'all' ? [...directory.entries.keys(), ...directory.unknown.keys()] : wishedKeys(context)
    const read = readOf<MailboxFields>(directory, asked, (entry, key) =>
      observed(withTests(entry, tests?.retests.get(key), tests?.exchange.get(key)), profiles),
    )
    // For the pace, which counts also the tests of mailboxes that cannot be told.
    return tests?.inFlight ? { ...read, inFlight: tests.inFlight } : read
  },
  project: (actual, earlier) => afterIdentity<MailboxFields, Ref>(actual, earlier, { created: {}, readdressed: {} }),
  desire: wishesOf,
  absent: () => NOT_IN_CRM,
  unmanagedReason: whyUnmanaged,
  entail(key, draft, wish, row, projection) {
    if (wish.fields.test === undefined || draft.test !== undefined) return {}
    const occasion = {
      settingsChange: SETTINGS.some((field) => draft[field] !== undefined),
      addressChanges: addressChanges(projection, key),
      isApproved: isApproved(projection, key),
      isUnfinished: row?.ref !== undefined && isUntestedSince(projection, key, row.ref),
      profileChanges: connectionChanges(projection, wish.fields.profile ?? row?.fields.profile),
      again: row?.ref?.retest,
    }
    const test = dueTest(row?.fields.test, occasion)
    return test === undefined ? {} : { test }
  },
  needs: (key, fields, projection) => [
    ...approvalNeeded(key, fields, projection),
    ...(reliesOnTrust(fields) ? trustNeeded(profileOf(key, fields, projection), projection) : []),
  ],
  explain: ({ kind, key }, context) => (kind === 'Mailbox' ? linksOfMailbox(key, context) : []),
  record: ({ ref }) => ref && { table: 'mailbox', id: ref.mailbox.id },
  consequences(key, fields, _wish, row, context) {
    const old = oldMail(key, fields, row, context)
    const fact = reliesOnTrust(fields) ? row?.ref?.exchange : undefined
    return fact ? [...old, ...exchangeConsequence(fact, key)] : old
  },
  async *apply({ writer, reader, desired, signal }, assignments) {
    const profiles = await profileDirectory(reader, desired, signal)
    const prepared = assignments.map((assignment) => prepare(assignment, desired, profiles))
    yield* write(writer, prepared, signal)
  },
}

/** Fields whose change makes the last test result say nothing any more. */
const SETTINGS = ['profile', 'incoming', 'outgoing', 'appointmentsContactsTasks', 'primarySync'] as const

/** A test of an address whose approval failed could only fail; settings wait for no approval. */
function approvalNeeded(key: Key, fields: Partial<MailboxFields>, projection: Projection): readonly Dependency[] {
  const onlyTest = Object.keys(fields).every((field) => field === 'test')
  return onlyTest && isApproved(projection, key) ? [{ stage: STAGE_NAMES.approval, key }] : []
}

/** True for what could only fail, or would leave a mailbox that nobody can prove, while the trust is broken. */
function reliesOnTrust({ profile, primarySync, test, ...others }: Partial<MailboxFields>): boolean {
  const isMoved = profile !== undefined && profile !== null
  return isMoved || primarySync === true || test !== undefined || usesServerSide(others)
}

/** The profile the mailbox will have. */
function profileOf(key: Key, { profile }: Partial<MailboxFields>, projection: Projection): ProfileReference {
  if (typeof profile === 'string') return { name: profile }
  const read = projection.read(NAME)
  const ref = read?.complete ? (read.rows.get(key)?.ref as Ref) : undefined
  return { id: ref?.mailbox.profileId ?? null }
}

function isApproved(projection: Projection, key: Key): boolean {
  return projection.change(STAGE_NAMES.approval, key)?.fields.some(({ to }) => to === 'Approved') ?? false
}

/**
 * True where an earlier pass re-addressed or approved the mailbox and never came to the test: the journal says what it did, and both the
 * time of that and the last change of user or queue that no test has ended since.
 */
function isUntestedSince(projection: Projection, key: Key, { mailbox, holder }: MailboxEntry): boolean {
  const identity = projection.unfinished(STAGE_NAMES.mailboxIdentity, key)
  const approval = projection.unfinished(STAGE_NAMES.approval, key)
  const readdressed = identity?.intent.fields.some(({ field }) => field === 'address') ? identity : undefined
  const approved = approval?.intent.fields.some(({ to }) => to === 'Approved') ? approval : undefined
  const endedMs = Date.parse(mailbox.testCompletedOn ?? '')
  const changedMs = Date.parse((holder ?? mailbox).modifiedOn ?? '')
  return [readdressed, approved].some((one) => one && changedMs >= endedMs && Date.parse(one.time) > endedMs)
}

/** Reasons for another test and tests under way, for planning only: what is looked at again before and after writing needs none. */
async function testsIn(context: ObserveContext<DesiredOrganization, Reader>) {
  return context.keys === 'all' ? testHealth(context) : undefined
}

function withTests(
  entry: MailboxEntry,
  retest: RetestReason | undefined,
  exchange: MailboxFact | undefined,
): TestedMailbox {
  if (retest === undefined && exchange === undefined) return entry
  return { ...entry, ...(retest && { retest }), ...(exchange && { exchange }) }
}

function observed(entry: TestedMailbox, profiles: ProfileDirectory): Observed<MailboxFields, TestedMailbox> {
  const { mailbox, hold } = entry
  const { profileId, incoming, outgoing, appointmentsContactsTasks, primarySync, processAndDelete } = mailbox
  const fields: MailboxFields = {
    profile: profileId === null ? null : profiles.nameOf(profileId),
    incoming,
    outgoing,
    appointmentsContactsTasks,
    primarySync,
    processEmailFrom: mailbox.processEmailFrom?.slice(0, DAY) ?? null,
    processAndDelete,
    test: summarizeTest(mailbox),
  }
  const label = mailbox.name
  return hold ? { fields, ref: entry, label, hold } : { fields, ref: entry, label }
}

/** Length of the day in an ISO 8601 time. */
const DAY = '2026-11-01'.length

function* wishesOf(
  desired: DesiredOrganization,
  projection: Projection,
  now: Date,
): Generator<readonly [Key, Wish<MailboxFields>]> {
  const read = projection.read(NAME)
  const wishOf = createWishes(desired, projection)
  const policy = createPolicy(now)
  for (const [key, member] of desired.mailboxes) {
    if (member.released && isGone(read, key)) continue
    const row = read?.complete ? read.rows.get(key) : undefined
    yield [key, policy.held(wishOf(policy.managed(member), row?.fields ?? NOT_KNOWN), member)]
  }
}

const NOT_KNOWN: Fields = {}

/** A released mailbox that is not in CRM has nothing left to stop. */
function isGone(read: ReturnType<Projection['read']>, key: Key): boolean {
  return read?.complete === true && !read.rows.has(key) && !read.unknown.has(key)
}

/** Of a change that cannot be done whole, the fields that only stop. */
function stopsIn({ fields: told }: Change, fields: Partial<MailboxFields>): Partial<MailboxFields> {
  const stopping = new Set<string>(told.filter(({ effect }) => isStopping([effect])).map(({ field }) => field))
  return Object.fromEntries(Object.entries(fields).filter(([field]) => stopping.has(field)))
}

function prepare(
  { change, fields, row }: Assignment<MailboxFields, Ref>,
  desired: DesiredOrganization,
  profiles: ProfileDirectory,
): Prepared {
  const entry = row?.ref
  if (!entry) return { ref: change.id, refused: NOT_IN_CRM }
  const profileName = desired.mailboxes.get(change.key)?.profile ?? ''
  const profileId = fields.profile === null ? null : profiles.rows.get(profileName)?.id
  const isGone = fields.profile !== undefined && profileId === undefined
  const { profile, test, processEmailFrom, ...same } = isGone ? stopsIn(change, fields) : fields
  if (isGone && Object.keys(same).length === 0) {
    const message = `the profile "${fields.profile}" is not in CRM`
    return { ref: change.id, refused: { code: 'ProfileNotFound', message } }
  }
  const patch: MailboxPatch = {
    ...same,
    ...(profile !== undefined && profileId !== undefined && { profileId }),
    ...(typeof processEmailFrom === 'string' && { processEmailFrom: `${processEmailFrom}T00:00:00Z` }),
    ...(test !== undefined && { requestTest: true }),
  }
  return { ref: change.id, kind: 'update-mailbox', id: entry.mailbox.id, patch }
}
