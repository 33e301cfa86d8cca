// Which row of CRM is meant by which address. Stages that speak of mailboxes share this answer, so that none of them picks another row:
// a mailbox is keyed by the canonical address the spec gives it, two rows with one address are unknown and never "the first one", and an
// address is absent only where the whole set was read and every row in it could be understood.
import type { OrganizationReader } from '../../crm/organization.ts'
import type { HolderRow, Listing, MailboxRow } from '../../crm/rows.ts'
import type { CompleteRead, Fields, Key, Observed, Reason, RemoteRecord } from '../../engine/index.ts'
import { canonicalAddress } from '../../spec/address.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../spec/desired.ts'
import { forwardMailboxId } from '../stable-id.ts'
import { holdOf } from './mailbox-hold.ts'
import { type Found, isRow, locateMailboxes } from './mailbox-matching.ts'

/** A mailbox as CRM holds it, with the user or queue it belongs to. */
export interface MailboxEntry {
  readonly mailbox: MailboxRow
  /** Undefined for a forward mailbox, and where a mailbox nobody wishes for has none that could be read. */
  readonly holder: HolderRow | undefined
  /** Canonical, as CRM has it now; it differs from the key where the address is to change. Empty where CRM has none. */
  readonly address: string
  /** Why the mailbox must not be touched. */
  readonly hold?: Reason
}

/** The row that holds address and approval of a mailbox: its user or queue, of a forward mailbox its own. */
export function holderRecord({ mailbox, holder }: MailboxEntry): RemoteRecord {
  if (!holder) return { table: 'mailbox', id: mailbox.id }
  return { table: holder.type === 'Queue' ? 'queue' : 'systemuser', id: holder.id }
}

/** The mailboxes of an organization by key. A wished key in neither map is absent. */
export interface MailboxDirectory {
  readonly entries: ReadonlyMap<Key, MailboxEntry>
  readonly unknown: ReadonlyMap<Key, Reason>
  /** Scheduled tests of mailboxes that no entry tells, where all were read: they run too. */
  readonly otherTests: OtherTests
}

/** Tests of mailboxes that cannot be told. */
export interface OtherTests {
  /** Of mailboxes whose address is not theirs alone, or whose user or queue cannot be told. */
  readonly rows: readonly MailboxRow[]
  /** Of rows that could not be understood. */
  readonly notUnderstood: number
}

/** What the directory is read with: the context of an observation. */
export interface DirectoryContext {
  readonly reader: OrganizationReader
  readonly desired: DesiredOrganization
  readonly keys: 'all' | ReadonlySet<Key>
  readonly now: Date
  readonly signal: AbortSignal
}

/** The three sets a directory is made of. */
export interface MailboxSets {
  readonly mailboxes: Listing<MailboxRow>
  readonly users: Listing<HolderRow>
  readonly queues: Listing<HolderRow>
}

/** Where a key was found last. Only a hint: what is read there must still carry the address. */
type Location = Pick<MailboxRow, 'id' | 'type' | 'regardingId'>

const shared = new WeakMap<OrganizationReader, { desired: DesiredOrganization; directory: Promise<MailboxDirectory> }>()
const remembered = new WeakMap<DesiredOrganization, { directory: MailboxDirectory; organizationId: string }>()
const NOTHING: Listing<never> = { rows: new Map<string, never>(), unknown: new Map() }

/**
 * The directory for these keys; for `all`, also of the mailboxes nobody wishes for. One reader builds the whole directory once. Throws
 * where a set could not be read completely.
 */
export async function mailboxDirectory(context: DirectoryContext): Promise<MailboxDirectory> {
  const known = shared.get(context.reader)
  if (known?.desired === context.desired) return known.directory
  if (context.keys !== 'all') {
    const some = await readSome(context, context.keys)
    if (some) return some
  }
  const directory = readAll(context)
  shared.set(context.reader, { desired: context.desired, directory })
  return directory
}

