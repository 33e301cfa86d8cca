import { describe, expect, it } from 'vitest'
import { applyPlan, type Outcome, type Plan } from '../../src/engine/index.ts'
import { BOOK, remoteWith, wants } from './fake-library.ts'
import { applyTo, MemoryJournal, never, planOf } from './fake-pass.ts'
import type { FakeReader, FakeRemote, FakeWriter } from './fake-remote.ts'
import { bookStage, FAKE_STAGES, type FakeDesired, type FakeStage } from './fake-stages.ts'

/** Changes that are journaled and written together. */
const WINDOW = 800
/** More than six windows. */
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

/** A window that a stage was given to write; it is written as soon as it is let. */
interface Given {
  readonly keys: readonly string[]
  readonly signal: AbortSignal
  let(): void
}

/** Applies a plan of books with a stage that writes a window only when it is let. `given` resolves with the windows once there are so many. */
function applyGated(remote: FakeRemote, plan: Plan, journal = new MemoryJournal()) {
  const windows: Given[] = []
  const waiting: (() => void)[] = []
  const stage: typeof bookStage = {
    ...bookStage,
    async *apply(context, assignments) {
      const { signal } = context
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve())
        windows.push({ keys: assignments.map(({ change }) => change.key), signal, let: resolve })
        for (const wake of waiting.splice(0)) wake()
      })
      if (bookStage.apply) yield* bookStage.apply(context, assignments)
    },
  }
  const done = applyPlan<FakeDesired, FakeReader, FakeWriter>({
    plan,
    stages: FAKE_STAGES.map((one): FakeStage => (one === bookStage ? stage : one)),
    desired: DESIRED,
    newReader: () => remote.newReader(),
    writer: remote.writer(),
    journal,
    now: () => new Date('2026-11-20T08:00:00Z'),
    signal: never(),
  })
  async function given(count: number): Promise<readonly Given[]> {
    while (windows.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
    // Whatever else would begin without an answer has begun by then.
    await new Promise((resolve) => setImmediate(resolve))
    return windows
  }
  return { done, given, journal }
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

    expect(remote.writes.length).toBeLessThanOrEqual(3 * WINDOW)
  })

  it('has one window in line behind the one that is being written, and never two', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const { done, given, journal } = applyGated(remote, plan)

    const underWay: number[] = []
    for (let answered = 0; answered * WINDOW < MANY; answered += 1) {
      const windows = await given(Math.min(answered + 2, Math.ceil(MANY / WINDOW)))
      underWay.push(windows.length - answered)
      expect(journal.intents.map(({ key }) => key)).toEqual(windows.flatMap((window) => window.keys))
      windows[answered]?.let()
    }
    const outcomes = await done

    expect(countsOf(outcomes)).toEqual({ Applied: MANY })
    expect(underWay).toEqual([2, 2, 2, 2, 2, 2, 1])
  })

  it('writes no object later than four windows of writes after it was looked at', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const lookedAt = new Map<string, number>()
    const ages: number[] = []
    const newReader = remote.newReader.bind(remote)
    remote.newReader = () => {
      const reader = newReader()
      const writes = remote.writes.length
      return {
        rows(table, asked) {
          if (asked !== 'all') for (const key of asked) lookedAt.set(key, writes)
          return reader.rows(table, asked)
        },
      }
    }
    remote.faults.write = ({ key }) => {
      ages.push(remote.writes.length - (lookedAt.get(key) ?? 0))
      return undefined
    }

    await applyTo(remote, DESIRED, plan)

    expect(ages).toHaveLength(MANY)
    expect(Math.max(...ages)).toBeLessThanOrEqual(4 * WINDOW)
  })

  it('sends nothing more of the window in line when an outcome cannot be written down', async () => {
    const remote = library()
    const { plan } = await planOf(remote, DESIRED)
    const journal = new MemoryJournal()
    journal.conclude = async () => {
      throw new Error('the disk is full')
    }
    const { done, given } = applyGated(remote, plan, journal)
    const failed = expect(done).rejects.toThrow('the disk is full')

    const [first, second] = await given(2)
    first?.let()
    const third = (await given(3))[2]
    second?.let()
    await failed

    expect(third?.signal.aborted).toBe(true)
    expect(remote.writes).toHaveLength(2 * WINDOW)
    expect(await given(3)).toHaveLength(3)
  })
})
