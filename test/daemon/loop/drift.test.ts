import { describe, expect, it } from 'vitest'
import type { Drift, ScopeReport } from '../../../src/daemon/board.ts'
import { driftOf, driftSuspects } from '../../../src/daemon/loop/drift.ts'
import type { FieldValue } from '../../../src/engine/index.ts'
import { conditionsOf } from '../../../src/reconcile/conditions.ts'
import type { PassOptions, PassResult } from '../../../src/reconcile/contract.ts'
import { BOOK, remoteWith, wants } from '../../engine/fake-library.ts'
import type { FakeRemote } from '../../engine/fake-remote.ts'
import { environmentIn, optionsOf, pass, scopeOf, temporaryDirectory } from '../../reconcile/fake-scope.ts'

const DESIRED = wants({ s1: {} }, { a: { shelf: 's1', open: true }, b: { shelf: 's1', open: true } })

function reportOf(result: PassResult, drift: readonly Drift[] = []): ScopeReport {
  return { result, conditions: conditionsOf(result), runway: [], drift, fights: [] }
}

async function watched(remote: FakeRemote = inOrder(), desired = DESIRED) {
  const environment = environmentIn(await temporaryDirectory(), { guards: () => [] })
  let before: ScopeReport | undefined
  return {
    remote,
    async look(options: Partial<PassOptions> = {}) {
      const result = await pass(scopeOf(remote, desired), optionsOf({ mode: 'plan', ...options }), environment)
      const asked = driftSuspects(before)(result.plan).map(({ key }) => key)
      const drift = driftOf({ before, result })
      before = reportOf(result, drift)
      return { drift, asked, result }
    },
  }
}

function inOrder(): FakeRemote {
  return remoteWith({ s1: { title: 'S' } }, { a: BOOK, b: BOOK })
}

function change(remote: FakeRemote, key: string, field: string, value: FieldValue): void {
  const row = remote.tables.book.get(key)
  if (row) row[field] = value
}

describe('drift', () => {
  it('is what changed on an object that was in sync, in the words of its correction', async () => {
    const { remote, look } = await watched()
    await look()
    change(remote, 'a', 'open', false)

    const { drift, result } = await look()

    expect(drift).toEqual([
      { stage: 'book', kind: 'Book', key: 'a', label: 'a', sentence: 'a becomes true', since: result.startedAt },
    ])
  })

  it('is nothing in the first pass: nobody knows who left it like that', async () => {
    const { remote, look } = await watched()
    change(remote, 'a', 'open', false)

    expect((await look()).drift).toEqual([])
    expect((await look()).drift).toEqual([])
  })

  it('keeps when it was noticed while it stays, and is asked about once', async () => {
    const { remote, look } = await watched()
    await look()
    change(remote, 'a', 'open', false)
    const first = await look()

    const second = await look()

    expect(first.asked).toEqual(['a'])
    expect(second.drift.map(({ since }) => since)).toEqual([first.result.startedAt])
  })

  it('is gone when somebody puts it back, and new when it comes again', async () => {
    const { remote, look } = await watched()
    await look()
    change(remote, 'a', 'open', false)
    await look()
    change(remote, 'a', 'open', true)
    const healed = await look()
    change(remote, 'a', 'open', false)

    const again = await look()

    expect(healed.drift).toEqual([])
    expect(again.drift.map(({ since }) => since)).toEqual([again.result.startedAt])
  })

  it('that the same pass corrects is told once, as corrected', async () => {
    const { remote, look } = await watched()
    await look({ mode: 'apply' })
    change(remote, 'a', 'open', false)

    const corrected = await look({ mode: 'apply' })
    const after = await look({ mode: 'apply' })

    expect(corrected.drift).toMatchObject([{ key: 'a', corrected: true }])
    expect(after.drift).toEqual([])
  })

  it('is told also right after a pass that wrote the object itself', async () => {
    const { remote, look } = await watched()
    change(remote, 'a', 'open', false)
    await look({ mode: 'apply' })
    change(remote, 'a', 'open', false)

    expect((await look({ mode: 'apply' })).drift).toMatchObject([{ key: 'a' }])
  })

  it.each<{ reason: string; before: (remote: FakeRemote) => void; after: (remote: FakeRemote) => void }>([
    {
      reason: 'a write of ours that was refused',
      before: (remote) => {
        change(remote, 'a', 'open', false)
        remote.faults.write = () => 'refuse'
      },
      after: (remote) => {
        remote.faults = {}
      },
    },
    {
      reason: 'a write of ours that had no effect',
      before: (remote) => {
        change(remote, 'a', 'open', false)
        remote.faults.write = () => 'lie'
      },
      after: (remote) => {
        remote.faults = {}
      },
    },
    {
      reason: 'what could not be told before',
      before: (remote) => {
        remote.faults.read = (table) => (table === 'book' ? new Set(['a']) : undefined)
      },
      after: (remote) => {
        remote.faults = {}
        change(remote, 'a', 'open', false)
      },
    },
    {
      reason: 'what could not be read before',
      before: (remote) => {
        remote.faults.read = (table) => (table === 'book' ? new Error('away') : undefined)
      },
      after: (remote) => {
        remote.faults = {}
        change(remote, 'a', 'open', false)
      },
    },
    {
      reason: 'what was not there before',
      before: (remote) => void remote.tables.book.delete('a'),
      after: (remote) => void remote.tables.book.set('a', { ...BOOK, open: false }),
    },
  ])('is not $reason', async ({ before, after }) => {
    const { remote, look } = await watched()
    before(remote)
    await look({ mode: 'apply' })
    after(remote)

    expect((await look({ mode: 'apply' })).drift).toEqual([])
  })

  it('B1: is not told and not taken back while nothing can be read', async () => {
    const { remote, look } = await watched()
    await look()
    remote.faults.read = () => new Error('away')

    expect((await look()).drift).toEqual([])
  })

  it('B7: is not a test that has to be asked for again', async () => {
    const { remote, look } = await watched(inOrder(), wants({ s1: {} }, { a: { shelf: 's1', test: true } }))
    await look()
    change(remote, 'a', 'tested', false)

    const { drift, result } = await look()

    expect(result.plan.steps).toHaveLength(1)
    expect(drift).toEqual([])
  })
})
