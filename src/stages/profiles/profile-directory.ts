// Which profile row of CRM is meant by which profile of the spec. A profile is looked for by its display name, then by its previous one,
// then by the identifier mailkeel would create it with; two active rows of one name are unknown and never "the first one".
import type { OrganizationReader } from '../../crm/organization.ts'
import type { Listing, ProfileRow } from '../../crm/rows.ts'
import type { Key, Reason } from '../../engine/index.ts'
import type { DesiredOrganization, DesiredProfile } from '../../spec/desired.ts'
import { profileId } from '../stable-id.ts'

/** The profiles of an organization. Keys are metadata names of the spec; a wished key in neither map is absent. */
export interface ProfileDirectory {
  readonly organizationId: string
  readonly rows: ReadonlyMap<Key, ProfileRow>
  readonly unknown: ReadonlyMap<Key, Reason>
  /** Rows that no profile of the spec means. */
  readonly others: readonly ProfileRow[]
  /**
   * What people call the profile with this identifier, unique within the organization: the spec's display name where the spec means it,
   * else CRM's, with the first digits of the identifier where that name is somebody else's too.
   */
  nameOf(id: string): string
}

const shared = new WeakMap<OrganizationReader, { desired: DesiredOrganization; directory: Promise<ProfileDirectory> }>()

/** The directory of profiles; read once per reader. Throws where the set could not be read completely. */
export function profileDirectory(
  reader: OrganizationReader,
  desired: DesiredOrganization,
  signal: AbortSignal,
): Promise<ProfileDirectory> {
  const known = shared.get(reader)
  if (known?.desired === desired) return known.directory
  const directory = read(reader, desired, signal)
  shared.set(reader, { desired, directory })
  return directory
}

async function read(
  reader: OrganizationReader,
  desired: DesiredOrganization,
  signal: AbortSignal,
): Promise<ProfileDirectory> {
  const [listing, organization] = await Promise.all([reader.profiles(signal), reader.organization(signal)])
  return matchProfiles(listing, desired, organization.id)
}

/** Matches rows to the profiles of the spec. Pure. */
export function matchProfiles(
  listing: Listing<ProfileRow>,
  desired: DesiredOrganization,
  organizationId: string,
): ProfileDirectory {
  const rows = new Map<Key, ProfileRow>()
  const unknown = new Map<Key, Reason>()
  const taken = new Set<string>()
  const open = new Map(desired.profiles)
  const searches: readonly ((profile: DesiredProfile) => readonly ProfileRow[])[] = [
    ({ displayName }) => named(listing, displayName),
    ({ previousDisplayName }) => (previousDisplayName === undefined ? [] : named(listing, previousDisplayName)),
    ({ displayName }) => rowsOf(listing.rows.get(profileId(organizationId, displayName))),
  ]
  for (const search of searches) {
    for (const [key, profile] of open) {
      const free = search(profile).filter(({ id }) => !taken.has(id))
      const active = free.filter((row) => row.active !== false)
      const [row] = active.length > 0 ? active : free
      if (!row) continue
      open.delete(key)
      if (active.length > 1) unknown.set(key, ambiguous(active))
      else rows.set(key, row)
      for (const { id } of active.length > 1 ? active : [row]) taken.add(id)
    }
  }
  const [unread] = listing.unknown.values()
  if (unread) for (const key of open.keys()) unknown.set(key, notUnderstood(unread.message))
  const others = [...listing.rows.values()].filter(({ id }) => !taken.has(id))
  const names = namesOf(listing, desired, rows)
  return { organizationId, rows, unknown, others, nameOf: (id) => names.get(id) ?? `profile ${shortId(id)}` }
}

/** Rows of this name as it is written; failing that, as CRM compares text, without regard to case. */
function named({ rows }: Listing<ProfileRow>, name: string): readonly ProfileRow[] {
  const all = [...rows.values()]
  const exact = all.filter(({ displayName }) => displayName === name)
  if (exact.length > 0) return exact
  const folded = name.toLowerCase()
  return all.filter(({ displayName }) => displayName.toLowerCase() === folded)
}

function rowsOf(row: ProfileRow | undefined): readonly ProfileRow[] {
  return row ? [row] : []
}

function namesOf(
  { rows: all }: Listing<ProfileRow>,
  desired: DesiredOrganization,
  rows: ReadonlyMap<Key, ProfileRow>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const uses = new Map<string, number>()
  for (const { displayName } of desired.profiles.values()) uses.set(displayName, 1)
  for (const [key, { id }] of rows) names.set(id, desired.profiles.get(key)?.displayName ?? '')
  const others = [...all.values()].filter(({ id }) => !names.has(id))
  for (const { displayName } of others) uses.set(displayName, (uses.get(displayName) ?? 0) + 1)
  for (const { id, displayName } of others) {
    names.set(id, uses.get(displayName) === 1 ? displayName : `${displayName} (${shortId(id)})`)
  }
  return names
}

function shortId(id: string): string {
  return id.slice(0, 8)
}

function ambiguous(rows: readonly ProfileRow[]): Reason {
  const message = `${rows.length} active profiles in CRM have this name; rename or deactivate all but one`
  return { code: 'AmbiguousProfile', message }
}

function notUnderstood(message: string): Reason {
  return {
    code: 'ProfileNotUnderstood',
    message: `not found, but a profile of CRM could not be understood and it may be that one: ${message}`,
  }
}
