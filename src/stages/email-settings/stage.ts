// System Settings > Email: one object per organization. The defaults in it are for mailboxes that CRM makes from then on; existing mailboxes
// do not follow (Microsoft, System Settings dialog box: Email tab), they follow the sets of the spec.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { Dependency, Key, Observed, Projection, Reason, Stage, Wish } from '../../engine/index.ts'
import type { DesiredOrganization, DesiredSettings, Origin } from '../../spec/desired.ts'
import { missingColumns, noSuchColumn } from '../missing-columns.ts'
import { profileDirectory } from '../profiles/profile-directory.ts'
import { SETTINGS_KEY, STAGE_NAMES } from '../stage-names.ts'
import { write } from '../write.ts'
import { explainSettings } from './explain.ts'
import { LABEL, SETTINGS_RULES } from './fields.ts'
import { prepare, type Ref } from './prepare.ts'
import { METHODS, type SettingsShape, shapeOfRow, shapeOfWish } from './shape.ts'
import { silencedBy, silencing } from './silenced.ts'

type SettingsStage = Stage<DesiredOrganization, SettingsShape, OrganizationReader, OrganizationWriter, Ref>

const NAME = STAGE_NAMES.emailSettings

/** Where the default methods are told that could not be understood; they are left out of the settings themselves then. */
const METHODS_KEY = 'default-methods'

/** The e-mail settings of the organization. */
export const emailSettings: SettingsStage = {
  name: NAME,
  kind: 'EmailSettings',
  noun: { one: 'set of e-mail settings', many: 'e-mail settings' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: SETTINGS_RULES,
  async observe(context) {
    const { reader, desired, signal } = context
    const [organization, profiles] = await Promise.all([
      reader.organization(signal),
      profileDirectory(reader, desired, signal),
    ])
    // What nobody asks for is not told as something that mailkeel leaves alone: there is no organization without it.
    if (desired.settings === undefined) return { complete: true, rows: new Map(), unknown: new Map() }
    const fields = shapeOfRow(organization, profiles.nameOf)
    const ref = { organization, silenced: await silencedBy(context, fields) }
    const row: Observed<SettingsShape, Ref> = { fields, ref, label: LABEL }
    const fault = organization.defaultMethods?.notUnderstood
    return {
      complete: true,
      rows: new Map([[SETTINGS_KEY, row]]),
      unknown: new Map(fault === undefined ? [] : [[METHODS_KEY, notUnderstood(fault)]]),
    }
  },
  desire: wishesOf,
  // CRM has exactly one row of it; a read without one has thrown.
  absent: () => ({ code: 'NotObserved', message: 'the settings of the organization were not observed' }),
  consequences: (_key, fields, _wish, row, context) => silencing(fields, row?.ref.silenced, context),
  record: ({ ref }) => ref && { table: 'organization', id: ref.organization.id },
  explain: explainSettings,
  async *apply({ writer, reader, desired, signal }, assignments) {
    const profiles = await profileDirectory(reader, desired, signal)
    yield* write(
      writer,
      assignments.map((assignment) => prepare(assignment, desired, profiles)),
      signal,
    )
  },
}

function notUnderstood(fault: string): Reason {
  return {
    code: 'DefaultMethodsNotUnderstood',
    message: `the text in which CRM keeps the methods of new mailboxes is not understood and not changed: ${fault}; save System Settings > Email once by hand`,
  }
}

function* wishesOf(
  desired: DesiredOrganization,
  projection: Projection,
): Generator<readonly [Key, Wish<SettingsShape>]> {
  const { settings, profiles } = desired
  if (settings === undefined) return
  const wished = shapeOfWish(settings, (name) => profiles.get(name)?.displayName ?? name)
  const read = projection.read(NAME)
  const row = read?.complete ? read.rows.get(SETTINGS_KEY) : undefined
  const isClear = !read?.complete || !read.unknown.has(METHODS_KEY)
  const fields = isClear ? wished : without(wished, METHODS)
  const origin = originOf(settings, fields, row)
  const wish: Wish<SettingsShape> = {
    ensure: 'present',
    fields,
    label: LABEL,
    origin,
    needs: needsOf(settings, wished, row),
  }
  const missing = row ? missingColumns(fields, row.fields) : []
  yield [SETTINGS_KEY, missing.length > 0 ? { ...wish, unclear: noSuchColumn(missing) } : wish]
  const methods = without(wished, Object.keys(SETTINGS_RULES).filter(isNoMethod))
  if (isClear || Object.keys(methods).length === 0) return
  const label = 'methods of new mailboxes'
  yield [METHODS_KEY, { ensure: 'present', fields: methods, label, origin: settings.origin }]
}

function isNoMethod(field: string): boolean {
  return !METHODS.some((method) => method === field)
}

function without(fields: SettingsShape, names: readonly string[]): SettingsShape {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !names.includes(field))) as SettingsShape
}

/** Where the first field was written that is to change; the document where none is. */
function originOf(settings: DesiredSettings, fields: SettingsShape, row: Observed | undefined): Origin {
  const first = Object.entries(fields).find(([field, value]) => row !== undefined && row.fields[field] !== value)
  return first === undefined ? settings.origin : settings.originOf(first[0])
}

/** The profile is needed where it is to become the default, and by nothing else. */
function needsOf(
  { defaultProfile }: DesiredSettings,
  wished: SettingsShape,
  row: Observed | undefined,
): readonly Dependency[] {
  const isDefault = row?.fields['defaultProfile'] === wished.defaultProfile
  return defaultProfile === undefined || isDefault
    ? []
    : [{ stage: STAGE_NAMES.emailServerProfile, key: defaultProfile }]
}
