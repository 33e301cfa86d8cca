import type { EntityDefinition, Row } from '../../world.ts'
import { badRequest, methodNotAllowed, rowMissing, unknownSegment } from '../errors.ts'
import { type Answer, jsonAnswer, noContent, type Operation, textAnswer } from '../http.ts'
import { allowOnly, parseOptions, type QueryOptions } from '../query/options.ts'
import { parsePreferences } from '../query/preferences.ts'
import { propertiesOf } from '../query/properties.ts'
import type { Address } from '../service/address.ts'
import { type Call, definitionOf, etagOf, existingRow, refuseHidden } from '../service/call.ts'
import { compileProjection, contextSelection } from './projection.ts'
import { appliedPreferences, countSet, readSet } from './read-set.ts'
import { shapeOf } from './shape.ts'

/** GET of one row. 304 where the client's etag still holds and the table knows optimistic concurrency. */
export function readRow(call: Call, definition: EntityDefinition, id: string, operation: Operation): Answer {
  call.world.checkRead(call.caller, definition.name)
  const options = parseOptions(operation.query)
  allowOnly(options, ['$select', '$expand'])
  refuseHidden(call, definition, id)
  const row = existingRow(call.world, definition.name, id, () => rowMissing(definition.name, id))
  if (isUnchanged(call, definition, row, options, operation)) {
    return { status: 304, headers: { 'OData-Version': '4.0', ETag: etagOf(row) }, body: '' }
  }
  return rowAnswer(call, definition, row, options, operation, 200)
}

/** A row as a JSON answer, shaped by `$select` and `$expand`. */
export function rowAnswer(
  call: Call,
  definition: EntityDefinition,
  row: Readonly<Row>,
  options: QueryOptions,
  operation: Operation,
  status: 200 | 201,
): Answer {
  const preferences = parsePreferences(operation.headers['prefer'])
  const shape = shapeOf(call.world, definition, options, preferences)
  const text = compileProjection(call, definition, shape)(row)
  const context = `${call.root}$metadata#${definition.entitySet}${contextSelection(shape)}/$entity`
  const applied = { ...appliedPreferences({ ...preferences, maxPageSize: undefined }, call.service.maxPageSize) }
  return jsonAnswer(status, `{"@odata.context":${JSON.stringify(context)},${text.slice(1)}`, {
    ETag: etagOf(row),
    ...applied,
  })
}

/** GET of something behind a row: a property, the row a lookup points to, or the rows that point to this one. */
export function readMember(call: Call, address: Address & { kind: 'member' }, operation: Operation): Answer {
  const { definition, id, member, rest } = address
  const collection = definition.collections.get(member)
  if (collection !== undefined) {
    call.world.checkRead(call.caller, definition.name)
    existingRow(call.world, definition.name, id, () => rowMissing(definition.name, id))
    const within = (row: Readonly<Row>) => {
      const value = row[collection.column]
      return value !== null && typeof value === 'object' && value.id === id && value.entity === definition.name
    }
    const source = { definition: definitionOf(call.world, collection.entity), path: operation.path, within }
    if (rest.length === 0) return readSet(call, source, operation)
    if (rest[0] === '$count' && rest.length === 1) return countSet(call, source, operation)
    throw unknownSegment(rest[0] ?? member)
  }
  if (definition.navigation.has(member)) return readNavigation(call, address, operation)
  return readProperty(call, address)
}

function readNavigation(call: Call, address: Address & { kind: 'member' }, operation: Operation): Answer {
  const { definition, id, member, rest } = address
  call.world.checkRead(call.caller, definition.name)
  const row = existingRow(call.world, definition.name, id, () => rowMissing(definition.name, id))
  const hop = definition.navigation.get(member)
  const value = row[hop?.column ?? member]
  if (rest.length > 0 && rest[0] !== '$ref') throw unknownSegment(rest[0] ?? member)
  if (value === null || typeof value !== 'object') return noContent()
  if (hop?.target !== 'principal' && hop?.target !== value.entity) return noContent()
  const target = definitionOf(call.world, value.entity)
  if (rest[0] === '$ref') {
    const reference = `${call.root}${target.entitySet}(${value.id})`
    return jsonAnswer(200, JSON.stringify({ '@odata.context': `${call.root}$metadata#$ref`, '@odata.id': reference }))
  }
  if (hop.target === 'principal') throw methodNotAllowed('The query of the abstract type principal is not simulated.')
  return readRow(call, target, value.id, operation)
}

function readProperty(call: Call, address: Address & { kind: 'member' }): Answer {
  const { definition, id, member, rest } = address
  const property = propertiesOf(definition).get(member)
  if (property === undefined) throw unknownSegment(member)
  if (rest.length > 0 && rest[0] !== '$value') throw badRequest('Bad Request - Error in query syntax.')
  call.world.checkRead(call.caller, definition.name)
  refuseHidden(call, definition, id)
  const row = existingRow(call.world, definition.name, id, () => rowMissing(definition.name, id))
  const stored = row[property.column] ?? null
  if (stored === null) return noContent()
  const value = typeof stored === 'object' ? (property.lookup ? stored.id : stored.entity) : stored
  if (rest[0] === '$value') return textAnswer(200, String(value), { 'OData-Version': '4.0' })
  const context = `${call.root}$metadata#${definition.entitySet}(${id})/${member}`
  return jsonAnswer(200, JSON.stringify({ '@odata.context': context, value }))
}

function isUnchanged(
  call: Call,
  definition: EntityDefinition,
  row: Readonly<Row>,
  options: QueryOptions,
  operation: Operation,
): boolean {
  const etag = operation.headers['if-none-match']
  if (etag === undefined || !call.service.concurrencyOf(definition.name)) return false
  const plain = !options.has('$expand') && parsePreferences(operation.headers['prefer']).annotations === undefined
  return plain && etag === etagOf(row)
}
