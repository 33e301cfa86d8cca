// What the server checks of the columns in a request before any rule of a table is asked: they exist, may be written, fit their limits,
// and references name rows that exist.
import type { ColumnDefinition, TableDefinition } from '../definitions/index.ts'
import type { Row, Value } from '../world.ts'
import { dateText } from './clock.ts'
import type { Core } from './core.ts'
import * as faults from './faults.ts'
import { isReference, referenceTo } from './row-values.ts'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/

/**
 * The columns of a request as they are to be stored: dates in one form, empty texts as null, secrets replaced by the flag that one is
 * set, read-only columns dropped where the server ignores them. Throws CrmFault.
 */
export function checkColumns(
  core: Core,
  table: TableDefinition,
  message: 'create' | 'update',
  columns: Readonly<Row>,
): Row {
  const checked: Row = {}
  for (const [name, value] of Object.entries(columns)) {
    const column = table.attributes.get(name)
    if (column === undefined) throw faults.unknownColumn(table.name, name)
    if (!column[message]) {
      if (core.switches.readOnlyColumn === 'refuse') throw faults.readOnlyColumn(table.name, name, message)
      continue
    }
    const stored = checkValue(core, table, column, value)
    if (isSecret(column)) checked[`is${name}set`] = stored !== null
    else checked[name] = stored
  }
  return checked
}

/** A column that can be written and never read. */
function isSecret(column: ColumnDefinition): boolean {
  return !column.read && (column.create || column.update)
}

function checkValue(core: Core, table: TableDefinition, column: ColumnDefinition, value: Value): Value {
  const stored = value === '' ? null : value
  if (stored === null) {
    if (column.required === 'SystemRequired') throw faults.cannotBeNull(table.name, column.name)
    return null
  }
  switch (column.type) {
    case 'Lookup':
    case 'Owner':
      return checkReference(core, table, column, stored)
    case 'String':
    case 'Memo':
      return checkText(table, column, stored)
    case 'Boolean':
      if (typeof stored !== 'boolean') throw faults.wrongType(table.name, column.name, 'Edm.Boolean')
      return stored
    case 'Integer':
    case 'BigInt':
      return checkInteger(table, column, stored)
    case 'Picklist':
    case 'State':
    case 'Status':
      return checkOption(table, column, stored)
    case 'DateTime':
      return checkDate(table, column, stored)
    case 'Uniqueidentifier':
      if (typeof stored !== 'string' || !GUID.test(stored)) throw faults.wrongType(table.name, column.name, 'Edm.Guid')
      return stored.toLowerCase()
    default:
      if (typeof stored !== 'string') throw faults.wrongType(table.name, column.name, 'Edm.String')
      return stored
  }
}

function checkReference(core: Core, table: TableDefinition, column: ColumnDefinition, value: Value): Value {
  if (!isReference(value)) throw faults.unknownColumn(table.name, column.name)
  if (!column.targets?.includes(value.entity)) {
    throw faults.wrongType(table.name, column.name, `reference to ${column.targets?.join(' or ') ?? 'nothing'}`)
  }
  const id = value.id.toLowerCase()
  if (core.store.get(value.entity, id) === undefined) throw faults.doesNotExist(value.entity, id)
  return referenceTo(value.entity, id)
}

function checkText(table: TableDefinition, column: ColumnDefinition, value: Value): Value {
  if (typeof value !== 'string') throw faults.wrongType(table.name, column.name, 'Edm.String')
  if (column.maxLength !== undefined && value.length > column.maxLength) {
    throw faults.tooLong(table.name, column.name, column.maxLength)
  }
  return value
}

function checkInteger(table: TableDefinition, column: ColumnDefinition, value: Value): Value {
  const expected = column.type === 'BigInt' ? 'Edm.Int64' : 'Edm.Int32'
  if (typeof value !== 'number' || !Number.isInteger(value)) throw faults.wrongType(table.name, column.name, expected)
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = column
  if (value < min || value > max) throw faults.outOfRange(table.name, column.name)
  return value
}

function checkOption(table: TableDefinition, column: ColumnDefinition, value: Value): Value {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw faults.wrongType(table.name, column.name, 'Edm.Int32')
  const accepted = (column.options ?? []).map((option) => option.value)
  if (!accepted.includes(value)) throw faults.unknownOption(table.name, column.name, value, accepted)
  return value
}

function checkDate(table: TableDefinition, column: ColumnDefinition, value: Value): Value {
  const moment = typeof value === 'string' && DATE.test(value) ? Date.parse(inUtc(value)) : Number.NaN
  if (Number.isNaN(moment)) throw faults.wrongType(table.name, column.name, 'Edm.DateTimeOffset')
  const text = dateText(moment)
  return column.format === 'DateOnly' ? `${text.slice(0, 10)}T00:00:00Z` : text
}

/** A time without offset would be read as local time. */
function inUtc(text: string): string {
  return text.includes('T') && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text
}
