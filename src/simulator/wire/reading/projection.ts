// Rows become JSON text directly: a page has 5,000 of them and a table 100,000, so what does not depend on the row is prepared once.

import type { EntityDefinition, Row, Value } from '../../world.ts'
import type { Expansion } from '../query/expand.ts'
import { type Property, propertiesOf, propertyNamed } from '../query/properties.ts'
import { type Call, definitionOf, etagOf } from '../service/call.ts'
import { formattedValue } from './formatted.ts'

/** What of a row is wanted: names of `$select` (undefined: all), expansions, and which annotations. */
export interface Shape {
  readonly select: readonly string[] | undefined
  readonly expansions: readonly Expansion[]
  readonly annotations: (name: string) => boolean
}

/** Writes a row as a JSON object. */
export type Projection = (row: Readonly<Row>) => string

const FORMATTED = 'OData.Community.Display.V1.FormattedValue'
const LOOKUP_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname'
const LOOKUP_NAVIGATION = 'Microsoft.Dynamics.CRM.associatednavigationproperty'

/** Compiles a shape. Throws 400 for an unknown property. The key is always part of the answer, after the selected properties. */
export function compileProjection(call: Call, definition: EntityDefinition, shape: Shape): Projection {
  const members = selectedProperties(definition, shape.select).map((property) =>
    compileProperty(call, definition, property, shape.annotations),
  )
  const expansions = shape.expansions.map((expansion) => compileExpansion(call, definition, expansion, shape))
  return (row) => {
    let text = `{"@odata.etag":${JSON.stringify(etagOf(row))}`
    for (const member of members) text += member(row)
    for (const expansion of expansions) text += expansion(row)
    return `${text}}`
  }
}

/** The names of a projection in `@odata.context`, for example `(name,mailboxid)`; empty without `$select`. */
export function contextSelection(shape: Shape): string {
  const names = [...(shape.select ?? [])]
  for (const { navigation, select } of shape.expansions) names.push(`${navigation}(${(select ?? []).join(',')})`)
  return names.length === 0 ? '' : `(${names.join(',')})`
}

function selectedProperties(definition: EntityDefinition, select: readonly string[] | undefined): readonly Property[] {
  if (select === undefined || select.includes('*')) return [...propertiesOf(definition).values()]
  const properties = select.map((name) => propertyNamed(definition, name))
  if (!select.includes(definition.primaryId)) properties.push(propertyNamed(definition, definition.primaryId))
  return properties
}

function compileProperty(
  call: Call,
  definition: EntityDefinition,
  property: Property,
  annotations: (name: string) => boolean,
): Projection {
  const { column, name } = property
  const label = `,${JSON.stringify(name)}:`
  const write = property.lookup ? lookupText : (WRITERS[property.attribute.type] ?? plainText)
  const plain = (row: Readonly<Row>) => label + write(row[column] ?? null)
  const formatted = annotations(FORMATTED)
  const links = property.lookup && (annotations(LOOKUP_TABLE) || annotations(LOOKUP_NAVIGATION))
  if (!formatted && !links) return plain
  return (row) => {
    const value = row[column] ?? null
    let text = ''
    if (links) text += lookupAnnotations(definition, property, value, annotations)
    const words =
      formatted && property.attribute.type !== 'EntityName'
        ? formattedValue(call.world, property.attribute, value)
        : undefined
    if (words !== undefined) text += `,${JSON.stringify(`${name}@${FORMATTED}`)}:${JSON.stringify(words)}`
    return text + plain(row)
  }
}

function lookupAnnotations(
  definition: EntityDefinition,
  property: Property,
  value: Value,
  annotations: (name: string) => boolean,
): string {
  if (value === null || typeof value !== 'object') return ''
  let text = ''
  const navigation = navigationFor(definition, property.column, value.entity)
  if (navigation !== undefined && annotations(LOOKUP_NAVIGATION)) {
    text += `,"${property.name}@${LOOKUP_NAVIGATION}":"${navigation}"`
  }
  if (annotations(LOOKUP_TABLE)) text += `,"${property.name}@${LOOKUP_TABLE}":"${value.entity}"`
  return text
}

function navigationFor(definition: EntityDefinition, column: string, entity: string): string | undefined {
  for (const [name, { column: of, target }] of definition.navigation) {
    if (of === column && (target === entity || target === 'principal')) return name
  }
  return undefined
}

function compileExpansion(call: Call, definition: EntityDefinition, expansion: Expansion, shape: Shape): Projection {
  const { navigation, select } = expansion
  const hop = definition.navigation.get(navigation)
  if (hop === undefined) throw new Error(`no navigation property ${navigation}`)
  const label = `,"${navigation}":`
  if (hop.target === 'principal') return principalExpansion(call, label, hop.column, select)
  const target = hop.target
  call.world.checkRead(call.caller, target)
  const project = compileProjection(call, definitionOf(call.world, target), {
    select,
    expansions: [],
    annotations: shape.annotations,
  })
  return (row) => {
    const value = row[hop.column]
    if (value === null || typeof value !== 'object' || value.entity !== target) return `${label}null`
    const related = call.world.rows(target).get(value.id)
    if (related === undefined) return `${label}null`
    // Users and teams are principals, and come with that key too (Microsoft, Web API: join tables).
    const owner = target === 'systemuser' || target === 'team' ? `,"ownerid":"${value.id}"` : ''
    return `${label}${project(related).slice(0, -1)}${owner}}`
  }
}

/** `principal` has one property of its own: `ownerid`. */
function principalExpansion(
  call: Call,
  label: string,
  column: string,
  select: readonly string[] | undefined,
): Projection {
  for (const name of select ?? []) {
    if (name !== 'ownerid') propertyNamed(PRINCIPAL, name)
  }
  return (row) => {
    const value = row[column]
    if (value === null || typeof value !== 'object') return `${label}null`
    const owner = call.world.rows(value.entity).get(value.id)
    if (owner === undefined) return `${label}null`
    const type = `"@odata.type":"#Microsoft.Dynamics.CRM.${value.entity}"`
    return `${label}{${type},"@odata.etag":${JSON.stringify(etagOf(owner))},"ownerid":"${value.id}"}`
  }
}

const PRINCIPAL: EntityDefinition = {
  name: 'systemuser',
  entitySet: 'principals',
  primaryId: 'ownerid',
  primaryName: 'ownerid',
  messages: new Set(),
  attributes: new Map(),
  navigation: new Map(),
  collections: new Map(),
}

/** The table a lookup points to. */
function entityText(value: Value): string {
  return typeof value === 'object' && value !== null ? `"${value.entity}"` : 'null'
}

function plainText(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

function lookupText(value: Value): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? `"${value.id}"` : JSON.stringify(value)
}

function dateText(value: Value): string {
  return typeof value === 'string' ? `"${value.slice(0, 19)}Z"` : 'null'
}

const WRITERS: Readonly<Record<string, (value: Value) => string>> = { DateTime: dateText, EntityName: entityText }
