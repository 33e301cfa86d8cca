// A saved world. Rows are written as arrays beside one list of columns, and columns that are the same in all rows once: an organization of
// 100,000 mailboxes must fit into one JSON text.
import type { EntityName, Row, Value } from '../world.ts'
import { alertKey } from './alerts.ts'
import type { AsyncService, ServiceState } from './async-service.ts'
import { type Core, type KnownUser, tableIn } from './core.ts'
import { initialRow } from './new-row.ts'
import { isReference, numberIn, referenceIn, referenceTo, sameValue } from './row-values.ts'
import type { Conditions, Truth } from './truth.ts'

/** Everything of a world as plain JSON. */
export interface WorldSnapshot {
  readonly format: 1
  readonly nowMs: number
  readonly randomState: number
  readonly lastVersion: number
  readonly language: number
  readonly organizationId: string
  readonly businessUnitId: string
  readonly knownUsers: Readonly<Record<KnownUser, string>>
  readonly conditions: Conditions
  readonly truths: readonly (readonly [string, Truth])[]
  readonly service: ServiceState
  readonly tables: Readonly<Partial<Record<EntityName, SavedTable>>>
}

/** Rows of one table; a reference is written `table/id`. */
export interface SavedTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | boolean | null)[])[]
}

/** What `restore` needs to be given again. */
export function takeSnapshot(core: Core, service: AsyncService): WorldSnapshot {
  const tables: Partial<Record<EntityName, SavedTable>> = {}
  for (const entity of core.definitions.keys()) tables[entity] = savedTable(core, entity)
  return {
    format: 1,
    nowMs: core.clock.nowMs(),
    randomState: core.random.state,
    lastVersion: core.store.lastVersion,
    language: core.language,
    organizationId: core.organizationId,
    businessUnitId: core.businessUnitId,
    knownUsers: core.knownUsers,
    conditions: core.conditions,
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
  core.store.load(tables, data.lastVersion)
  core.clock.set(data.nowMs)
  core.random.state = data.randomState
  core.language = data.language
  core.organizationId = data.organizationId
  core.businessUnitId = data.businessUnitId
  core.knownUsers = data.knownUsers
  core.conditions = data.conditions
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
  return typeof data === 'object' && data !== null && 'format' in data && data.format === 1 && 'tables' in data
}

function savedTable(core: Core, entity: EntityName): SavedTable {
  const table = tableIn(core, entity)
  const initial = initialRow(table)
  const varying = new Set([table.primaryId, 'versionnumber'])
  const rows = [...core.store.rows(entity).values()]
  for (const row of rows) {
    for (const name in row) if (!varying.has(name) && !sameValue(row[name], initial[name])) varying.add(name)
  }
  const columns = [...varying]
  return { columns, rows: rows.map((row) => columns.map((name) => savedValue(row[name] ?? null))) }
}

function savedValue(value: Value): string | number | boolean | null {
  return isReference(value) ? `${value.entity}/${value.id}` : value
}

function loadedTable(
  core: Core,
  entity: EntityName,
  saved: SavedTable | undefined,
): ReadonlyMap<string, Readonly<Row>> {
  const table = tableIn(core, entity)
  const initial = initialRow(table)
  const rows = new Map<string, Readonly<Row>>()
  const columns = saved?.columns ?? []
  const isLookup = columns.map((name) => ['Lookup', 'Owner'].includes(table.attributes.get(name)?.type ?? ''))
  for (const values of saved?.rows ?? []) {
    const row: Row = { ...initial }
    columns.forEach((name, index) => {
      row[name] = loadedValue(values[index] ?? null, isLookup[index] === true)
    })
    rows.set(String(row[table.primaryId]), row)
  }
  return rows
}

function loadedValue(value: string | number | boolean | null, isLookup: boolean): Value {
  if (!isLookup || typeof value !== 'string') return value
  const [entity = '', id = ''] = value.split('/')
  return referenceTo(entity as EntityName, id)
}
