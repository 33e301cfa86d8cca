// The settings in comparable form. A field is called as the spec spells its path, so that a plan, a journal and a file say the same.
import type { DefaultMethods, OrganizationRow, SettingsColumns } from '../../crm/rows.ts'
import type { DesiredSettings } from '../../spec/desired.ts'

/** Fields that are one column each, by the column's name in the client. */
export const COLUMNS = {
  'alerts.errors': 'alertsForErrors',
  'alerts.warnings': 'alertsForWarnings',
  'alerts.information': 'alertsForInformation',
  notifyMailboxOwner: 'notifyMailboxOwner',
  'tracking.correlation': 'correlation',
  'tracking.smartMatching': 'smartMatching',
  'tracking.internalEmail': 'internalEmail',
  'tracking.folderLevel': 'folderLevelTracking',
  'tracking.maximumFolderMappings': 'maximumFolderMappings',
  'tracking.token.prefix': 'tokenPrefix',
  'tracking.token.base': 'tokenBase',
  'tracking.token.digits': 'tokenDigits',
  'tracking.token.maximumNumber': 'tokenMaximumNumber',
  secureIframe: 'secureIframe',
  allowUnresolvedRecipients: 'allowUnresolvedRecipients',
  unresolveWhenSeveralMatch: 'unresolveWhenSeveralMatch',
  resolveSimilarAddresses: 'resolveSimilarAddresses',
  maximumAttachmentKilobytes: 'maximumAttachmentKilobytes',
} as const satisfies Readonly<Record<string, keyof SettingsColumns>>

type ColumnField = keyof typeof COLUMNS
type ColumnFields = { readonly [F in ColumnField]?: Exclude<SettingsColumns[(typeof COLUMNS)[F]], undefined> }

/** The fields that stand in one text of CRM. */
export const METHODS = ['incoming', 'outgoing', 'appointmentsContactsTasks'] as const satisfies (keyof DefaultMethods)[]

/** E-mail settings in comparable form. A field is absent where this build of CRM has no such column, or where it is not managed. */
export type SettingsShape = ColumnFields & {
  readonly processEmailsUsing?: string
  /** The profile as people call it, see `ProfileDirectory`; null for none. */
  readonly defaultProfile?: string | null
  /** Null where CRM has nothing set. */
  readonly incoming?: string | null
  readonly outgoing?: string | null
  readonly appointmentsContactsTasks?: string | null
  readonly 'requireApproval.users'?: boolean
  readonly 'requireApproval.queues'?: boolean
}

/** The spec and CRM's form call the old way by different words. */
const CHANNELS = { Router: 'EmailRouter' } as const

/** A row in comparable form; `nameOf` calls a profile by its name. */
export function shapeOfRow(row: OrganizationRow, nameOf: (profileId: string) => string): SettingsShape {
  const { defaultProfileId, connectionChannel, requireApproval, defaultMethods } = row
  const columns = Object.entries(COLUMNS).map(([field, column]) => [field, row[column]] as const)
  return {
    processEmailsUsing: connectionChannel === 'Router' ? CHANNELS.Router : connectionChannel,
    defaultProfile: defaultProfileId === null ? null : nameOf(defaultProfileId),
    ...defaultMethods?.methods,
    'requireApproval.users': requireApproval.users,
    'requireApproval.queues': requireApproval.queues,
    ...(Object.fromEntries(columns.filter(([, value]) => value !== undefined)) as ColumnFields),
  }
}

/** What the spec asks for in comparable form: only what it names. `nameOf` calls a profile of the spec by its name in CRM. */
export function shapeOfWish(settings: DesiredSettings, nameOf: (profile: string) => string): SettingsShape {
  const { name: _, origin: __, originOf: ___, defaultProfile, ...fields } = settings
  return {
    ...(Object.fromEntries(flattened(fields, '')) as SettingsShape),
    ...(defaultProfile !== undefined && { defaultProfile: nameOf(defaultProfile) }),
  }
}

function flattened(value: object, path: string): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'object' && inner !== null
      ? flattened(inner, `${path}${name}.`)
      : inner === undefined
        ? []
        : [[`${path}${name}`, inner] as const],
  )
}
