// The columns of System Settings > Email and our names for them, once, for reading and for writing (Microsoft, entity reference:
// organization). Units and directions are ours behind this file: kilobytes, and a switch that says what is tracked, not what is ignored.
import { type Codec, FLAG, NUMBER, TEXT } from './codecs.ts'
import { optionalNumber, type Raw } from './read/values.ts'
import type { SettingsColumns } from './rows.ts'

/** The fields that are one column each. */
export type SettingsField = keyof SettingsColumns

type Value<F extends SettingsField> = Exclude<SettingsColumns[F], undefined>

type Codecs = { readonly [F in SettingsField]: { readonly column: string; readonly codec: Codec<Value<F>> } }

/** The column says what is ignored, the box of the form and we say what is tracked (Microsoft, System Settings dialog box: Email tab). */
const INVERTED: Codec<boolean> = {
  read(value, column) {
    const ignored = FLAG.read(value, column)
    return ignored === undefined ? undefined : !ignored
  },
  write: (value) => !value,
}
const BYTES_PER_KILOBYTE = 1024
/** The column holds bytes, the form shows kilobytes. A number of bytes that is no whole number of kilobytes stays a fraction. */
const KILOBYTES: Codec<number | null> = {
  read(value, column) {
    const bytes = optionalNumber(value, column)
    return bytes === null ? null : bytes / BYTES_PER_KILOBYTE
  },
  write: (value) => (value === null ? null : value * BYTES_PER_KILOBYTE),
}

const CODECS: Codecs = {
  alertsForErrors: { column: 'generatealertsforerrors', codec: FLAG },
  alertsForWarnings: { column: 'generatealertsforwarnings', codec: FLAG },
  alertsForInformation: { column: 'generatealertsforinformation', codec: FLAG },
  notifyMailboxOwner: { column: 'notifymailboxownerofemailserverlevelalerts', codec: FLAG },
  correlation: { column: 'emailcorrelationenabled', codec: FLAG },
  smartMatching: { column: 'enablesmartmatching', codec: FLAG },
  internalEmail: { column: 'ignoreinternalemail', codec: INVERTED },
  folderLevelTracking: { column: 'isfolderbasedtrackingenabled', codec: FLAG },
  maximumFolderMappings: { column: 'maxfolderbasedtrackingmappings', codec: NUMBER },
  tokenPrefix: { column: 'trackingprefix', codec: TEXT },
  tokenBase: { column: 'trackingtokenidbase', codec: NUMBER },
  tokenDigits: { column: 'trackingtokeniddigits', codec: NUMBER },
  tokenMaximumNumber: { column: 'maximumtrackingnumber', codec: NUMBER },
  secureIframe: { column: 'rendersecureiframeforemail', codec: FLAG },
  allowUnresolvedRecipients: { column: 'allowunresolvedpartiesonemailsend', codec: FLAG },
  unresolveWhenSeveralMatch: { column: 'unresolveemailaddressifmultiplematch', codec: FLAG },
  resolveSimilarAddresses: { column: 'resolvesimilarunresolvedemailaddress', codec: FLAG },
  maximumAttachmentKilobytes: { column: 'maxuploadfilesize', codec: KILOBYTES },
}

const FIELDS = Object.keys(CODECS) as readonly SettingsField[]

/** All columns of the table. */
export const SETTINGS_COLUMNS: readonly string[] = FIELDS.map((field) => CODECS[field].column)

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The fields of one row; a column that `has` denies, and an empty switch, are left out. Throws Undecodable. */
export function readSettingsFields(raw: Raw, has: (column: string) => boolean): SettingsColumns {
  const fields: Mutable<SettingsColumns> = {}
  for (const field of FIELDS) if (has(CODECS[field].column)) readField(field, raw, fields)
  return fields
}

function readField<F extends SettingsField>(field: F, raw: Raw, into: Mutable<SettingsColumns>): void {
  const { column, codec } = CODECS[field]
  const value = codec.read(raw[column], column)
  if (value !== undefined) into[field] = value
}

/** Columns and values of the fields that are there. */
export function writeSettingsFields(fields: SettingsColumns): Record<string, string | number | boolean | null> {
  const body: Record<string, string | number | boolean | null> = {}
  for (const field of FIELDS) writeField(field, fields, body)
  return body
}

function writeField<F extends SettingsField>(
  field: F,
  fields: SettingsColumns,
  body: Record<string, string | number | boolean | null>,
): void {
  const value = fields[field]
  if (value === undefined) return
  const { column, codec } = CODECS[field]
  body[column] = codec.write(value as Value<F>)
}