/** A complete read of one mailbox stage: `observed` tells each mailbox in the comparable shape of the stage. */
export function readOf<F extends Fields>(
  directory: MailboxDirectory,
  keys: Iterable<Key>,
  observed: (entry: MailboxEntry, key: Key) => Observed<F, MailboxEntry>,
): CompleteRead<F, MailboxEntry> {
  const rows = new Map<Key, Observed<F, MailboxEntry>>()
  const unknown = new Map<Key, Reason>()
  for (const key of keys) {
    const entry = directory.entries.get(key)
    if (entry) rows.set(key, observed(entry, key))
    else {
      const reason = directory.unknown.get(key)
      if (reason) unknown.set(key, reason)
    }
  }
  return { complete: true, rows, unknown }
}

/** The keys a stage is asked about: those given, or all that the spec wishes for. */
export function wishedKeys({ desired, keys }: Pick<DirectoryContext, 'desired' | 'keys'>): Iterable<Key> {
  return keys === 'all' ? desired.mailboxes.keys() : keys
}

async function readAll(context: DirectoryContext): Promise<MailboxDirectory> {
  const { reader, desired, signal } = context
  // Two directories of 100,000 mailboxes are never held at once.
  remembered.delete(desired)
  const [mailboxes, users, queues, organization] = await Promise.all([
    reader.mailboxes('all', signal),
    reader.users('all', signal),
    reader.queues('all', signal),
    reader.organization(signal),
  ])
  const directory = assemble({ mailboxes, users, queues }, context, organization.id, 'all')
  remembered.set(desired, { directory, organizationId: organization.id })
  return directory
}

/** Reads the rows of these keys where they were found last. Undefined where a key has no known place, or is not there any more. */
async function readSome(context: DirectoryContext, keys: ReadonlySet<Key>): Promise<MailboxDirectory | undefined> {
  const ids = { mailboxes: new Set<string>(), users: new Set<string>(), queues: new Set<string>() }
  for (const key of keys) {
    const location = locationOf(context.desired, key)
    if (!location) return undefined
    ids.mailboxes.add(location.id)
    if (location.regardingId !== null) ids[location.type === 'Queue' ? 'queues' : 'users'].add(location.regardingId)
  }
  const { reader, signal } = context
  const [mailboxes, users, queues, organization] = await Promise.all([
    reader.mailboxes(ids.mailboxes, signal),
    ids.users.size > 0 ? reader.users(ids.users, signal) : NOTHING,
    ids.queues.size > 0 ? reader.queues(ids.queues, signal) : NOTHING,
    reader.organization(signal),
  ])
  const directory = assemble({ mailboxes, users, queues }, context, organization.id, keys)
  for (const key of keys) if (!directory.entries.has(key) && !directory.unknown.has(key)) return undefined
  return directory
}

function assemble(
  sets: MailboxSets,
  { desired }: DirectoryContext,
  organizationId: string,
  keys: 'all' | ReadonlySet<Key>,
): MailboxDirectory {
  const entries = new Map<Key, MailboxEntry>()
  const unknown = new Map<Key, Reason>()
  const { wished, others } = locateMailboxes(sets, desired, organizationId, keys)
  const taken = new Set<Found>()
  for (const [key, found] of wished) {
    if (found && isRow(found) && !found.address) taken.add(found)
    const member = desired.mailboxes.get(key)
    const told = member && tell(sets, member, found)
    if (told && 'code' in told) unknown.set(key, told)
    else if (told) entries.set(key, told)
  }
  for (const [key, found] of others) {
    if (isRow(found)) entries.set(key, unmanagedEntry(sets, found, key))
    else unknown.set(key, found)
  }
  if (keys === 'all') {
    // No address can be the key of these; an address holds no colon.
    for (const mailbox of sets.mailboxes.rows.values())
      if (!mailbox.address && !taken.has(mailbox)) entries.set(`:${mailbox.id}`, unmanagedEntry(sets, mailbox, ''))
  }
  return { entries, unknown, otherTests: keys === 'all' ? otherTests(sets, entries) : NO_TESTS }
}

