import type { ProfilePatch } from '../../crm/organization.ts'
import type { ProfileRow } from '../../crm/rows.ts'
import type { Assignment, Reason } from '../../engine/index.ts'
import type { DesiredProfile } from '../../spec/desired.ts'
import { isOwner, type OwnerDirectory } from '../owner-directory.ts'
import { profileId } from '../stable-id.ts'
import type { Prepared } from '../write.ts'
import { type PasswordField, type PasswordLabels, readDescription, writeDescription } from './password-marker.ts'
import type { ProfileShape } from './shape.ts'

/** The value of a secret of the runtime configuration. Asked at the moment of writing; the value goes nowhere but to the writer. */
export type ResolveSecret = (name: string) => Promise<string>

/** A change as an operation. The identifier of a new profile follows from organization and display name. */
export async function prepareProfile(
  { change, fields, row }: Assignment<ProfileShape, ProfileRow>,
  profile: DesiredProfile,
  organizationId: string,
  owners: OwnerDirectory,
  resolveSecret: ResolveSecret,
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
    ...describe(description, labels, row?.ref),
  }
  if (row) return { ref: change.id, kind: 'update-profile', id: row.ref.id, patch }
  return { ref: change.id, kind: 'create-profile', id: profileId(organizationId, profile.displayName), patch }
}

/** The description to write: what is asked for, or what is there, with the labels of the passwords as they will be. */
function describe(
  description: string | null | undefined,
  labels: PasswordLabels,
  row: ProfileRow | undefined,
): { readonly description?: string } {
  if (description === undefined && Object.keys(labels).length === 0) return {}
  const now = readDescription(row?.description)
  const text = description === undefined ? now.text : (description ?? '')
  return { description: writeDescription({ text, labels: { ...now.labels, ...labels } }) }
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
