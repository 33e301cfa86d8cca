import type { Listing, MailboxRow } from '../crm/rows.ts'
import type { Key, Reason } from '../engine/index.ts'
import { canonicalAddress } from '../spec/address.ts'
import type { DesiredMailbox, DesiredOrganization } from '../spec/desired.ts'
import { forwardMailboxId } from './stable-id.ts'

/** What looking for a row came to. */
export type Found =
  | { readonly state: 'found'; readonly row: MailboxRow }
  | { readonly state: 'unknown'; readonly reason: Reason }
  | { readonly state: 'absent' }

/** Rows for the keys the spec wishes for, and rows of other addresses. */
export interface Located {
  readonly wished: ReadonlyMap<Key, Found>
  readonly others: ReadonlyMap<Key, Exclude<Found, { state: 'absent' }>>
}

/** Rows by canonical address; a list where several rows have the same one. */
type Index = Map<string, MailboxRow | MailboxRow[]>

const ABSENT: Found = { state: 'absent' }

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
  const taken = new Set<string>()
  for (const key of keys === 'all' ? desired.mailboxes.keys() : keys) {
    const member = desired.mailboxes.get(key)
    if (!member) continue
    const found = locate(search, member)
    wished.set(key, found)
    if (found.state === 'found') taken.add(found.row.id)
  }
  const others = new Map<Key, Exclude<Found, { state: 'absent' }>>()
  if (keys === 'all') {
    for (const address of index.keys()) {
      if (desired.mailboxes.has(address)) continue
      const found = pick(index, address)
      if (found.state === 'unknown' || (found.state === 'found' && !taken.has(found.row.id))) others.set(address, found)
    }
  }
  return { wished, others }
}

interface Search {
  readonly index: Index
  readonly listing: Listing<MailboxRow>
  readonly desired: DesiredOrganization
  readonly organizationId: string
}

function locate(search: Search, member: DesiredMailbox): Found {
  const { index, desired } = search
  const byAddress = pick(index, member.address)
  if (byAddress.state !== 'absent') return byAddress
  const previous = member.previousAddress
  const byPrevious = previous === undefined ? ABSENT : pick(index, previous)
  if (byPrevious.state !== 'absent') {
    return previous !== undefined && desired.mailboxes.has(previous) ? stillWanted(previous) : byPrevious
  }
  const own = member.type === 'Forward' ? madeByUs(search, member.address) : ABSENT
  return own.state === 'absent' ? missing(search.listing) : own
}

function madeByUs({ listing, desired, organizationId }: Search, address: string): Found {
  const row = listing.rows.get(forwardMailboxId(organizationId, address))
  if (!row) return ABSENT
  const now = canonicalAddress(row.address ?? '')
  return desired.mailboxes.has(now) ? stillWanted(now) : { state: 'found', row }
}

/** A row that could not be understood may be the one that is looked for. */
function missing({ unknown }: Listing<MailboxRow>): Found {
  const [first] = unknown.values()
  if (!first) return ABSENT
  const rows = unknown.size === 1 ? 'one mailbox' : `${unknown.size} mailboxes`
  const message = `not found, but ${rows} of CRM could not be understood and it may be among them: ${first.message}`
  return { state: 'unknown', reason: { code: 'MailboxNotUnderstood', message } }
}

function stillWanted(previous: string): Found {
  const message = `its mailbox still has the address ${previous}, which another member of the spec wants; rename in two steps`
  return { state: 'unknown', reason: { code: 'AddressStillWanted', message } }
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
  if (known === undefined) return ABSENT
  if (!Array.isArray(known)) return { state: 'found', row: known }
  const active = known.filter((row) => row.active)
  const [only] = active
  return only && active.length === 1 ? { state: 'found', row: only } : ambiguous(known)
}

function ambiguous(rows: readonly MailboxRow[]): Found {
  const message = `${rows.length} mailboxes in CRM have this address (${rows.map(({ name }) => name).join(', ')}); give each its own, or deactivate the others`
  return { state: 'unknown', reason: { code: 'AmbiguousAddress', message } }
}