const NO_TESTS: OtherTests = { rows: [], notUnderstood: 0 }

function otherTests({ mailboxes }: MailboxSets, entries: ReadonlyMap<Key, MailboxEntry>): OtherTests {
  const scheduled = new Set([...mailboxes.rows.values()].filter(({ testScheduled }) => testScheduled))
  if (scheduled.size > 0) for (const { mailbox } of entries.values()) scheduled.delete(mailbox)
  const notUnderstood = [...mailboxes.unknown.values()].filter(({ testScheduled }) => testScheduled).length
  return { rows: [...scheduled], notUnderstood }
}

/** Undefined where the mailbox is absent. */
function tell(sets: MailboxSets, member: DesiredMailbox, found: Found): MailboxEntry | Reason | undefined {
  return isRow(found) ? entryOf(sets, member, found) : found
}

/** A mailbox nobody wishes for: it is told about and never written, so whatever its user or queue is, is taken as it is. */
function unmanagedEntry({ users, queues }: MailboxSets, mailbox: MailboxRow, address: string): MailboxEntry {
  const holders = mailbox.type === 'Queue' ? queues : users
  return { mailbox, holder: holders.rows.get(mailbox.regardingId ?? ''), address }
}

function entryOf(sets: MailboxSets, member: DesiredMailbox, mailbox: MailboxRow): MailboxEntry | Reason {
  if (mailbox.type !== member.type) return typeMismatch(member, mailbox)
  const address = canonicalAddress(mailbox.address ?? '')
  const found = mailbox.type === 'Forward' ? undefined : holderOf(sets, mailbox)
  if (found && 'code' in found) return found
  if (found && found.address !== mailbox.address && canonicalAddress(found.address ?? '') !== address) {
    return addressesDiffer(found)
  }
  const entry = { mailbox, holder: found, address }
  const hold = holdOf(entry)
  return hold ? { ...entry, hold } : entry
}

function holderOf({ users, queues }: MailboxSets, mailbox: MailboxRow): HolderRow | Reason {
  const set = mailbox.type === 'Queue' ? queues : users
  const id = mailbox.regardingId ?? ''
  const row = set.rows.get(id)
  if (row) return row
  const unreadable = set.unknown.get(id)
  const whose = mailbox.type === 'Queue' ? 'queue' : 'user'
  if (unreadable) return { code: unreadable.code, message: `its ${whose} could not be read: ${unreadable.message}` }
  return {
    code: 'HolderNotReadable',
    message: `its ${whose} cannot be read, so approval and state are not known; check what the account may read`,
  }
}

function typeMismatch({ type }: DesiredMailbox, mailbox: MailboxRow): Reason {
  const is = { User: 'belongs to a user', Queue: 'belongs to a queue', Forward: 'is a forward mailbox' }[mailbox.type]
  return {
    code: 'TypeMismatch',
    message: `it ${is} in CRM, the spec says type ${type}; write \`type: ${mailbox.type}\``,
  }
}

function addressesDiffer({ type }: HolderRow): Reason {
  const whose = type === 'Queue' ? 'queue' : 'user'
  return {
    code: 'AddressesDiffer',
    message: `mailbox and ${whose} have different addresses in CRM; save the address of the ${whose} again so that both agree`,
  }
}

function locationOf(desired: DesiredOrganization, key: Key): Location | undefined {
  const known = remembered.get(desired)
  if (!known) return undefined
  const mailbox = known.directory.entries.get(key)?.mailbox
  if (mailbox) return mailbox
  const isForward = desired.mailboxes.get(key)?.type === 'Forward'
  return isForward ? { id: forwardMailboxId(known.organizationId, key), type: 'Forward', regardingId: null } : undefined
}
