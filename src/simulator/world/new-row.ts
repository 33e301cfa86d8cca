import type { TableDefinition } from '../definitions/index.ts'
import type { EntityName, Reference, Row } from '../world.ts'
import { type Core, tableIn } from './core.ts'
import { referenceTo } from './row-values.ts'

const initialRows = new WeakMap<TableDefinition, Readonly<Row>>()

/** Every readable column of a table with the value a new row starts with, so that all rows of a table have the same shape. */
export function initialRow(table: TableDefinition): Readonly<Row> {
  const known = initialRows.get(table)
  if (known !== undefined) return known
  const columns = [...table.attributes.values()].filter((column) => column.read)
  const row = Object.fromEntries(columns.map((column) => [column.name, column.initial]))
  initialRows.set(table, row)
  return row
}

/** The columns the server fills in on every new row: key, owner, organization, times. */
export function standardColumns(core: Core, entity: EntityName, id: string, by: Reference, owner?: Reference): Row {
  const table = tableIn(core, entity)
  const now = core.clock.nowText()
  const columns: Row = { [table.primaryId]: id }
  const set = (name: string, value: Row[string]) => {
    if (table.attributes.has(name)) columns[name] = value
  }
  set('createdon', now)
  set('modifiedon', now)
  set('createdby', by)
  set('modifiedby', by)
  set('organizationid', organizationValue(core, table))
  if (owner !== undefined) for (const [name, value] of Object.entries(ownerColumns(owner))) set(name, value)
  return columns
}

/** The columns that name the owner of a row. */
export function ownerColumns(owner: Reference): Row {
  return {
    ownerid: owner,
    owninguser: owner.entity === 'systemuser' ? owner : null,
    owningteam: owner.entity === 'team' ? owner : null,
  }
}

/** On users the column is a plain Guid, everywhere else a lookup. */
function organizationValue(core: Core, table: TableDefinition): Row[string] {
  const isLookup = table.attributes.get('organizationid')?.type === 'Lookup'
  return isLookup ? referenceTo('organization', core.organizationId) : core.organizationId
}
