import type { Exchange } from '../exchange.ts'
import { CrmError, type OrganizationReader } from '../organization.ts'
import type { Probed } from '../probe.ts'
import type {
  AlertRow,
  HolderRow,
  Listing,
  MailboxRow,
  OrganizationRow,
  ProfileRow,
  Selection,
  TeamRow,
} from '../rows.ts'
import { readLastWriters } from './last-writers.ts'
import { MAILBOX } from './mailbox.ts'
import { organizationTable } from './organization.ts'
import { type PageSource, readSet } from './pages.ts'
import { profileTable } from './profile.ts'
import { isMany, readSelected, select } from './selection.ts'
import { type Shared, shareRead } from './shared.ts'
import { ALERT, QUEUE, TEAM, USER } from './small-tables.ts'
import { selectOf, type Table } from './table.ts'
import { readUniqueName } from './unique-name.ts'

/** What a reader needs from its client. */
export interface ReaderContext {
  readonly exchange: Exchange
  readonly pageSize: number
  probe(signal: AbortSignal): Promise<Probed>
  /** The user that writes, where that is another one. Not asked for unless it matters. */
  writingUser?(segment: string, signal: AbortSignal): Promise<string>
  /** Rows of each set when it was last read as a whole; shared by all readers of the client. */
  readonly sizes: Map<string, number>
}

/** What each reader knows of the server itself. */
const known = new WeakMap<OrganizationReader, Shared<Probed>>()

/**
 * Creates a reader: it sees each set once, and a new one sees the server anew. One that follows another takes over who we are and which
 * columns there are.
 */
export function createReader(context: ReaderContext, previous?: OrganizationReader): OrganizationReader {
  const probed = (previous && known.get(previous)) ?? shareRead(context.probe)
  const mailboxes = createSet(context, probed, () => MAILBOX)
  const users = createSet(context, probed, () => USER)
  const queues = createSet(context, probed, () => QUEUE)
  const teams = createSet(context, probed, () => TEAM)
  const organizations = createSet(context, probed, ({ facts }) => organizationTable(facts.tables.get('organization')))
  const alerts = createSet(context, probed, () => ALERT)
  const profiles = createSet(context, probed, ({ facts }) =>
    profileTable(facts.tables.get('emailserverprofile'), facts.online),
  )

  const reader: OrganizationReader = {
    probe: async (signal) => (await probed(signal)).probe,
    organization: async (signal) => onlyRow(await organizations.all(signal), await probed(signal)),
    uniqueName: async (signal) => readUniqueName(context.exchange, (await probed(signal)).facts.segment, signal),
    profiles: (signal): Promise<Listing<ProfileRow>> => profiles.all(signal),
    teams: (signal): Promise<Listing<TeamRow>> => teams.all(signal),
    mailboxes: (selection, signal): Promise<Listing<MailboxRow>> => mailboxes.selected(selection, signal),
    users: (selection, signal): Promise<Listing<HolderRow>> => users.selected(selection, signal),
    queues: (selection, signal): Promise<Listing<HolderRow>> => queues.selected(selection, signal),
    alerts: async (ids, signal) => {
      const chunks = chunksOf([...lowerCase(ids)])
      const listings = await Promise.all(chunks.map((chunk) => alerts.regarding(chunk, signal)))
      return byRegarding(listings, lowerCase(ids))
    },
    async lastWriters(records, signal) {
      const found = await probed(signal)
      const { segment } = found.facts
      const writing = await context.writingUser?.(segment, signal)
      const ours = new Set([found.probe.userId, ...(writing === undefined ? [] : [writing])])
      return readLastWriters({ ...context, segment }, found, ours, records, signal)
    },
  }
  known.set(reader, probed)
  return reader
}

interface SetReader<T> {
  all(signal: AbortSignal): Promise<Listing<T>>
  selected(selection: Selection, signal: AbortSignal): Promise<Listing<T>>
  /** The rows that regard one of these rows; never the whole set, which may be many times as large. */
  regarding(ids: ReadonlySet<string>, signal: AbortSignal): Promise<Listing<T>>
}

function createSet<T>(
  { exchange, pageSize, sizes }: ReaderContext,
  probed: Shared<Probed>,
  tableOf: (probed: Probed) => Table<T>,
): SetReader<T> {
  let read = false
  const all = shareRead(async (signal) => {
    const { source, table, columns } = await prepare(signal)
    const listing = await readSet(source, table, columns, signal)
    sizes.set(table.name, listing.rows.size + listing.unknown.size)
    return listing
  })

  async function prepare(signal: AbortSignal) {
    const found = await probed(signal)
    const table = tableOf(found)
    const source: PageSource = { exchange, segment: found.facts.segment, pageSize }
    return { source, table, columns: selectOf(table, found.facts.tables.get(table.name)) }
  }

  async function whole(signal: AbortSignal): Promise<Listing<T>> {
    read = true
    try {
      return await all(signal)
    } catch (error) {
      read = false
      throw error
    }
  }

  return {
    all: whole,
    async selected(selection, signal) {
      if (selection === 'all') return whole(signal)
      const ids = lowerCase(selection)
      if (ids.size === 0) return { rows: new Map(), unknown: new Map() }
      const { source, table, columns } = await prepare(signal)
      if (read || isMany(ids.size, sizes.get(table.name))) return select(await whole(signal), ids)
      return select(await readSelected(source, table, columns, table.key, ids, signal), ids)
    },
    async regarding(ids, signal) {
      const { source, table, columns } = await prepare(signal)
      return readSelected(source, table, columns, '_regardingobjectid_value', ids, signal)
    },
  }
}

/** So many objects are asked about in one batch. */
const CHUNK = 400

function chunksOf(ids: readonly string[]): readonly ReadonlySet<string>[] {
  const chunks: ReadonlySet<string>[] = []
  for (let start = 0; start < ids.length; start += CHUNK) chunks.push(new Set(ids.slice(start, start + CHUNK)))
  return chunks
}

function lowerCase(ids: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...ids].map((id) => id.toLowerCase()))
}

function onlyRow(listing: Listing<OrganizationRow>, { probe }: Probed): OrganizationRow {
  const row = listing.rows.get(probe.organizationId)
  if (row && listing.rows.size === 1) return row
  if (listing.rows.size + listing.unknown.size === 0) {
    // CRM leaves out rows that an account may not read; it does not refuse.
    throw new CrmError('Forbidden', 'reading the organization: CRM shows this account no row of it')
  }
  const reason = [...listing.unknown.values()][0]?.message ?? `${listing.rows.size} rows where one is expected`
  throw new CrmError('NotUnderstood', `reading the organization: ${reason}`)
}

function byRegarding(
  listings: readonly Listing<AlertRow>[],
  asked: ReadonlySet<string>,
): ReadonlyMap<string, readonly AlertRow[]> {
  const found = new Map<string, AlertRow[]>()
  for (const alert of listings.flatMap(({ rows }) => [...rows.values()])) {
    if (!asked.has(alert.regardingId)) continue
    const alerts = found.get(alert.regardingId)
    if (alerts) alerts.push(alert)
    else found.set(alert.regardingId, [alert])
  }
  for (const alerts of found.values()) alerts.sort(newestFirst)
  return found
}

function newestFirst(one: AlertRow, other: AlertRow): number {
  if (one.modifiedOn !== other.modifiedOn) return one.modifiedOn < other.modifiedOn ? 1 : -1
  return one.id < other.id ? -1 : 1
}
