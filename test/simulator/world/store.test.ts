import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventQueue } from '../../../src/simulator/world/event-queue.ts'
import { Store } from '../../../src/simulator/world/store.ts'

const operation = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.integer(), removes: fc.boolean() })

function run(store: Store, operations: readonly { id: string; value: number; removes: boolean }[]): void {
  for (const { id, value, removes } of operations) {
    if (removes) store.delete('team', id)
    else store.put('team', id, { value })
  }
}

describe('Store', () => {
  test('a transaction that throws leaves rows and their order as they were', () => {
    fc.assert(
      fc.property(fc.array(operation), fc.array(operation), (before, within) => {
        const store = new Store(['team'], 0)
        run(store, before)
        const rows = [...store.rows('team')]

        const failing = () =>
          store.atomically(() => {
            run(store, within)
            throw new Error('no')
          })

        expect(failing).toThrow('no')
        expect([...store.rows('team')]).toEqual(rows)
      }),
    )
  })

  test('an inner transaction that throws and is caught undoes only itself', () => {
    fc.assert(
      fc.property(fc.array(operation), fc.array(operation), fc.array(operation), (first, inner, last) => {
        const store = new Store(['team'], 0)
        const twin = new Store(['team'], 0)
        run(twin, [...first, ...last])

        store.atomically(() => {
          run(store, first)
          try {
            store.atomically(() => {
              run(store, inner)
              throw new Error('no')
            })
          } catch {
            // The outer transaction goes on.
          }
          run(store, last)
        })

        const values = (of: Store) => [...of.rows('team')].map(([id, row]) => [id, row['value']])
        expect(values(store)).toEqual(values(twin))
      }),
    )
  })

  test('a row read before an update stays what it was, and row versions only rise', () => {
    const store = new Store(['team', 'queue'], 0)
    const before = store.put('team', 'a', { name: 'old' })

    const other = store.put('queue', 'b', {})
    const after = store.put('team', 'a', { name: 'new' })

    expect(before).toMatchObject({ name: 'old', versionnumber: 1 })
    expect(other['versionnumber']).toBe(2)
    expect(after).toMatchObject({ name: 'new', versionnumber: 3 })
  })
})

describe('EventQueue', () => {
  test('gives entries by moment, and by order of arrival within a moment', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (moments) => {
        const queue = new EventQueue<{ atMs: number; order: number }>()
        const entries = moments.map((atMs, order) => ({ atMs, order }))
        for (const entry of entries) queue.push(entry)

        const given = entries.map(() => queue.pop())

        expect(given).toEqual(entries.toSorted((left, right) => left.atMs - right.atMs || left.order - right.order))
        expect(queue.size).toBe(0)
      }),
    )
  })
})
