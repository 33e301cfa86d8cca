import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldValue } from '../../src/engine/index.ts'
import type { PassOptions, PassResult } from '../../src/reconcile/contract.ts'
import { BOOK, remoteWith, wants } from '../engine/fake-library.ts'
import type { FakeRemote } from '../engine/fake-remote.ts'
import { environmentIn, optionsOf, pass, scopeOf, temporaryDirectory } from './fake-scope.ts'

const HOUR_MS = 3_600_000
const DESIRED = wants({ s1: {} }, { a: { shelf: 's1', open: false } })
const OTHER = wants({ s1: {} }, { a: { shelf: 's1', open: false, tags: ['new'] } })

/** A remote, its reconciler and somebody else, hour by hour. Every pass is a process of its own. */
async function ring(rule = { reversals: 3, withinMs: 24 * HOUR_MS }) {
  const remote = remoteWith({ s1: { title: 'S' } }, { a: BOOK })
  const directory = await temporaryDirectory()
  let hour = Date.parse('2026-11-20T08:00:00Z')
  let count = 0
  const newId = () => {
    count += 1
    return `pass-${count}`
  }
  return {
    remote,
    wait: (hours: number) => {
      hour += hours * HOUR_MS
    },
    somebody: (field: string, value: FieldValue) => setField(remote, field, value),
    pass(desired = DESIRED, options: Partial<PassOptions> = {}): Promise<PassResult> {
      hour += HOUR_MS
      const environment = environmentIn(directory, { now: () => new Date(hour), newId, guards: () => [], fights: rule })
      return pass(scopeOf(remote, desired), optionsOf(options), environment)
    },
  }
}

function setField(remote: FakeRemote, field: string, value: FieldValue): void {
  const row = remote.tables.book.get('a')
  if (row) row[field] = value
}

type Ring = Awaited<ReturnType<typeof ring>>

/** So many times ours is written and theirs put back. */
async function rounds(of: Ring, times: number): Promise<void> {
  for (let round = 0; round < times; round += 1) {
    await of.pass()
    of.somebody('open', true)
  }
}

