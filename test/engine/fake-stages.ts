// Three stages over the fake remote: a check, shelves that are created, and books that stand on them. They use every part of the
// contract once: projection, needs, entail, volatile fields, waiting, holding, gates.
import type {
  Effect,
  FieldRule,
  FieldValue,
  Key,
  Observed,
  Origin,
  Read,
  Reason,
  ScopeStage,
  Stage,
  Verdict,
} from '../../src/engine/index.ts'
import type { FakeReader, FakeWriter, Table } from './fake-remote.ts'

export interface DesiredShelf {
  readonly ensure?: 'absent'
  readonly title?: string
  readonly width?: number
}

export interface DesiredBook {
  readonly shelf?: string
  readonly open?: boolean
  readonly tags?: readonly string[]
  readonly test?: boolean
}

/** What the fake spec asks. `checks` are the verdicts of the check stage; `held` are books nobody may touch. */
export interface FakeDesired {
  readonly shelves: ReadonlyMap<Key, DesiredShelf>
  readonly books: ReadonlyMap<Key, DesiredBook>
  readonly checks?: ReadonlyMap<Key, { readonly ready: Verdict; readonly gates?: readonly string[] }>
  readonly unknownChecks?: ReadonlyMap<Key, Reason>
  readonly held?: ReadonlySet<Key>
}

export type FakeStage = ScopeStage<FakeDesired, FakeReader, FakeWriter>

const ORIGIN: Origin = { file: 'library.yaml', line: 1, column: 1 }
export const HELD: Reason = { code: 'Inactive', message: 'the book is inactive' }
export const WAITING: Reason = { code: 'NotThereYet', message: 'the book is not there yet' }

function rule<V extends FieldValue>(
  effect: (from: V | undefined, to: V) => Effect,
  more: Partial<FieldRule<V>> = {},
): FieldRule<V> {
  return { effect, words: (_from, to) => ({ group: 'set', one: `becomes ${to}`, many: `become ${to}` }), ...more }
}

type CheckFields = Record<never, never>

export const checkStage: Stage<FakeDesired, CheckFields, FakeReader, FakeWriter> = {
  name: 'check',
  kind: 'Check',
  noun: { one: 'check', many: 'checks' },
  scope: 'organization',
  mode: 'checks',
  gate: 'blocks',
  fields: {},
  async observe({ desired }) {
    const rows = [...(desired.checks ?? [])].map(([key, check]): [Key, Observed<CheckFields>] => [
      key,
      { fields: {}, ref: undefined, ...check },
    ])
    return { complete: true, rows: new Map(rows), unknown: desired.unknownChecks ?? new Map() }
  },
  desire({ checks }) {
    return new Map([...(checks ?? [])].map(([key]) => [key, wish(key, {})]))
  },
  absent: () => WAITING,
}

type ShelfFields = { readonly title: string; readonly width: number }

export const shelfStage: Stage<FakeDesired, ShelfFields, FakeReader, FakeWriter> = {
  name: 'shelf',
  kind: 'Shelf',
  noun: { one: 'shelf', many: 'shelves' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: { title: rule(() => 'rename'), width: rule(() => 'adjust') },
  async observe({ reader, keys }) {
    return readTable(reader, 'shelf', keys)
  },
  desire({ shelves }) {
    return new Map(
      [...shelves].map(([key, { ensure, ...fields }]) => [key, { ...wish(key, fields), ensure: ensure ?? 'present' }]),
    )
  },
  absent: () => 'create',
  apply: (context, assignments) => writeAll('shelf', context, assignments),
}

type BookFields = {
  readonly shelf: string | null
  readonly open: boolean
  readonly tags: readonly string[]
  readonly tested: boolean
}

export const bookStage: Stage<FakeDesired, BookFields, FakeReader, FakeWriter> = {
  name: 'book',
  kind: 'Book',
  noun: { one: 'book', many: 'books' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: {
    shelf: rule(() => 'move'),
    open: rule((_from, to) => (to ? 'start' : 'stop')),
    tags: rule<readonly string[]>(() => 'adjust', {
      satisfied: (wanted, actual) => wanted.every((tag) => actual.includes(tag)),
    }),
    tested: rule<boolean>(() => 'test', { volatile: true }),
  },
  async observe({ reader, desired, keys }) {
    return readTable(reader, 'book', keys, desired.held)
  },
  project(actual, earlier) {
    if (!actual.complete) return actual
    const rows = new Map(
      [...actual.rows].map(([key, row]) => [key, afterShelf(row, earlier.change('shelf', String(row.fields.shelf)))]),
    )
    return { ...actual, rows }
  },
  desire({ books }) {
    return new Map(
      [...books].map(([key, { test: _test, ...fields }]) => {
        const needs = fields.shelf === undefined ? [] : [{ stage: 'shelf', key: fields.shelf }]
        return [key, { ...wish(key, fields), needs, ...(books.get(key)?.test ? { test: true } : {}) }]
      }),
    )
  },
  absent: () => WAITING,
  entail(_key, draft, wished, row) {
    const due = 'test' in wished && ('shelf' in draft || row?.fields.tested === false)
    return due ? { tested: true } : {}
  },
  apply: (context, assignments) => writeAll('book', context, assignments),
}

function afterShelf(
  row: Observed<BookFields>,
  change: { readonly fields: readonly { readonly field: string }[] } | undefined,
) {
  if (!change?.fields.some(({ field }) => field === 'width')) return row
  return { ...row, fields: { ...row.fields, tested: false } }
}

function wish<F>(label: string, fields: F): { ensure: 'present'; fields: F; label: string; origin: Origin } {
  return { ensure: 'present', fields, label, origin: ORIGIN }
}

function readTable<F extends Record<string, FieldValue>>(
  reader: FakeReader,
  table: Table,
  keys: 'all' | ReadonlySet<Key>,
  held?: ReadonlySet<Key>,
): Read<F> {
  const found = reader.rows(table, keys)
  const rows = [...found.rows].map(([key, fields]): [Key, Observed<F>] => [
    key,
    { fields: fields as F, ref: key, ...(held?.has(key) ? { hold: HELD } : {}) },
  ])
  const unknown = [...found.unknown].map((key): [Key, Reason] => [key, { code: 'Garbled', message: 'cannot be told' }])
  return { complete: true, rows: new Map(rows), unknown: new Map(unknown) }
}

async function* writeAll<F extends Record<string, FieldValue>>(
  table: Table,
  { writer, signal }: { readonly writer: FakeWriter; readonly signal: AbortSignal },
  assignments: readonly {
    readonly change: { readonly id: string; readonly key: Key; readonly action: 'create' | 'update' | 'delete' }
    readonly fields: Partial<F>
  }[],
) {
  for (const { change, fields } of assignments) {
    const { id, key, action } = change
    if (signal.aborted) {
      yield { id, outcome: 'failed' as const, reason: { code: 'Cancelled', message: 'cancelled' } }
      continue
    }
    const outcome = writer.write({ table, key, action, fields: fields as Record<string, FieldValue> })
    yield outcome === 'failed'
      ? { id, outcome, reason: { code: 'Refused', message: 'the server refused' } }
      : { id, outcome }
  }
}

/** The stages in apply order. */
export const FAKE_STAGES: readonly FakeStage[] = [checkStage, shelfStage, bookStage]
