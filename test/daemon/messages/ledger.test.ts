import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Incident } from '../../../src/daemon/messages/incident.ts'
import { advance, EMPTY_LEDGER, type Ledger } from '../../../src/daemon/messages/ledger.ts'

const MINUTE = 60_000

function incident(changes: Partial<Incident> = {}): Incident {
  return {
    key: 'Failed organization/a',
    topic: 'Failed',
    scope: 'a',
    organizations: ['a'],
    size: 1,
    patience: 'None',
    title: 'a: 1 mailbox does not work',
    lines: ['a cause'],
    ...changes,
  }
}

/** A ledger with its clock: each step says what is wrong then, and gives what is told. */
function teller(from: Ledger = EMPTY_LEDGER) {
  let [ledger, now, ids] = [from, Date.UTC(2026, 10, 23), 0]
  return {
    after(ms: number, incidents: readonly Incident[], isKnown: (key: string) => boolean = () => true) {
      now += ms
      const newId = () => `id-${++ids}`
      const next = advance(ledger, { incidents, isKnown }, { now: new Date(now), newId })
      // As after a restart: what is remembered is what can be written down.
      ledger = JSON.parse(JSON.stringify(next.ledger)) as Ledger
      return next.outgoing.map(({ message }) => message)
    },
    states(ms: number, incidents: readonly Incident[]) {
      return this.after(ms, incidents).map(({ state }) => state)
    },
    get ledger() {
      return ledger
    },
  }
}

describe('an incident', () => {
  test('is told once when it begins, and once when it is over, as the same incident', () => {
    const it = teller()

    const told = [
      ...it.after(0, [incident()]),
      ...it.after(MINUTE, [incident()]),
      ...it.after(MINUTE, []),
      ...it.after(MINUTE, []),
      ...it.after(MINUTE, []),
    ]

    expect(told.map(({ state }) => state)).toEqual(['Began', 'Recovered'])
    expect(new Set(told.map(({ incident: id }) => id)).size).toBe(1)
    expect(new Set(told.map(({ id }) => id)).size).toBe(2)
    expect(told[1]?.lines).toEqual(['It lasted 2 minutes.'])
  })

  test('that may pass by itself is told only when it stays', () => {
    const it = teller()
    const passing = incident({ patience: 'Passing' })

    expect(it.states(0, [passing])).toEqual([])
    expect(it.states(MINUTE, [])).toEqual([])
    expect(it.states(MINUTE, [passing])).toEqual([])
    expect(it.states(MINUTE, [passing])).toEqual([])
    expect(it.states(MINUTE, [passing])).toEqual(['Began'])
  })

  test.each([
    { from: 1, to: 9, told: [], reason: 'the same order' },
    { from: 1, to: 10, told: ['Changed'], reason: 'ten times as many' },
    { from: 99, to: 5000, told: ['Changed'], reason: 'far more' },
    { from: 5000, to: 3, told: [], reason: 'less is good news that comes with the recovery' },
  ])('that goes from $from to $to: $reason', ({ from, to, told }) => {
    const it = teller()
    it.after(0, [incident({ size: from })])

    expect(it.states(MINUTE, [incident({ size: to })])).toEqual(told)
    expect(it.states(MINUTE, [incident({ size: to })])).toEqual([])
  })

  test('that is another one than before is told again: the next invalid revision, fewer days', () => {
    const it = teller()
    it.after(0, [incident({ version: '30' })])

    expect(it.states(MINUTE, [incident({ version: '30' })])).toEqual([])
    expect(it.states(MINUTE, [incident({ version: '14' })])).toEqual(['Changed'])
  })

  test('that nothing can be told of neither begins nor ends', () => {
    const it = teller()
    it.after(0, [incident()])

    const told = Array.from({ length: 100 }, () => it.after(MINUTE, [], () => false)).flat()

    expect(told).toEqual([])
    expect(it.states(MINUTE, [incident()])).toEqual([])
  })

  test('that flaps is told less and less', () => {
    const it = teller()
    let told = 0
    for (let minute = 0; minute < 240; minute += 2) {
      told += it.states(0, [incident()]).length
      told += it.states(MINUTE, []).length
      told += it.states(MINUTE, []).length
    }

    // 120 times it came and went.
    expect(told).toBeLessThanOrEqual(6)
  })
})

describe('many incidents at once', () => {
  const many = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) =>
      incident({
        key: `Failed organization/o${from + index}`,
        scope: `o${from + index}`,
        organizations: [`o${from + index}`],
        title: `o${from + index} cannot be reconciled`,
      }),
    )

  test('are a few messages and one for the rest, and one when the rest is over', () => {
    const it = teller()

    const began = it.after(0, many(300))
    const later = it.after(MINUTE, many(300))
    const over = [...it.after(MINUTE, []), ...it.after(MINUTE, []), ...it.after(MINUTE, [])]

    expect(began.map(({ state }) => state)).toEqual(Array(6).fill('Began'))
    expect(began.at(-1)?.title).toBe('295 more: failing as well')
    expect(began.at(-1)?.lines).toHaveLength(11)
    expect(later).toEqual([])
    expect(over.map(({ state }) => state)).toEqual(Array(6).fill('Recovered'))
  })

  test('that come one after the other are told together too', () => {
    const it = teller()

    const told = Array.from({ length: 300 }, (_, index) => it.after(1000, many(index + 1))).flat()

    // Five by themselves, the rest at 1, 10 and 100.
    expect(told.map(({ state }) => state)).toEqual([...Array(6).fill('Began'), 'Changed', 'Changed'])
  })

  test('are parted again once the first wave is over', () => {
    const it = teller()
    it.after(0, many(20))
    for (let minutes = 0; minutes < 15; minutes += 1) it.after(MINUTE, [])

    expect(it.after(MINUTE, many(1, 50)).map(({ title }) => title)).toEqual(['o50 cannot be reconciled'])
  })
})

test('in every history each incident that began recovers once, and nothing recovers that did not begin', () => {
  const step = fc.record({
    ms: fc.integer({ min: 1000, max: 10 * MINUTE }),
    present: fc.array(fc.record({ name: fc.integer({ min: 0, max: 12 }), size: fc.integer({ min: 1, max: 2000 }) }), {
      maxLength: 13,
    }),
    unknown: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const it = teller()
      const told = [
        ...steps.flatMap(({ ms, present, unknown }) =>
          it.after(
            ms,
            present.map(({ name, size }) =>
              incident({ key: `Failed organization/${name}`, scope: String(name), size, patience: 'Passing' }),
            ),
            () => !unknown,
          ),
        ),
        ...Array.from({ length: 200 }, () => it.after(MINUTE, [])).flat(),
      ]

      const open = new Set<string>()
      for (const { incident: id, state } of told) {
        expect(open.has(id)).toBe(state !== 'Began')
        if (state === 'Began') open.add(id)
        if (state === 'Recovered') open.delete(id)
      }
      expect([...open]).toEqual([])
      expect(it.ledger.known).toEqual([])
    }),
    { numRuns: 60 },
  )
})
