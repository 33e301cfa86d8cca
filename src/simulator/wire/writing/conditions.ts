import { CrmFault, type EntityDefinition, type Row } from '../../world.ts'
import { badRequest } from '../errors.ts'
import type { Operation } from '../http.ts'
import { type Call, etagOf } from '../service/call.ts'

/**
 * Checks `If-Match` and `If-None-Match` of a write against the row (undefined: there is none), with the documented texts (Microsoft, Web
 * API: conditional operations). Etags count only on tables with optimistic concurrency; elsewhere they are ignored.
 */
export function checkConditions(
  call: Call,
  definition: EntityDefinition,
  id: string,
  row: Readonly<Row> | undefined,
  operation: Operation,
): void {
  const match = operation.headers['if-match']
  const noneMatch = operation.headers['if-none-match']
  if (match !== undefined && match !== '*' && !ETAG.test(match)) {
    throw badRequest(`The If-Match header has an invalid value.`)
  }
  if (match !== undefined && row === undefined) {
    throw new CrmFault(404, '', `${definition.name} With Id = ${id} Does Not Exist`)
  }
  if (noneMatch === '*' && row !== undefined) {
    throw new CrmFault(412, '', 'A record with matching key values already exists.')
  }
  if (row === undefined || match === undefined || match === '*') return
  if (call.service.concurrencyOf(definition.name) && match !== etagOf(row)) {
    throw new CrmFault(412, '', "The version of the existing record doesn't match the RowVersion property provided.")
  }
}

const ETAG = /^W\/"\d+"$/
