import type { Switches } from '../world.ts'
import type { SavedTable, SavedValue, WorldSnapshot } from './snapshot.ts'

/** How an organization is copied. */
export interface CopyOptions {
  /** Name of the copy. */
  readonly name: string
  readonly ids: Switches['copiedIds']
  readonly newId: () => string
}

/**
 * The saved world as a deployment imports it a second time: the same rows under a new organization id, so that Exchange takes it for
 * another organization. Unsure whether rows keep their ids: switch `copiedIds`.
 */
export function copiedSnapshot(snapshot: WorldSnapshot, options: CopyOptions): WorldSnapshot {
  const renewed = renewedIds(snapshot, options)
  const newOf = (id: string) => renewed.get(id) ?? id
  const tables = Object.entries(snapshot.tables).map(([name, table]) => [name, copiedTable(table, newOf)])
  const copied: WorldSnapshot['tables'] = Object.fromEntries(tables)
  const { organization } = copied
  const known = Object.entries(snapshot.knownUsers).map(([user, id]) => [user, newOf(id)])
  return {
    ...snapshot,
    organizationId: newOf(snapshot.organizationId),
    businessUnitId: newOf(snapshot.businessUnitId),
    knownUsers: Object.fromEntries(known) as unknown as WorldSnapshot['knownUsers'],
    running: snapshot.running.map(newOf),
    deletions: [],
    truths: snapshot.truths.map(([id, truth]) => [newOf(id), truth] as const),
    service: {
      ...snapshot.service,
      events: snapshot.service.events.map((event) => ({ ...event, mailboxId: newOf(event.mailboxId) })),
    },
    tables: {
      ...copied,
      ...(organization
        ? { organization: { ...organization, same: { ...organization.same, name: options.name } } }
        : {}),
    },
  }
}

function renewedIds(snapshot: WorldSnapshot, { ids, newId }: CopyOptions): ReadonlyMap<string, string> {
  const renewed = new Map([[snapshot.organizationId, newId()]])
  if (ids === 'kept') return renewed
  renewed.set(snapshot.businessUnitId, newId())
  for (const [name, table] of Object.entries(snapshot.tables)) {
    // Privileges have the same ids in every organization.
    if (name === 'privilege' || name === 'organization') continue
    const key = `${name}id`
    const at = table.columns.indexOf(key)
    for (const row of table.rows) renewed.set(String(at < 0 ? table.same[key] : row[at]), newId())
  }
  return renewed
}

function copiedTable(table: SavedTable, newOf: (id: string) => string): SavedTable {
  const copied = (value: SavedValue) => copiedValue(value, newOf)
  const same = Object.entries(table.same).map(([name, value]) => [name, copied(value)])
  return { ...table, same: Object.fromEntries(same), rows: table.rows.map((row) => row.map(copied)) }
}

const REFERENCE = /^([a-z]+)\/([0-9a-f-]{36})$/

function copiedValue(value: SavedValue, newOf: (id: string) => string): SavedValue {
  if (typeof value !== 'string') return value
  const [, entity, id] = REFERENCE.exec(value) ?? []
  return id === undefined ? newOf(value) : `${entity}/${newOf(id)}`
}
