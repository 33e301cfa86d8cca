// A remote system small enough to reason about: tables of rows in memory, readers that see a snapshot, a writer that can lie.
import type { Fields, FieldValue } from '../../src/engine/index.ts'

export type Row = Record<string, FieldValue>
export type Table = 'shelf' | 'book'

/** Rows by key, as data. */
export type Tables = Readonly<Record<Table, ReadonlyMap<string, Row>>>

/** One write as the remote saw it. */
export interface Write {
  readonly table: Table
  readonly key: string
  readonly action: 'create' | 'update' | 'delete'
  readonly fields: Fields
}

/** What can be made to go wrong. Every hook is asked each time. */
export interface Faults {
  /** An error: the read of the table fails. A set of keys: these rows cannot be told. */
  read?: (table: Table) => Error | ReadonlySet<string> | undefined
  /** `lie`: accepted, nothing done. `lose`: done, no answer. `refuse`: not done, said so. */
  write?: (write: Write) => 'lie' | 'lose' | 'refuse' | undefined
}

export interface FakeReader {
  rows(
    table: Table,
    keys: 'all' | ReadonlySet<string>,
  ): { readonly rows: ReadonlyMap<string, Fields>; readonly unknown: ReadonlySet<string> }
}

export interface FakeWriter {
  write(write: Write): 'done' | 'failed' | 'unknown'
}

/** The remote system. Books stand on shelves; moving a book, or changing its shelf, makes its last test worthless. */
export class FakeRemote {
  readonly tables: Record<Table, Map<string, Row>>
  readonly writes: Write[] = []
  faults: Faults = {}
  reads = 0

  constructor(tables: Tables = { shelf: new Map(), book: new Map() }) {
    this.tables = structuredClone(tables) as Record<Table, Map<string, Row>>
  }

  /** A reader that sees the tables as they are now, whatever happens later. */
  newReader(): FakeReader {
    const snapshot = structuredClone(this.tables)
    return {
      rows: (table, keys) => {
        this.reads += 1
        const fault = this.faults.read?.(table)
        if (fault instanceof Error) throw fault
        const rows = new Map([...snapshot[table]].filter(([key]) => keys === 'all' || keys.has(key)))
        for (const key of fault ?? []) rows.delete(key)
        return { rows, unknown: fault ?? new Set() }
      },
    }
  }

  writer(): FakeWriter {
    return {
      write: (write) => {
        const fault = this.faults.write?.(write)
        if (fault === 'refuse') return 'failed'
        this.writes.push(write)
        if (fault !== 'lie') this.#take(write)
        return fault === 'lose' ? 'unknown' : 'done'
      },
    }
  }

  #take({ table, key, action, fields }: Write): void {
    const rows = this.tables[table]
    if (action === 'delete') {
      rows.delete(key)
      return
    }
    const before = rows.get(key) ?? (table === 'book' ? { tested: false } : {})
    const forgets = table === 'book' && 'shelf' in fields && fields['tested'] !== true
    rows.set(key, { ...before, ...fields, ...(forgets ? { tested: false } : {}) })
    if (table === 'shelf' && 'width' in fields) this.#forgetTestsOn(key)
  }

  #forgetTestsOn(shelf: string): void {
    for (const row of this.tables.book.values()) if (row['shelf'] === shelf) row['tested'] = false
  }

  /** The state as plain data, for comparing. */
  state(): unknown {
    return Object.fromEntries(
      Object.entries(this.tables).map(([table, rows]) => [table, [...rows].sort(([a], [b]) => (a < b ? -1 : 1))]),
    )
  }
}
