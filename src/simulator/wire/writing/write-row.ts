import type { EntityDefinition, Row } from '../../world.ts'
import { methodNotAllowed, rowMissing } from '../errors.ts'
import { type Answer, noContent, type Operation } from '../http.ts'
import { allowOnly, parseOptions, type QueryOptions } from '../query/options.ts'
import { parsePreferences } from '../query/preferences.ts'
import { rowAnswer } from '../reading/read-row.ts'
import { type Call, existingRow, refuseHidden } from '../service/call.ts'
import { jsonBody } from './body.ts'
import { columnsOf } from './columns.ts'
import { checkConditions } from './conditions.ts'

/** POST to a set: 204 with the new row's address, or 201 with the row where the client prefers it. */
export function createRow(call: Call, definition: EntityDefinition, operation: Operation): Answer {
  requireMessage(definition, 'Create', operation)
  const options = writeOptions(operation)
  return insert(call, definition, columnsOf(call, definition, jsonBody(operation)), options, operation)
}

/** PATCH of a row: an update, and a create where the row is missing and no `If-Match` forbids it. */
export function upsertRow(call: Call, definition: EntityDefinition, id: string, operation: Operation): Answer {
  refuseHidden(call, definition, id)
  const row = call.world.rows(definition.name).get(id)
  checkConditions(call, definition, id, row, operation)
  requireMessage(definition, row === undefined ? 'Create' : 'Update', operation)
  const options = writeOptions(operation)
  const columns = columnsOf(call, definition, jsonBody(operation))
  if (row === undefined) return insert(call, definition, { ...columns, [definition.primaryId]: id }, options, operation)
  call.world.update(call.caller, definition.name, id, columns)
  return writtenAnswer(call, definition, id, options, operation)
}

/** DELETE of a row. */
export function deleteRow(call: Call, definition: EntityDefinition, id: string, operation: Operation): Answer {
  requireMessage(definition, 'Delete', operation)
  refuseHidden(call, definition, id)
  const row = existingRow(call.world, definition.name, id, () => rowMissing(definition.name, id))
  checkConditions(call, definition, id, row, operation)
  call.world.remove(call.caller, definition.name, id)
  return noContent()
}

/** Refuses with 405 where the table has no such message; tracelog has no Update, systemuser no Delete. */
export function requireMessage(
  definition: EntityDefinition,
  message: 'Create' | 'Update' | 'Delete',
  operation: Operation,
): void {
  if (definition.messages.has(message)) return
  throw methodNotAllowed(`The method '${operation.method}' is not supported for entity '${definition.name}'.`)
}

/** The answer to an update: 204, or 200 with the row where the client prefers it. `$expand` is ignored then. */
export function writtenAnswer(
  call: Call,
  definition: EntityDefinition,
  id: string,
  options: QueryOptions,
  operation: Operation,
): Answer {
  const row = call.world.rows(definition.name).get(id)
  const address = `${call.root}${definition.entitySet}(${id})`
  if (row === undefined || !wantsRow(call, operation)) {
    return noContent({ 'OData-EntityId': address })
  }
  return represented(rowAnswer(call, definition, row, withoutExpand(options), operation, 200))
}

function insert(
  call: Call,
  definition: EntityDefinition,
  columns: Readonly<Row>,
  options: QueryOptions,
  operation: Operation,
): Answer {
  const id = call.world.create(call.caller, definition.name, columns)
  const address = `${call.root}${definition.entitySet}(${id})`
  const row = call.world.rows(definition.name).get(id)
  if (row === undefined || !wantsRow(call, operation)) {
    return noContent({ Location: address, 'OData-EntityId': address })
  }
  return represented(rowAnswer(call, definition, row, withoutExpand(options), operation, 201))
}

/** Unsure for 8.0 and 8.1: switch `representation`. */
function wantsRow(call: Call, operation: Operation): boolean {
  return call.world.switches.representation && parsePreferences(operation.headers['prefer']).representation
}

function represented(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'Preference-Applied': 'return=representation' } }
}

function writeOptions(operation: Operation): QueryOptions {
  const options = parseOptions(operation.query)
  allowOnly(options, ['$select', '$expand'])
  return options
}

function withoutExpand(options: QueryOptions): QueryOptions {
  return new Map([...options].filter(([name]) => name !== '$expand'))
}
