import type { AttributeDefinition, EntityDefinition, Row, Value } from '../../world.ts'
import { isLookup } from '../query/properties.ts'
import type { Call } from '../service/call.ts'
import { boundReference } from './binding.ts'
import { invalid } from './body.ts'

const BIND = '@odata.bind'

/**
 * Turns the members of a request body into columns. Throws 400 for unknown properties, wrong JSON types and lookups that are not bound.
 * Whether a column may be written, and its limits, is for the world to say.
 */
export function columnsOf(call: Call, definition: EntityDefinition, body: Readonly<Record<string, unknown>>): Row {
  const columns: Row = {}
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith(BIND)) {
      const [column, reference] = boundReference(call, definition, name.slice(0, -BIND.length), value)
      columns[column] = reference
    } else if (!name.includes('@')) {
      columns[name] = columnValue(attributeNamed(definition, name), value)
    }
  }
  return columns
}

/** The attribute a body may name directly. Throws 400 for unknown ones and for lookups, which want a binding. */
export function attributeNamed(definition: EntityDefinition, name: string): AttributeDefinition {
  const attribute = definition.attributes.get(name)
  const navigation = definition.navigation.has(name) || definition.collections.has(name)
  if (attribute !== undefined && !isLookup(attribute) && !navigation && attribute.type !== 'EntityName')
    return attribute
  if (/^_.+_value$/.test(name) || navigation) {
    throw invalid(
      `CRM do not support direct update of Entity Reference properties, Use Navigation properties instead. (${name})`,
    )
  }
  throw invalid(
    `The property '${name}' does not exist on type 'Microsoft.Dynamics.CRM.${definition.name}'. Make sure to only use property names that are defined by the type.`,
  )
}

/** A JSON value as the column stores it. Throws 400 where the JSON type does not fit. */
export function columnValue(attribute: AttributeDefinition, value: unknown): Value {
  if (value === null) return null
  switch (attribute.type) {
    case 'String':
    case 'Memo':
    case 'Image':
      if (typeof value === 'string') return value
      break
    case 'Boolean':
      if (typeof value === 'boolean') return value
      break
    case 'DateTime':
      if (typeof value === 'string' && DATE_TIME_OFFSET.test(value) && !Number.isNaN(Date.parse(value))) {
        return `${new Date(value).toISOString().slice(0, 19)}Z`
      }
      break
    case 'Uniqueidentifier':
      if (typeof value === 'string' && GUID.test(value)) return value.toLowerCase()
      break
    case 'BigInt':
      if (Number.isSafeInteger(value)) return Number(value)
      break
    default:
      if (Number.isInteger(value) && Math.abs(Number(value)) <= 2147483648) return Number(value)
  }
  throw invalid(
    `Cannot convert the value of '${attribute.name}' to the expected type '${EDM_TYPES[attribute.type] ?? 'Edm.Int32'}'.`,
  )
}

const DATE_TIME_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const EDM_TYPES: Readonly<Record<string, string>> = {
  String: 'Edm.String',
  Memo: 'Edm.String',
  Image: 'Edm.Binary',
  Boolean: 'Edm.Boolean',
  DateTime: 'Edm.DateTimeOffset',
  Uniqueidentifier: 'Edm.Guid',
  BigInt: 'Edm.Int64',
}
