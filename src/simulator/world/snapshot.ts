// A saved world. Rows are written as arrays beside one list of columns, and what all rows of a table have in common is written once: an
// organization of 100,000 mailboxes must fit into one JSON text.
import type { TableDefinition } from '../definitions/index.ts'
import type { Deletion, EntityName, Reference, Row, Value } from '../world.ts'
import { alertKey } from './alerts.ts'
import type { AsyncService, ServiceState } from './async-service.ts'
import { type Core, type KnownUser, tableIn } from './core.ts'
import { initialRow } from './new-row.ts'
import { isReference, numberIn, referenceIn, referenceTo, sameValue } from './row-values.ts'
import type { Conditions, Truth } from './truth.ts'

/** Everything of a world as plain JSON. */
export interface WorldSnapshot {
  readonly format: 2
  readonly nowMs: number
  readonly randomState: number
  readonly lastVersion: number
  readonly language: number
  readonly organizationId: string
  readonly businessUnitId: string
  readonly knownUsers: Readonly<Record<KnownUser, string>>
  readonly conditions: Conditions
  readonly running: readonly string[]
  readonly deletions: readonly Deletion[]
  readonly truths: readonly (readonly [string, Truth])[]
  readonly service: ServiceState
  readonly tables: Readonly<Partial<Record<EntityName, SavedTable>>>
}

/** A column value; a reference is written `table/id`. */
export type SavedValue = string | number | boolean | null

/** Rows of one table: what all have in common, then the values of the other columns. */
export interface SavedTable {
  readonly same: Readonly<Record<string, SavedValue>>
  readonly columns: readonly string[]
  readonly rows: readonly (readonly SavedValue[])[]
}

/** What `restore` needs to be given again. */
export function takeSnapshot(core: Core, service: AsyncService): WorldSnapshot {
  const tables: Partial<Record<EntityName, SavedTable>> = {}
  for (const entity of core.definitions.keys()) tables[entity] = savedTable(core, entity)
  return {
    format: 2,
    nowMs: core.clock.nowMs(),
    randomState: core.random.state,
    lastVersion: core.store.lastVersion,
    language: core.language,
    organizationId: core.organizationId,
    businessUnitId: core.businessUnitId,
    knownUsers: core.knownUsers,
    conditions: core.conditions,
    running: [...core.running],
    deletions: core.store.deletions(),
    truths: [...core.truths],
    service: service.save(),
    tables,
  }
}

/** Makes the world what it was. Throws an Error where `data` is not a snapshot of this format. */
export function restoreSnapshot(core: Core, service: AsyncService, data: unknown): void {
  if (!isSnapshot(data)) throw new Error('the saved state is not one this version of the simulator has written')
  const tables = new Map<EntityName, ReadonlyMap<string, Readonly<Row>>>()
  for (const entity of core.definitions.keys()) tables.set(entity, loadedTable(core, entity, data.tables[entity]))
  core.store.load(tables, data.lastVersion, data.deletions)
  core.clock.set(data.nowMs)
  core.random.state = data.randomState
  core.language = data.language
  core.organizationId = data.organizationId
  core.businessUnitId = data.businessUnitId
  core.knownUsers = data.knownUsers
  core.conditions = data.conditions
  core.running.clear()
  for (const id of data.running) core.running.add(id)
  core.truths.clear()
  for (const [id, truth] of data.truths) core.truths.set(id, truth)
  findAlerts(core)
  service.load(data.service)
}

function findAlerts(core: Core): void {
  core.alerts.clear()
  for (const [id, row] of core.store.rows('tracelog')) {
    const regarding = referenceIn(row, 'regardingobjectid')
    if (row['isunique'] !== true || regarding === undefined) continue
    core.alerts.set(alertKey(regarding.id, numberIn(row, 'tracecode'), numberIn(row, 'level')), id)
  }
}

function isSnapshot(data: unknown): data is WorldSnapshot {
  return typeof data === 'object' && data !== null && 'format' in data && data.format === 2 && 'tables' in data
}

function savedTable(core: Core, entity: EntityName): SavedTable {
  const rows = [...core.store.rows(entity).values()]
  const first = rows[0] ?? {}
  const names = [...new Set([...Object.keys(initialRow(tableIn(core, entity))), ...Object.keys(first)])]
  const columns = names.filter((name) => rows.some((row) => !sameValue(row[name], first[name])))
  const varying = new Set(columns)
  const same = names.filter((name) => !varying.has(name)).map((name) => [name, savedValue(first[name])] as const)
  return {
    same: Object.fromEntries(same),
    columns,
    rows: rows.map((row) => columns.map((name) => savedValue(row[name]))),
  }
}

function savedValue(value: Value | undefined): SavedValue {
  return isReference(value) ? `${value.entity}/${value.id}` : (value ?? null)
}

function loadedTable(
  core: Core,
  entity: EntityName,
  saved: SavedTable | undefined,
): ReadonlyMap<string, Readonly<Row>> {
  const table = tableIn(core, entity)
  const load = valueLoader(table)
  const common: Row = { ...initialRow(table) }
  for (const [name, value] of Object.entries(saved?.same ?? {})) common[name] = load(name, value)
  const rows = new Map<string, Readonly<Row>>()
  for (const values of saved?.rows ?? []) {
    const row = { ...common }
    saved?.columns.forEach((name, index) => {
      row[name] = load(name, values[index] ?? null)
    })
    rows.set(String(row[table.primaryId]), row)
  }
  return rows
}

/** Turns saved values into column values; equal references become one object, since most rows point to the same few. */
function valueLoader(table: TableDefinition): (name: string, value: SavedValue) => Value {
  const lookups = new Set(
    [...table.attributes.values()].filter(({ type }) => type === 'Lookup' || type === 'Owner').map(({ name }) => name),
  )
  const references = new Map<string, Reference>()
  return (name, value) => {
    if (typeof value !== 'string' || !lookups.has(name)) return value
    const known = references.get(value)
    if (known !== undefined) return known
    const [entity = '', id = ''] = value.split('/')
    const reference = referenceTo(entity as EntityName, id)
    references.set(value, reference)
    return reference
  }
}
