import type { OrganizationPatch } from '../../crm/organization.ts'
import type { DefaultMethods, OrganizationRow, SettingsColumns } from '../../crm/rows.ts'
import type { Assignment } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { ProfileDirectory } from '../profiles/profile-directory.ts'
import type { Prepared } from '../write.ts'
import { COLUMNS, METHODS, type SettingsShape } from './shape.ts'
import type { Silenced } from './silenced.ts'

/** What is kept of a read for writing and for telling. */
export interface Ref {
  readonly organization: OrganizationRow
  readonly silenced: Silenced
}

/** A change as an operation; the columns that differ and no others. */
export function prepare(
  { change, fields, row }: Assignment<SettingsShape, Ref>,
  desired: DesiredOrganization,
  profiles: ProfileDirectory,
): Prepared {
  const organization = row?.ref.organization
  if (!organization)
    return { ref: change.id, refused: { code: 'NotFound', message: 'the organization was not observed' } }
  const { defaultProfile } = fields
  const profileId =
    defaultProfile === undefined ? undefined : profiles.rows.get(desired.settings?.defaultProfile ?? '')?.id
  if (defaultProfile !== undefined && profileId === undefined) {
    const message = `the profile "${defaultProfile ?? ''}" is not in CRM`
    return { ref: change.id, refused: { code: 'ProfileNotFound', message } }
  }
  const patch: OrganizationPatch = {
    ...columnsOf(fields),
    ...(profileId !== undefined && { defaultProfileId: profileId }),
    ...switchesOf(fields),
    ...methodsOf(fields, organization),
  }
  return { ref: change.id, kind: 'update-organization', id: organization.id, patch }
}

function columnsOf(fields: Partial<SettingsShape>): SettingsColumns {
  const columns = Object.entries(COLUMNS).map(([field, column]) => [column, fields[field as keyof typeof COLUMNS]])
  return Object.fromEntries(columns.filter(([, value]) => value !== undefined)) as SettingsColumns
}

function switchesOf(fields: Partial<SettingsShape>): OrganizationPatch {
  const { processEmailsUsing, 'requireApproval.users': users, 'requireApproval.queues': queues } = fields
  const isRequired = { ...(users !== undefined && { users }), ...(queues !== undefined && { queues }) }
  return {
    ...(processEmailsUsing !== undefined && {
      connectionChannel: processEmailsUsing === 'EmailRouter' ? 'Router' : 'ServerSideSync',
    }),
    ...(Object.keys(isRequired).length > 0 && { requireApproval: isRequired }),
  }
}

/** The methods go into the text as it was read just before, so that nothing somebody else put there is lost. */
function methodsOf(fields: Partial<SettingsShape>, { defaultMethods }: OrganizationRow): OrganizationPatch {
  const methods = Object.fromEntries(
    METHODS.filter((method) => fields[method] !== undefined).map((method) => [method, fields[method]]),
  ) as Partial<DefaultMethods>
  if (Object.keys(methods).length === 0) return {}
  return { defaultMethods: { text: defaultMethods?.text ?? null, methods } }
}
