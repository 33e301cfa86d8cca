// Create, update and remove as every table does them: message, privilege, columns, the rules of the table, the put, side effects.
import type { TableDefinition } from '../definitions/index.ts'
import type { Caller, EntityName, Row } from '../world.ts'
import { type Core, modified, tableIn } from './core.ts'
import * as faults from './faults.ts'
import { initialRow, ownerColumns, standardColumns } from './new-row.ts'
import { requireAccess } from './privileges.ts'
import { randomGuid } from './random.ts'
import { changes, isReference, referenceIn, referenceTo } from './row-values.ts'
import type { RuleBook } from './table-rules.ts'
import { checkColumns } from './validate.ts'

/** Creates a row and whatever belongs to it; returns its id. */
export function createRow(
  core: Core,
  rules: RuleBook,
  caller: Caller,
  entity: EntityName,
  columns: Readonly<Row>,
): string {
  const table = tableWithMessage(core, entity, 'Create')
  requireAccess(caller, entity, 'Create')
  const given = withState(table, initialRow(table), checkColumns(core, table, 'create', columns))
  const by = referenceTo('systemuser', caller.userId)
  const id = claimId(core, table, given)
  const owner = referenceIn(given, 'ownerid') ?? by
  if (owner.id !== by.id) requireAccess(caller, entity, 'Assign')
  const standard = standardColumns(core, entity, id, by, table.attributes.has('ownerid') ? owner : undefined)
  const row = { ...initialRow(table), ...given, ...standard }
  const complete = rules[entity]?.onCreate?.({ core, caller }, row, given) ?? row
  requireColumns(table, complete)
  const stored = core.store.put(entity, id, complete)
  rules[entity]?.afterCreate?.({ core, caller }, id, stored)
  return id
}

/** Changes columns of an existing row and whatever follows from it. */
export function updateRow(
  core: Core,
  rules: RuleBook,
  caller: Caller,
  entity: EntityName,
  id: string,
  columns: Readonly<Row>,
): void {
  const table = tableWithMessage(core, entity, 'Update')
  requireAccess(caller, entity, 'Write')
  const before = core.store.get(entity, id)
  if (before === undefined) throw faults.doesNotExist(entity, id)
  const checked = withState(table, before, checkColumns(core, table, 'update', columns))
  if (changes(before, checked, 'ownerid')) requireAccess(caller, entity, 'Assign')
  const change = rules[entity]?.onUpdate?.({ core, caller }, before, checked) ?? checked
  const owner = change['ownerid']
  const by = referenceTo('systemuser', caller.userId)
  const after = core.store.put(entity, id, {
    ...change,
    ...(isReference(owner) ? ownerColumns(owner) : {}),
    ...modified(core, by, entity),
  })
  rules[entity]?.afterUpdate?.({ core, caller }, id, before, after)
}

/** Deletes a row and whatever goes with it. */
export function removeRow(core: Core, rules: RuleBook, caller: Caller, entity: EntityName, id: string): void {
  tableWithMessage(core, entity, 'Delete')
  requireAccess(caller, entity, 'Delete')
  const row = core.store.get(entity, id)
  if (row === undefined) throw faults.doesNotExist(entity, id)
  rules[entity]?.onDelete?.({ core, caller }, id, row)
  core.store.delete(entity, id)
}

function tableWithMessage(core: Core, entity: EntityName, message: 'Create' | 'Update' | 'Delete'): TableDefinition {
  const table = tableIn(core, entity)
  if (!table.messages.has(message)) throw faults.messageNotSupported(entity, message)
  return table
}

function claimId(core: Core, table: TableDefinition, given: Readonly<Row>): string {
  const wanted = given[table.primaryId]
  const id = typeof wanted === 'string' ? wanted : randomGuid(core.random)
  if (core.store.get(table.name, id) !== undefined) throw faults.duplicateKey()
  return id
}

function requireColumns(table: TableDefinition, row: Readonly<Row>): void {
  for (const column of table.attributes.values()) {
    if (column.required !== 'SystemRequired' || !column.create || column.type === 'EntityName') continue
    const hasNoTarget = column.type === 'Lookup' && column.targets?.length === 0
    if ((row[column.name] ?? null) === null && !hasNoTarget) throw faults.missingColumn(table.name, column.name)
  }
}

/** State and status reason move together: a state alone brings its first status reason, a status reason must belong to the state. */
function withState(table: TableDefinition, before: Readonly<Row>, change: Row): Row {
  if (!('statecode' in change) && !('statuscode' in change)) return change
  const state = change['statecode'] ?? before['statecode'] ?? 0
  const options = table.attributes.get('statuscode')?.options ?? []
  const fallback = options.find((option) => option.state === state)?.value ?? null
  const status = change['statuscode'] ?? ('statecode' in change ? fallback : null)
  const option = options.find((candidate) => candidate.value === status)
  if (option === undefined || option.state === state) return { ...change, statuscode: status ?? fallback }
  throw faults.refusedCombination(`${status} is not a valid status code for state code ${state} on ${table.name}.`)
}
