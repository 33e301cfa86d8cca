import type { Listing, MailboxRow } from '../crm/rows.ts'
import type { Key, Reason } from '../engine/index.ts'
import { canonicalAddress } from '../spec/address.ts'
import type { DesiredMailbox, DesiredOrganization } from '../spec/desired.ts'
import { forwardMailboxId } from './stable-id.ts'

/** What looking for a row came to: the row, why it cannot be told, or undefined where there is none. */
export type Found = MailboxRow | Reason | undefined

/** Rows for the keys the spec wishes for, and rows of other addresses. */
export interface Located {
  readonly wished: ReadonlyMap<Key, Found>
  readonly others: ReadonlyMap<Key, MailboxRow | Reason>
}

/** True where a row was found. */
export function isRow(found: Found): found is MailboxRow {
  return found !== undefined && 'id' in found
}

/** Rows by canonical address; a list where several rows have the same one. */
type Index = Map<string, MailboxRow | MailboxRow[]>

/**
 * Finds the row of every wished key: by its address, else by its previous address, else (a forward mailbox that mailkeel made) by the
 * identifier it was made with. `others` is filled for `all` only.
 */
export function locateMailboxes(
  listing: Listing<MailboxRow>,
  desired: DesiredOrganization,
  organizationId: string,
  keys: 'all' | ReadonlySet<Key>,
): Located {
  const index = indexOf(listing)
  const search = { index, listing, desired, organizationId }
  const wished = new Map<Key, Found>()
  const taken = new Set<MailboxRow>()
  for (const key of keys === 'all' ? desired.mailboxes.keys() : keys) {
    const member = desired.mailboxes.get(key)
    if (!member) continue
    const found = pick(index, key) ?? locateOtherwise(search, member)
    wished.set(key, found)
    if (isRow(found) && (member.previousAddress !== undefined || member.type === 'Forward')) taken.add(found)
  }
  return { wished, others: keys === 'all' ? othersOf(index, desired, taken) : new Map() }
}

/** Rows under addresses nobody wishes for, without those that a wish means by another name. */
function othersOf(
  index: Index,
  { mailboxes }: DesiredOrganization,
  taken: ReadonlySet<MailboxRow>,
): ReadonlyMap<Key, MailboxRow | Reason> {
  const others = new Map<Key, MailboxRow | Reason>()
  for (const address of index.keys()) {
    if (mailboxes.has(address)) continue
    const found = pick(index, address)
    if (found && !(isRow(found) && taken.has(found))) others.set(address, found)
  }
  return others
}

interface Search {
  readonly index: Index
  readonly listing: Listing<MailboxRow>
  readonly desired: DesiredOrganization
  readonly organizationId: string
}

function locateOtherwise(search: Search, member: DesiredMailbox): Found {
  const { index, desired } = search
  const previous = member.previousAddress
  const byPrevious = previous === undefined ? undefined : pick(index, previous)
  if (previous !== undefined && byPrevious) {
    return desired.mailboxes.has(previous) ? stillWanted(previous) : byPrevious
  }
  const own = member.type === 'Forward' ? madeByUs(search, member.address) : undefined
  return own ?? missing(search.listing)
}

function madeByUs({ listing, desired, organizationId }: Search, address: string): Found {
  const row = listing.rows.get(forwardMailboxId(organizationId, address))
  if (!row) return undefined
  const now = canonicalAddress(row.address ?? '')
  return desired.mailboxes.has(now) ? stillWanted(now) : row
}

/** A row that could not be understood may be the one that is looked for. */
function missing({ unknown }: Listing<MailboxRow>): Reason | undefined {
  const [first] = unknown.values()
  if (!first) return undefined
  const rows = unknown.size === 1 ? 'one mailbox' : `${unknown.size} mailboxes`
  const message = `not found, but ${rows} of CRM could not be understood and it may be among them: ${first.message}`
  return { code: 'MailboxNotUnderstood', message }
}

function stillWanted(previous: string): Reason {
  const message = `its mailbox still has the address ${previous}, which another member of the spec wants; rename in two steps`
  return { code: 'AddressStillWanted', message }
}

function indexOf({ rows }: Listing<MailboxRow>): Index {
  const index: Index = new Map()
  for (const row of rows.values()) {
    if (row.address === null || row.address === '') continue
    const address = canonicalAddress(row.address)
    const known = index.get(address)
    if (known === undefined) index.set(address, row)
    else if (Array.isArray(known)) known.push(row)
    else index.set(address, [known, row])
  }
  return index
}

/** The row with this address. An active mailbox goes before inactive ones; two active ones are never told apart by guessing. */
function pick(index: Index, address: string): Found {
  const known = index.get(address)
  if (known === undefined || !Array.isArray(known)) return known
  const active = known.filter((row) => row.active)
  const [only] = active
  return only && active.length === 1 ? only : ambiguous(known)
}

function ambiguous(rows: readonly MailboxRow[]): Reason {
  const message = `${rows.length} mailboxes in CRM have this address (${rows.map(({ name }) => name).join(', ')}); give each its own, or deactivate the others`
  return { code: 'AmbiguousAddress', message }
}
