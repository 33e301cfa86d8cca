import { STEP_RESULT } from '../options.ts'
import type { TableColumns } from '../probe.ts'
import { profileCodecs, profileFields, readProfileFields } from '../profile-fields.ts'
import type { ProfileRow } from '../rows.ts'
import { LOOKUP_ANNOTATION } from '../wire/headers.ts'
import type { Table } from './table.ts'
import { flagOr, lookup, type Raw, requiredNumber, requiredText, time, Undecodable } from './values.ts'

const OWNER_TYPE = `_ownerid_value@${LOOKUP_ANNOTATION}`
const ESSENTIAL = ['name', '_ownerid_value', 'statecode']

/** Email server profiles as this build has them. A field whose column the metadata does not show is absent from the rows. */
export function profileTable(columns: TableColumns | undefined, online: boolean): Table<ProfileRow> {
  const codecs = profileCodecs(online)
  const has = (column: string) => columns?.readable.has(column) ?? false
  return {
    name: 'emailserverprofile',
    entitySet: 'emailserverprofiles',
    key: 'emailserverprofileid',
    essential: ESSENTIAL,
    optional: [
      ...profileFields(codecs)
        .map((field) => codecs[field].column)
        .filter((column) => !ESSENTIAL.includes(column)),
      'isincomingpasswordset',
      'isoutgoingpasswordset',
      ...CONNECTION_TEST,
      'modifiedon',
      '_modifiedby_value',
    ],
    annotated: true,
    decode(raw, id) {
      const ownerId = lookup(raw['_ownerid_value'], 'ownerid')
      if (ownerId === null) throw new Undecodable('ownerid', 'null')
      return {
        ...readProfileFields(raw, codecs, has),
        id,
        displayName: requiredText(raw['name'], 'name'),
        ownerId,
        ownerType: ownerTypeOf(raw),
        active: requiredNumber(raw['statecode'], 'statecode') === 0,
        incomingPasswordSet: flagOr(false, raw['isincomingpasswordset'], 'isincomingpasswordset'),
        outgoingPasswordSet: flagOr(false, raw['isoutgoingpasswordset'], 'isoutgoingpasswordset'),
        ...connectionTestOf(raw),
        modifiedOn: time(raw['modifiedon'], 'modifiedon'),
        modifiedById: lookup(raw['_modifiedby_value'], 'modifiedby'),
      }
    },
  }
}

/** What a test of the connection leaves in the profile (Microsoft, entity reference: emailserverprofile). */
const CONNECTION_TEST = [
  'lastteststarttime',
  'lasttestvalidationstatus',
  'lastauthorizationstatus',
  'lasttestexecutionstatus',
  'lastcrmmessage',
] as const

const LONGEST_MESSAGE = 200

/** It only advises: a value that cannot be read is none, and never makes a profile unreadable. */
function connectionTestOf(raw: Raw): Pick<ProfileRow, 'connectionTest'> {
  const step = (column: string) => STEP_RESULT.word(raw[column]) ?? null
  const startedOn = raw['lastteststarttime']
  const connection = step('lasttestvalidationstatus')
  const authorization = step('lastauthorizationstatus')
  const mailboxAccess = step('lasttestexecutionstatus')
  const hasResult = (connection ?? authorization ?? mailboxAccess) !== null
  if (typeof startedOn !== 'string' || startedOn.startsWith('1900-01-01') || !hasResult) return {}
  const said = raw['lastcrmmessage']
  const message =
    typeof said === 'string'
      ? said
          .slice(0, LONGEST_MESSAGE)
          .replaceAll(/[\p{Cc}\s]+/gu, ' ')
          .trim()
      : ''
  return {
    connectionTest: { startedOn, connection, authorization, mailboxAccess, message: message === '' ? null : message },
  }
}

function ownerTypeOf(raw: Raw): ProfileRow['ownerType'] {
  const type = raw[OWNER_TYPE]
  if (type === 'systemuser') return 'User'
  return type === 'team' ? 'Team' : null
}
