// Random libraries: what is wished and what is there, over few keys and few values, so that they often meet.
import fc from 'fast-check'
import type { Verdict } from '../../src/engine/index.ts'
import type { Row, Tables } from './fake-remote.ts'
import type { DesiredBook, DesiredShelf, FakeDesired } from './fake-stages.ts'

const shelfKey: fc.Arbitrary<string> = fc.constantFrom('s1', 's2', 's3', 's4')
const bookKey: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const title = fc.constantFrom('A', 'B', 'C')
const width = fc.integer({ min: 1, max: 3 })
const tags = fc.uniqueArray(fc.constantFrom('x', 'y', 'z')).map((found) => found.sort())

const desiredShelf: fc.Arbitrary<DesiredShelf> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ title, width }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.constant<DesiredShelf>({ ensure: 'absent' }) },
)
const desiredBook: fc.Arbitrary<DesiredBook> = fc.record(
  { shelf: shelfKey, open: fc.boolean(), tags, test: fc.boolean() },
  { requiredKeys: [] },
)

const shelfRow: fc.Arbitrary<Row> = fc.record({ title, width })
const bookRow: fc.Arbitrary<Row> = fc.record({
  shelf: fc.option(shelfKey),
  open: fc.boolean(),
  tags,
  tested: fc.boolean(),
})

function mapOf<K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>): fc.Arbitrary<ReadonlyMap<K, V>> {
  return fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name }).map((entries) => new Map(entries))
}

/** A desired state. Every shelf that a book is wished to stand on is wished too, as the spec's own checks make sure. */
export const desiredLibrary: fc.Arbitrary<FakeDesired> = fc
  .record({ shelves: mapOf(shelfKey, desiredShelf), books: mapOf(bookKey, desiredBook) })
  .map(({ shelves, books }) => {
    const named = [...books.values()].flatMap(({ shelf }) => (shelf === undefined ? [] : [shelf]))
    const present = new Map([...shelves].filter(([key, { ensure }]) => ensure !== 'absent' || !named.includes(key)))
    for (const shelf of named) if (!present.has(shelf)) present.set(shelf, { title: 'A' })
    return { shelves: present, books }
  })

/** Rows of a remote in some state. Plain data: each run makes its own remote of it. */
export const messyTables: fc.Arbitrary<Tables> = fc.record({
  shelf: mapOf(shelfKey, shelfRow),
  book: mapOf(bookKey, bookRow),
})

/** What a read does each time it is asked: it fails, it cannot tell some rows, or it works. */
export const readFaults: fc.Arbitrary<readonly (Error | ReadonlySet<string> | undefined)[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constant(Object.assign(new Error('throttled'), { code: 'Throttled' })) },
    { weight: 3, arbitrary: fc.uniqueArray(fc.oneof(bookKey, shelfKey)).map((keys) => new Set<string>(keys)) },
  ),
  { minLength: 1, maxLength: 12 },
)

export const writeFault = fc.constantFrom('lie' as const, 'lose' as const, 'refuse' as const, undefined, undefined)

/** Verdicts of a check, with the stages it gates. */
export const checks: fc.Arbitrary<NonNullable<FakeDesired['checks']>> = mapOf(
  fc.constantFrom('clock', 'privileges'),
  fc.record({
    ready: fc
      .constantFrom<Verdict['status']>('True', 'False', 'Unknown', 'Unverifiable')
      .map((status): Verdict => ({ status, code: 'Checked', message: 'checked' })),
    gates: fc.uniqueArray(fc.constantFrom('shelf', 'book')),
  }),
)
