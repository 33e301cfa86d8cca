import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/engine/index.ts'
import { BOOK, remoteWith, wants } from './fake-library.ts'
import { applyTo, MemoryJournal, planOf } from './fake-pass.ts'
import type { FakeRemote } from './fake-remote.ts'

/** More than three windows. */
const MANY = 5_000
const keys = Array.from({ length: MANY }, (_, number) => `book${String(number).padStart(4, '0')}`)
const DESIRED = wants({}, Object.fromEntries(keys.map((key) => [key, { open: false }])))

function library(): FakeRemote {
  return remoteWith({}, Object.fromEntries(keys.map((key) => [key, BOOK])))
}

/** How often each book is looked at while a plan is applied. */
function countingReads(remote: FakeRemote): Map<string, number> {
  const times = new Map<string, number>()
  const newReader = remote.newReader.bind(remote)
  remote.newReader = () => {
    const reader = newReader()
    return {
      rows(table, asked) {
        if (asked !== 'all') for (const key of asked) times.set(key, (times.get(key) ?? 0) + 1)
        return reader.rows(table, asked)
      },
    }
  }
  return times
}

function countsOf(outcomes: readonly Outcome[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { result } of outcomes) counts[result] = (counts[result] ?? 0) + 1
  return counts
}

describe('a step of many windows', () => {
  it('reads every object twice: before it is written, and after', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const times = countingReads(remote)

    const outcomes = await applyTo(remote, DESIRED, plan)

    expect(countsOf(outcomes)).toEqual({ Applied: MANY })
    expect(outcomes.map(({ key }) => key)).toEqual(keys)
    expect(new Set(times.values())).toEqual(new Set([2]))
    expect(times.size).toBe(MANY)
  })

  it('writes down the intent of each window before its first write', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const journal = new MemoryJournal()
    const unannounced: string[] = []
    let announced = new Set<string>()
    journal.intend = async (intents) => {
      announced = new Set([...announced, ...intents.map(({ key }) => key)])
    }
    remote.faults.write = ({ key }) => {
      if (!announced.has(key)) unannounced.push(key)
      return undefined
    }

    await applyTo(remote, DESIRED, plan, { journal })

    expect(unannounced).toEqual([])
    expect(announced.size).toBe(MANY)
    expect(journal.outcomes).toHaveLength(MANY)
  })

  it('refuses what moved in a later window meanwhile', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const last = keys.at(-1) ?? ''
    remote.faults.write = ({ key }) => {
      if (key === keys[0]) remote.tables.book.delete(last)
      return undefined
    }

    const outcomes = await applyTo(remote, DESIRED, plan)

    expect(countsOf(outcomes)).toEqual({ Applied: MANY - 1, Moved: 1 })
    expect(outcomes.at(-1)).toMatchObject({ key: last, result: 'Moved' })
  })

  it('a look that fails makes its own window unknown, and the windows behind look again', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    let looks = 0
    remote.faults.read = () => {
      looks += 1
      return looks === 3 ? new Error('throttled') : undefined
    }

    const outcomes = await applyTo(remote, DESIRED, plan)

    const unknown = outcomes.filter(({ result }) => result === 'Unknown')
    expect(unknown.map(({ key }) => key)).toEqual(keys.slice(0, unknown.length))
    expect(countsOf(outcomes)).toEqual({ Unknown: unknown.length, Applied: MANY - unknown.length })
    expect(unknown.length).toBeGreaterThan(0)
    expect(remote.writes).toHaveLength(MANY)
  })

  it('a cancel ends the window under way, and reads back what was written', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const cancel = new AbortController()
    remote.faults.write = () => {
      if (remote.writes.length === 2_000) cancel.abort()
      return undefined
    }

    const outcomes = await applyTo(remote, DESIRED, plan, { signal: cancel.signal })

    expect(countsOf(outcomes)).toEqual({ Applied: 2_001, Cancelled: MANY - 2_001 })
    expect(remote.writes).toHaveLength(2_001)
  })

  it('an outcome that cannot be written down ends it before another window begins', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const journal = new MemoryJournal()
    journal.conclude = async () => {
      throw new Error('the disk is full')
    }

    await expect(applyTo(remote, DESIRED, plan, { journal })).rejects.toThrow('the disk is full')

    expect(remote.writes.length).toBeLessThanOrEqual(2 * 1_600)
  })
})
