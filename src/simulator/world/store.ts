// The rows of all tables. Rows are never changed in place, so undoing is putting the former objects back, and a row read earlier stays
// what it was. Every put draws the next row version of the whole organization.
import type { Deletion, EntityName, Row } from '../world.ts'

interface Undo {
  readonly entity: EntityName
  readonly id: string
  readonly before: Readonly<Row> | undefined
}

interface Transaction {
  readonly undo: Undo[]
  /** Order of the keys before the first removal of the transaction: a map cannot put a key back in the middle. */
  readonly orders: Map<EntityName, readonly string[]>
}

/** The rows of one organization by table and id. */
export class Store {
  readonly #tables: ReadonlyMap<EntityName, Map<string, Readonly<Row>>>
  /** Newest last. */
  #deletions: Deletion[] = []
  #lastVersion: number
  #transaction: Transaction | undefined

  constructor(entities: Iterable<EntityName>, lastVersion: number) {
    this.#tables = new Map([...entities].map((entity) => [entity, new Map()]))
    this.#lastVersion = lastVersion
  }

  get lastVersion(): number {
    return this.#lastVersion
  }

  rows(entity: EntityName): ReadonlyMap<string, Readonly<Row>> {
    return this.#table(entity)
  }

  get(entity: EntityName, id: string): Readonly<Row> | undefined {
    return this.#table(entity).get(id)
  }

  /** Puts the columns over the row with this id, or as a new row where there is none; gives it the next row version. */
  put(entity: EntityName, id: string, columns: Readonly<Row>): Readonly<Row> {
    const table = this.#table(entity)
    const before = table.get(id)
    this.#lastVersion += 1
    const row = { ...before, ...columns, versionnumber: this.#lastVersion }
    table.set(id, row)
    this.#transaction?.undo.push({ entity, id, before })
    return row
  }

  /** Adds a row that does not exist and keeps the object `make` gives, for seeding: there, one copy of each row less is felt. */
  add(entity: EntityName, id: string, make: (versionnumber: number) => Row): Readonly<Row> {
    this.#lastVersion += 1
    const row = make(this.#lastVersion)
    this.#table(entity).set(id, row)
    this.#transaction?.undo.push({ entity, id, before: undefined })
    return row
  }

  delete(entity: EntityName, id: string): void {
    const table = this.#table(entity)
    const before = table.get(id)
    if (before === undefined) return
    const orders = this.#transaction?.orders
    if (orders !== undefined && !orders.has(entity)) orders.set(entity, [...table.keys()])
    table.delete(id)
    this.#lastVersion += 1
    this.#deletions.push({ entity, id, version: this.#lastVersion })
    this.#transaction?.undo.push({ entity, id, before })
  }

  /** The rows that are gone, in the order in which they went. */
  deletions(): readonly Deletion[] {
    return [...this.#deletions]
  }

  /** Runs `work`; where it throws, every put and delete it made is undone. Transactions may be nested. */
  atomically<T>(work: () => T): T {
    const outer = this.#transaction
    const inner: Transaction = { undo: [], orders: new Map() }
    this.#transaction = inner
    try {
      const result = work()
      if (outer !== undefined) adopt(outer, inner)
      return result
    } catch (error) {
      this.#rollBack(inner)
      throw error
    } finally {
      this.#transaction = outer
    }
  }

  /** Replaces everything, for a world that is continued from a saved state. */
  load(
    tables: ReadonlyMap<EntityName, ReadonlyMap<string, Readonly<Row>>>,
    lastVersion: number,
    deletions: readonly Deletion[] = [],
  ): void {
    this.#deletions = [...deletions]
    for (const [entity, rows] of tables) {
      const table = this.#table(entity)
      table.clear()
      for (const [id, row] of rows) table.set(id, row)
    }
    this.#lastVersion = lastVersion
  }

  #table(entity: EntityName): Map<string, Readonly<Row>> {
    const table = this.#tables.get(entity)
    if (table === undefined) throw new Error(`the simulated organization has no table ${entity}`)
    return table
  }

  #rollBack({ undo, orders }: Transaction): void {
    for (const { entity, id, before } of undo.reverse()) {
      const table = this.#table(entity)
      if (before === undefined) table.delete(id)
      else {
        if (!table.has(id)) this.#forgetDeletion(entity, id)
        table.set(id, before)
      }
    }
    for (const [entity, order] of orders) this.#restoreOrder(entity, order)
  }

  #forgetDeletion(entity: EntityName, id: string): void {
    const at = this.#deletions.findLastIndex((deletion) => deletion.entity === entity && deletion.id === id)
    if (at >= 0) this.#deletions.splice(at, 1)
  }

  #restoreOrder(entity: EntityName, order: readonly string[]): void {
    const table = this.#table(entity)
    const rows = new Map(table)
    table.clear()
    for (const id of order) {
      const row = rows.get(id)
      if (row !== undefined) table.set(id, row)
    }
  }
}

/** What a finished inner transaction did is undone with the outer one. */
function adopt(outer: Transaction, inner: Transaction): void {
  for (const entry of inner.undo) outer.undo.push(entry)
  for (const [entity, order] of inner.orders) if (!outer.orders.has(entity)) outer.orders.set(entity, order)
}
