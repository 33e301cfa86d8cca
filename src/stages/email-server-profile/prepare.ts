import type { ProfilePatch } from '../../crm/organization.ts'
import type { ProfileRow } from '../../crm/rows.ts'
import type { Assignment, Reason } from '../../engine/index.ts'
import type { DesiredProfile } from '../../spec/desired.ts'
import { isOwner, type OwnerDirectory } from '../mailboxes/owner-directory.ts'
import { isOfConnection } from '../profiles/profile-connection.ts'
import {
  markerTime,
  type PasswordField,
  type PasswordLabels,
  readDescription,
  writeDescription,
} from '../profiles/profile-marker.ts'
import { profileId } from '../stable-id.ts'
import type { Prepared } from '../write.ts'
import type { ProfileShape } from './shape.ts'

/** The value of a secret of the runtime configuration. Asked at the moment of writing; the value goes nowhere but to the writer. */
export type ResolveSecret = (name: string) => Promise<string>

/** What the writes of one window share. */
export interface ProfileSurroundings {
  readonly organizationId: string
  readonly owners: OwnerDirectory
  readonly resolveSecret: ResolveSecret
  /** The time by the server's clock. */
  readonly serverNow: Date
}

/** A change as an operation. The identifier of a new profile follows from organization and display name. */
export async function prepareProfile(
  { change, fields, row }: Assignment<ProfileShape, ProfileRow>,
  profile: DesiredProfile,
  { organizationId, owners, resolveSecret, serverNow }: ProfileSurroundings,
): Promise<Prepared> {
  if (change.action === 'delete') {
    return row
      ? { ref: change.id, kind: 'delete-profile', id: row.ref.id }
      : { ref: change.id, refused: { code: 'NotFound', message: 'the profile is gone already' } }
  }
  const { owner: ownerWords, description, incomingPassword, outgoingPassword, ...plain } = fields
  const owner = ownerWords === undefined ? undefined : owners.resolve(ownerWords)
  if (owner && !isOwner(owner)) return { ref: change.id, refused: owner }
  const labels = {
    ...(incomingPassword && { incomingPassword }),
    ...(outgoingPassword && { outgoingPassword }),
  }
  const passwords: { [P in PasswordField]?: string } = {}
  for (const field of ['incomingPassword', 'outgoingPassword'] as const) {
    const label = labels[field]
    if (label === undefined) continue
    const value = await secretOf(profile, field, label, resolveSecret)
    if (typeof value !== 'string') return { ref: change.id, refused: value }
    passwords[field] = value
  }
  const patch: ProfilePatch = {
    ...plain,
    ...(owner && { owner }),
    ...passwords,
    ...describe({ description, labels, connectionChangedAt: changedAt(fields, row?.ref, serverNow) }, row?.ref),
  }
  if (row) return { ref: change.id, kind: 'update-profile', id: row.ref.id, patch }
  return { ref: change.id, kind: 'create-profile', id: profileId(organizationId, profile.displayName), patch }
}

/**
 * When the connection is changed by this write; undefined where it is not. No mailbox was tested on a profile that is created, and a build
 * without descriptions has no place for it.
 */
function changedAt(fields: Partial<ProfileShape>, row: ProfileRow | undefined, serverNow: Date): string | undefined {
  const isChanged = row?.description !== undefined && Object.keys(fields).some(isOfConnection)
  return isChanged ? markerTime(serverNow) : undefined
}

/** The description to write: what is asked for, or what is there, with the marker as it will be. */
function describe(
  {
    description,
    labels,
    connectionChangedAt,
  }: {
    readonly description: string | null | undefined
    readonly labels: PasswordLabels
    readonly connectionChangedAt: string | undefined
  },
  row: ProfileRow | undefined,
): { readonly description?: string } {
  const isMarked = connectionChangedAt !== undefined || Object.keys(labels).length > 0
  if (description === undefined && !isMarked) return {}
  const now = readDescription(row?.description)
  const text = description === undefined ? now.text : (description ?? '')
  const marked = { ...now, text, labels: { ...now.labels, ...labels } }
  return {
    description: writeDescription(connectionChangedAt === undefined ? marked : { ...marked, connectionChangedAt }),
  }
}

/** The password itself, or why it cannot be had. No message says more than the name of the secret. */
async function secretOf(
  profile: DesiredProfile,
  field: PasswordField,
  label: string,
  resolveSecret: ResolveSecret,
): Promise<string | Reason> {
  const password = profile[field]
  if (password?.version !== label) {
    return { code: 'Moved', message: 'the spec names another version of the password than the plan' }
  }
  try {
    return await resolveSecret(password.secret)
  } catch {
    return {
      code: 'SecretUnavailable',
      message: `the secret "${password.secret}" could not be read; check the secrets of the runtime configuration`,
    }
  }
}