describe('B8: an object that somebody else keeps changing back', () => {
  it('is left alone after so many reversals, and the plan says so with what it would do', async () => {
    const one = await ring()
    await rounds(one, 3)
    const before = one.remote.writes.length

    const result = await one.pass()

    expect(one.remote.writes).toHaveLength(before)
    expect(result.plan.steps).toEqual([])
    expect(result.plan.exceptions).toMatchObject([
      {
        key: 'a',
        state: 'Held',
        reason: {
          code: 'ChangedBack',
          message:
            'somebody else changed it back 3 times since 2026-11-20 09:00 UTC, so it is left alone until 2026-11-21 11:00 UTC or until the spec asks for something else; agree with them, or pass the guard `fight`',
        },
        would: ['become false'],
      },
    ])
    expect(result.fights).toEqual([
      {
        stage: 'book',
        kind: 'Book',
        key: 'a',
        label: 'a',
        reversals: 3,
        since: '2026-11-20T09:00:00.000Z',
        until: '2026-11-21T11:00:00.000Z',
      },
    ])
  })

  it('is written as long as the reversals are fewer', async () => {
    const one = await ring()
    await rounds(one, 2)

    const result = await one.pass()

    expect(result.outcomes?.map(({ result: came }) => came)).toEqual(['Applied'])
    expect(result.fights).toBeUndefined()
  })

  it('is tried once more when the time is over', async () => {
    const one = await ring()
    await rounds(one, 3)
    one.wait(24)

    const result = await one.pass()

    expect(result.outcomes?.map(({ result: came }) => came)).toEqual(['Applied'])
  })

  it('is written where reversals are too far apart', async () => {
    const one = await ring()
    for (let day = 0; day < 5; day += 1) {
      await rounds(one, 1)
      one.wait(23)
    }

    const result = await one.pass()

    expect(result.outcomes).toHaveLength(1)
  })

  it('is written again when the spec asks for something else, and what is fought over stays as long as that is all', async () => {
    const one = await ring()
    await rounds(one, 3)

    const more = await one.pass(OTHER)
    const contrary = await one.pass(wants({ s1: {} }, { a: { shelf: 's1', open: true } }))
    const back = await one.pass()

    expect(more.fights).toHaveLength(1)
    expect(contrary.plan.steps).toEqual([])
    expect(back.fights).toHaveLength(1)
  })

  it('is not fought over by our own commits that go back and forth', async () => {
    const one = await ring()
    const open = wants({ s1: {} }, { a: { shelf: 's1', open: true } })
    for (let round = 0; round < 4; round += 1) {
      await one.pass()
      await one.pass(open)
    }

    const result = await one.pass()

    expect(result.outcomes?.map(({ result: came }) => came)).toEqual(['Applied'])
  })

  it('is written where a person says so, and that is told', async () => {
    const one = await ring()
    await rounds(one, 3)

    const result = await one.pass(DESIRED, { allow: new Set(['fight']) })

    expect(result.outcomes?.map(({ result: came }) => came)).toEqual(['Applied'])
    expect(result.verdicts.filter(({ guard }) => guard === 'fight')).toMatchObject([
      {
        guard: 'fight',
        overridden: true,
        message: '1 object is written although somebody else keeps changing it back',
      },
    ])
  })

  it('is stopped all the same where the spec asks for that anew', async () => {
    const one = await ring()
    const tagged = wants({ s1: {} }, { a: { shelf: 's1', tags: ['mine'] } })
    for (let round = 0; round < 3; round += 1) {
      await one.pass(tagged)
      one.somebody('tags', [])
    }

    const result = await one.pass(wants({ s1: {} }, { a: { shelf: 's1', tags: ['mine'], open: false } }))

    expect(result.plan.steps.flatMap(({ changes }) => changes.flatMap(({ fields }) => fields))).toMatchObject([
      { field: 'open', to: false, effect: 'stop' },
    ])
    expect(result.outcomes?.map(({ result: came }) => came)).toEqual(['Applied'])
    expect(result.fights).toHaveLength(1)
  })

  it('does not keep other objects from being written', async () => {
    const one = await ring()
    await rounds(one, 3)
    one.remote.tables.book.set('b', { ...BOOK })

    const result = await one.pass(wants({ s1: {} }, { a: { open: false }, b: { open: false } }))

    expect(result.outcomes?.map(({ key, result: came }) => [key, came])).toEqual([['b', 'Applied']])
  })

  it('B7: tests that have to be asked for again and again are none', async () => {
    const one = await ring({ reversals: 1, withinMs: 24 * HOUR_MS })
    const desired = wants({ s1: {} }, { a: { shelf: 's1', test: true } })
    for (let round = 0; round < 4; round += 1) {
      one.somebody('tested', false)
      await one.pass(desired)
    }
    one.somebody('tested', false)

    const result = await one.pass(desired)

    expect(result.outcomes).toHaveLength(1)
    expect(result.fights).toBeUndefined()
  })

  it('never makes a pass write what it would not have written without the rule', async () => {
    const step = fc.record({
      somebody: fc.constantFrom('open', 'tags', 'nobody'),
      wait: fc.integer({ min: 0, max: 30 }),
      desired: fc.constantFrom(DESIRED, OTHER),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
        const one = await ring({ reversals: 2, withinMs: 24 * HOUR_MS })
        for (const { somebody, wait, desired } of steps) {
          if (somebody === 'open') one.somebody('open', true)
          if (somebody === 'tags') one.somebody('tags', [])
          one.wait(wait)
          const free = await pass(
            scopeOf(one.remote, desired),
            optionsOf({ mode: 'plan' }),
            environmentIn(await temporaryDirectory(), { guards: () => [] }),
          )
          const result = await one.pass(desired)
          const may = new Set(free.plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
          const does = result.plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id))
          expect(does.filter((id) => !may.has(id))).toEqual([])
        }
      }),
      { numRuns: 15 },
    )
  })
})
