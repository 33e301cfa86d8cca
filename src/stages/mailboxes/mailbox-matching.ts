import type { Listing, MailboxRow } from '../../crm/rows.ts'
import type { Key, Reason } from '../../engine/index.ts'
import { canonicalAddress } from '../../spec/address.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../spec/desired.ts'
import { forwardMailboxId } from '../stable-id.ts'
import type { MailboxSets } from './mailbox-directory.ts'

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

/** The row of every canonical address, or why it cannot be told. */
type Index = Map<string, MailboxRow | Reason>

/**
 * Finds the row of every wished key: by its address, else by its previous address, else (a forward mailbox that mailkeel made) by the
 * identifier it was made with. `others` is filled for `all` only.
 */
export function locateMailboxes(
  sets: MailboxSets,
  desired: DesiredOrganization,
  organizationId: string,
  keys: 'all' | ReadonlySet<Key>,
): Located {
  const index = indexOf(sets)
  const search = { index, listing: sets.mailboxes, desired, organizationId }
  const wished = new Map<Key, Found>()
  const moving = new Map<MailboxRow, Key>()
  for (const key of keys === 'all' ? desired.mailboxes.keys() : keys) {
    const member = desired.mailboxes.get(key)
    if (!member) continue
    const known = index.get(key)
    const found = known ?? locateOtherwise(search, member)
    wished.set(key, found)
    if (known || !isRow(found)) continue
    const other = moving.get(found)
    if (other === undefined) moving.set(found, key)
    else {
      wished.set(key, wantedTwice(other))
      wished.set(other, wantedTwice(key))
    }
  }
  return { wished, others: keys === 'all' ? othersOf(index, desired, moving) : new Map() }
}

/** Rows under addresses nobody wishes for, without those that a wish means by another name. */
function othersOf(
  index: Index,
  { mailboxes }: DesiredOrganization,
  moving: ReadonlyMap<MailboxRow, Key>,
): ReadonlyMap<Key, MailboxRow | Reason> {
  const others = new Map<Key, MailboxRow | Reason>()
  for (const [address, found] of index) {
    if (mailboxes.has(address) || (isRow(found) && moving.has(found))) continue
    others.set(address, found)
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
  const byPrevious = previous === undefined ? undefined : index.get(previous)
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

function wantedTwice(other: Key): Reason {
  const message = `${other} wants the same mailbox by its previous address; only one of the two can have it`
  return { code: 'AddressWantedTwice', message }
}

function indexOf(sets: MailboxSets): Index {
  const index: Index = new Map()
  const shared = new Map<string, MailboxRow[]>()
  for (const row of sets.mailboxes.rows.values()) {
    if (row.address === null || row.address === '') continue
    const address = canonicalAddress(row.address)
    const known = index.get(address)
    if (known === undefined) index.set(address, row)
    else {
      const rows = shared.get(address) ?? (isRow(known) ? [known] : [])
      rows.push(row)
      shared.set(address, rows)
    }
  }
  for (const [address, rows] of shared) index.set(address, theOneInUse(rows, sets))
  return index
}

/**
 * Of several mailboxes with one address, the one in use where there is exactly one: active, and its user or queue too. Two in use are
 * never told apart by guessing.
 */
function theOneInUse(rows: readonly MailboxRow[], { users, queues }: MailboxSets): MailboxRow | Reason {
  const inUse = rows.filter(({ active, type, regardingId }) => {
    const holder = (type === 'Queue' ? queues : users).rows.get(regardingId ?? '')
    return active && holder?.active !== false
  })
  const [only] = inUse
  return only && inUse.length === 1 ? only : ambiguous(rows)
}

function ambiguous(rows: readonly MailboxRow[]): Reason {
  const message = `${rows.length} mailboxes in CRM have this address (${rows.map(({ name }) => name).join(', ')}); give each its own, or deactivate the others`
  return { code: 'AmbiguousAddress', message }
}
