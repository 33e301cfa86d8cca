// Email server profiles: the connection that mailboxes share. A profile is created with an identifier that follows from organization and
// display name, so that no lost answer and no kill ever makes two of it.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { ProfileRow } from '../../crm/rows.ts'
import type { Key, Observed, Projection, Reason, Stage, Wish } from '../../engine/index.ts'
import type { DesiredOrganization, DesiredProfile } from '../../spec/desired.ts'
import { isOwner, type OwnerDirectory, ownerDirectory, ownerInWords } from '../mailboxes/owner-directory.ts'
import { missingColumns, noSuchColumn } from '../missing-columns.ts'
import { type ProfileDirectory, profileDirectory } from '../profiles/profile-directory.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { connectionVerdict } from '../testing/connection-test.ts'
import { type Prepared, write } from '../write.ts'
import { explainProfile } from './explain.ts'
import { PROFILE_RULES } from './fields.ts'
import { prepareProfile, type ResolveSecret } from './prepare.ts'
import { type ProfileShape, shapeOfRow, shapeOfWish } from './shape.ts'
import { usageOf } from './usage.ts'

type ProfileStage = Stage<DesiredOrganization, ProfileShape, OrganizationReader, OrganizationWriter, ProfileRow>

/** What the stage needs from outside. */
export interface ProfileStageOptions {
  readonly resolveSecret: ResolveSecret
}

const NAME = STAGE_NAMES.emailServerProfile

/** Creates, updates and deletes email server profiles. */
export function emailServerProfile({ resolveSecret }: ProfileStageOptions): ProfileStage {
  return {
    name: NAME,
    kind: 'EmailServerProfile',
    noun: { one: 'email server profile', many: 'email server profiles' },
    scope: 'organization',
    mode: 'writes',
    gate: 'advises',
    fields: PROFILE_RULES,
    async observe({ reader, desired, keys, signal }) {
      const directory = await profileDirectory(reader, desired, signal)
      const asked = keys === 'all' ? [...desired.profiles.keys()] : [...keys]
      const owners = await ownersOf(reader, desired, asked, directory, signal)
      const usage = await usageOf(reader, deletable(desired, asked, directory), signal)
      const rows = new Map<Key, Observed<ProfileShape, ProfileRow>>()
      const unknown = new Map<Key, Reason>()
      for (const key of asked) {
        const profile = desired.profiles.get(key)
        const row = directory.rows.get(key)
        const reason = profile && (directory.unknown.get(key) ?? obstacle(profile, row, owners))
        if (reason) unknown.set(key, reason)
        else if (profile && row) rows.set(key, observed(profile, row, owners, usage.get(row.id)))
      }
      if (keys === 'all') for (const row of directory.others) rows.set(`:${row.id}`, unmanaged(row))
      return { complete: true, rows, unknown }
    },
    desire: wishesOf,
    absent: () => 'create',
    explain: explainProfile,
    words: (action) =>
      action === 'create'
        ? { group: 'create', one: 'is created', many: 'are created' }
        : { group: 'delete', one: 'is deleted', many: 'are deleted' },
    record: ({ ref }) => ref && { table: 'emailserverprofile', id: ref.id },
    async *apply({ writer, reader, desired, now, signal }, assignments) {
      const directory = await profileDirectory(reader, desired, signal)
      const keys = assignments.map(({ change }) => change.key)
      const owners = await ownersOf(reader, desired, keys, directory, signal)
      const { clockSkewMs } = await reader.probe(signal)
      const serverNow = new Date(now.getTime() + clockSkewMs)
      const surroundings = { organizationId: directory.organizationId, owners, resolveSecret, serverNow }
      const prepared: Prepared[] = []
      for (const assignment of assignments) {
        const profile = desired.profiles.get(assignment.change.key)
        prepared.push(
          profile
            ? await prepareProfile(assignment, profile, surroundings)
            : { ref: assignment.change.id, refused: NOT_WISHED },
        )
      }
      yield* write(writer, prepared, signal)
    },
  }
}

const NOT_WISHED: Reason = { code: 'NotInSpec', message: 'the spec does not name this profile any more' }
const INACTIVE: Reason = {
  code: 'ProfileInactive',
  message: 'the profile is inactive in CRM; activate it there, or give it another name in the spec',
}

/** What keeps a profile from being told completely. */
function obstacle(profile: DesiredProfile, row: ProfileRow | undefined, owners: OwnerDirectory): Reason | undefined {
  if (profile.ensure === 'absent') return undefined
  if (row?.active === false) return INACTIVE
  const owner = profile.owner && owners.resolve(ownerInWords(profile.owner))
  if (!owner || isOwner(owner)) return undefined
  const { file, line } = profile.originOf('owner')
  return { code: owner.code, message: `${owner.message} (${file}:${line})` }
}

function observed(
  profile: DesiredProfile,
  row: ProfileRow,
  owners: OwnerDirectory,
  hold: Reason | undefined,
): Observed<ProfileShape, ProfileRow> {
  const wished = profile.owner && ownerInWords(profile.owner)
  const owner = wished && row.ownerId ? owners.tell(row.ownerId, wished) : undefined
  const ready = connectionVerdict(row)
  const told = { fields: shapeOfRow(row, owner), ref: row, label: row.displayName, ...(ready && { ready }) }
  return hold ? { ...told, hold } : told
}

/** A profile nobody wishes for; its key cannot be the name of a document. */
function unmanaged(row: ProfileRow): Observed<ProfileShape, ProfileRow> {
  return { fields: shapeOfRow(row, undefined), ref: row, label: row.displayName }
}

function deletable(
  desired: DesiredOrganization,
  keys: readonly Key[],
  { rows }: ProfileDirectory,
): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const key of keys) {
    const row = rows.get(key)
    if (row && desired.profiles.get(key)?.ensure === 'absent') ids.add(row.id)
  }
  return ids
}

function ownersOf(
  reader: OrganizationReader,
  desired: DesiredOrganization,
  keys: readonly Key[],
  { rows }: ProfileDirectory,
  signal: AbortSignal,
): Promise<OwnerDirectory> {
  const wished = new Set<string>()
  const actual = new Set<string>()
  for (const key of keys) {
    const profile = desired.profiles.get(key)
    if (!profile?.owner || profile.ensure === 'absent') continue
    wished.add(ownerInWords(profile.owner))
    const row = rows.get(key)
    if (row?.ownerId && row.ownerType !== 'Team') actual.add(row.ownerId)
  }
  return ownerDirectory({ reader, desired, wished, actual, signal })
}

function wishesOf(desired: DesiredOrganization, projection: Projection): ReadonlyMap<Key, Wish<ProfileShape>> {
  const read = projection.read(NAME)
  const wishes = new Map<Key, Wish<ProfileShape>>()
  for (const [key, profile] of desired.profiles) {
    const { ensure, displayName, origin } = profile
    const fields = ensure === 'absent' ? {} : shapeOfWish(profile)
    const wish = { ensure, fields, label: `"${displayName}"`, origin }
    const row = read?.complete ? read.rows.get(key) : undefined
    const missing = row ? missingColumns(fields, row.fields) : []
    wishes.set(key, missing.length > 0 ? { ...wish, unclear: noSuchColumn(missing) } : wish)
  }
  return wishes
}
