// The rows of all tables. Rows are never changed in place, so undoing is putting the former objects back, and a row read earlier stays
// what it was. Every put draws the next row version of the whole organization.
import type { EntityName, Row } from '../world.ts'

interface Undo {
  readonly entity: EntityName
  readonly id: string
  readonly before: Readonly<Row> | undefined
}

/** The rows of one organization by table and id. */
export class Store {
  readonly #tables: ReadonlyMap<EntityName, Map<string, Readonly<Row>>>
  #lastVersion: number
  #undo: Undo[] | undefined
  /** Order of the keys before the first removal of a transaction: a map cannot put a key back in the middle. */
  readonly #orders = new Map<EntityName, readonly string[]>()

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
    const versionnumber = this.#lastVersion
    // Copying one object is much faster than merging two, and seeding copies a great many.
    const row = before === undefined ? { ...columns, versionnumber } : { ...before, ...columns, versionnumber }
    table.set(id, row)
    this.#undo?.push({ entity, id, before })
    return row
  }

  delete(entity: EntityName, id: string): void {
    const table = this.#table(entity)
    const before = table.get(id)
    if (before === undefined) return
    if (this.#undo !== undefined && !this.#orders.has(entity)) this.#orders.set(entity, [...table.keys()])
    table.delete(id)
    this.#undo?.push({ entity, id, before })
  }

  /** Runs `work`; where it throws, every put and delete it made is undone. Transactions may be nested. */
  atomically<T>(work: () => T): T {
    const outermost = this.#undo === undefined
    const undo = this.#undo ?? []
    const mark = undo.length
    this.#undo = undo
    try {
      return work()
    } catch (error) {
      this.#rollBack(undo, mark)
      throw error
    } finally {
      if (outermost) {
        this.#undo = undefined
        this.#orders.clear()
      }
    }
  }

  /** Replaces everything, for a world that is continued from a saved state. */
  load(tables: ReadonlyMap<EntityName, ReadonlyMap<string, Readonly<Row>>>, lastVersion: number): void {
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

  #rollBack(undo: Undo[], mark: number): void {
    const reordered = new Set<EntityName>()
    for (const { entity, id, before } of undo.splice(mark).reverse()) {
      const table = this.#table(entity)
      if (before !== undefined && !table.has(id)) reordered.add(entity)
      if (before === undefined) table.delete(id)
      else table.set(id, before)
    }
    for (const entity of reordered) this.#restoreOrder(entity)
  }

  #restoreOrder(entity: EntityName): void {
    const table = this.#table(entity)
    const rows = new Map(table)
    table.clear()
    for (const id of [...(this.#orders.get(entity) ?? []), ...rows.keys()]) {
      const row = rows.get(id)
      if (row !== undefined) table.set(id, row)
    }
  }
}
