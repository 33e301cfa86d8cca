import { readDefaultMethods } from '../default-methods.ts'
import { CONNECTION_CHANNEL } from '../options.ts'
import { readSettingsFields, SETTINGS_COLUMNS } from '../organization-fields.ts'
import type { TableColumns } from '../probe.ts'
import type { OrganizationRow } from '../rows.ts'
import type { Table } from './table.ts'
import { lookup, optionalText, requiredFlag, requiredOption } from './values.ts'

const DEFAULT_METHODS = 'defaultemailsettings'

/**
 * The one row of the organization as this build has it (Microsoft, entity reference: organization). A field whose column the metadata does
 * not show is absent from the row.
 */
export function organizationTable(columns: TableColumns | undefined): Table<OrganizationRow> {
  const has = (column: string) => columns?.readable.has(column) ?? false
  return {
    name: 'organization',
    entitySet: 'organizations',
    key: 'organizationid',
    essential: [
      '_defaultemailserverprofileid_value',
      'emailconnectionchannel',
      'requireapprovalforuseremail',
      'requireapprovalforqueueemail',
    ],
    optional: [DEFAULT_METHODS, ...SETTINGS_COLUMNS],
    annotated: false,
    decode(raw, id) {
      return {
        ...readSettingsFields(raw, has),
        id,
        defaultProfileId: lookup(raw['_defaultemailserverprofileid_value'], 'defaultemailserverprofileid'),
        ...(has(DEFAULT_METHODS) && {
          defaultMethods: readDefaultMethods(optionalText(raw[DEFAULT_METHODS], DEFAULT_METHODS)),
        }),
        connectionChannel: requiredOption(CONNECTION_CHANNEL, raw['emailconnectionchannel'], 'emailconnectionchannel'),
        requireApproval: {
          users: requiredFlag(raw['requireapprovalforuseremail'], 'requireapprovalforuseremail'),
          queues: requiredFlag(raw['requireapprovalforqueueemail'], 'requireapprovalforqueueemail'),
        },
      }
    },
  }
}
