import { describe, expect, it } from 'vitest'
import type { Outcome, Plan } from '../../src/engine/index.ts'
import { BOOK, remoteWith, wants } from './fake-library.ts'
import { applyTo, idsOf, MemoryJournal, planOf } from './fake-pass.ts'
import type { FakeRemote } from './fake-remote.ts'
import type { FakeDesired } from './fake-stages.ts'

const DESIRED = wants(
  { s1: { title: 'B' }, s2: { title: 'C' } },
  { a: { shelf: 's2', test: true }, b: { open: false } },
)

function messy(): FakeRemote {
  return remoteWith({ s1: { title: 'A', width: 1 } }, { a: BOOK, b: BOOK, other: BOOK })
}

function resultsOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map(({ kind, key, result, reason }) =>
    [`${kind}/${key}`, result, ...(reason ? [reason.code] : [])].join(' '),
  )
}

function idOf(plan: Plan, kind: string, key: string): string {
  const changes = plan.steps.flatMap((step) => step.changes)
  const change = changes.find((candidate) => candidate.kind === kind && candidate.key === key)
  if (!change) throw new Error(`the plan has no change of ${kind}/${key}`)
  return change.id
}

describe('apply', () => {
  it('brings the remote to what is wished, touches nothing else, and has nothing to do the second time', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)

    const outcomes = await applyTo(remote, DESIRED, plan)

    expect(resultsOf(outcomes)).toEqual(['Shelf/s1 Applied', 'Shelf/s2 Applied', 'Book/a Applied', 'Book/b Applied'])
    expect(remote.tables.book.get('other')).toEqual(BOOK)
    expect(remote.tables.book.get('a')).toEqual({ ...BOOK, shelf: 's2', tested: true })
    expect(idsOf((await planOf(remote, DESIRED)).plan)).toEqual([])
  })

  it('journals the intent with the prior values before each write, and the outcome after it', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)
    const journal = new MemoryJournal()
    const told: string[] = []
    remote.faults.write = ({ table, key }) => {
      told.push(`${table}/${key}: ${journal.intents.some((intent) => intent.key === key)}, ${journal.outcomes.length}`)
      return undefined
    }

    await applyTo(remote, DESIRED, plan, { journal })

    expect(told).toEqual(['shelf/s1: true, 0', 'shelf/s2: true, 0', 'book/a: true, 2', 'book/b: true, 2'])
    expect(journal.intents[2]?.fields).toEqual([
      { field: 'shelf', from: 's1', to: 's2' },
      { field: 'tested', from: true, to: true },
    ])
    expect(journal.outcomes.map(({ id }) => id)).toEqual(idsOf(plan))
  })

  it.each<{ reason: string; fault: 'lie' | 'lose' | 'refuse'; results: readonly string[] }>([
    {
      reason: 'a write that was accepted but changed nothing is found by reading back',
      fault: 'lie',
      results: ['Shelf/s1 WriteNotEffective WriteNotEffective', 'Shelf/s2 Applied', 'Book/a Applied', 'Book/b Applied'],
    },
    {
      reason: 'a write whose answer was lost is settled by reading back',
      fault: 'lose',
      results: ['Shelf/s1 Applied', 'Shelf/s2 Applied', 'Book/a Applied', 'Book/b Applied'],
    },
    {
      reason: 'a refused write stops no other object',
      fault: 'refuse',
      results: ['Shelf/s1 Failed Refused', 'Shelf/s2 Applied', 'Book/a Applied', 'Book/b Applied'],
    },
  ])('$reason', async ({ fault, results }) => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)
    remote.faults.write = ({ key }) => (key === 's1' ? fault : undefined)

    expect(resultsOf(await applyTo(remote, DESIRED, plan))).toEqual(results)
  })

  it('says unknown where the answer was lost and the write cannot be seen', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)
    const writer = remote.writer()
    remote.writer = () => ({ write: (write) => (write.key === 'b' ? 'unknown' : writer.write(write)) })

    const outcomes = await applyTo(remote, DESIRED, plan)

    expect(resultsOf(outcomes)).toContain('Book/b Unknown')
  })

  it('blocks what needs an object that failed', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)
    remote.faults.write = ({ key }) => (key === 's2' ? 'refuse' : undefined)

    const outcomes = await applyTo(remote, DESIRED, plan)

    expect(resultsOf(outcomes)).toEqual([
      'Shelf/s1 Applied',
      'Shelf/s2 Failed Refused',
      'Book/a Blocked Refused',
      'Book/b Applied',
    ])
  })

  it('stops what must stop although an object it needs failed', async () => {
    const desired = wants({ s1: { title: 'B' } }, { a: { shelf: 's1', open: false } })
    const remote = messy()
    const { plan } = await planOf(remote, desired)
    remote.faults.write = ({ key }) => (key === 's1' ? 'refuse' : undefined)

    const outcomes = await applyTo(remote, desired, plan)

    expect(resultsOf(outcomes)).toEqual(['Shelf/s1 Failed Refused', 'Book/a Applied'])
  })

  it('applies only what was approved, and blocks what needs an object whose creation was not', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)
    const approved = new Set([idOf(plan, 'Shelf', 's1'), idOf(plan, 'Book', 'a')])

    const outcomes = await applyTo(remote, DESIRED, plan, { approved })

    expect(resultsOf(outcomes)).toEqual(['Shelf/s1 Applied', 'Book/a Blocked NotApproved'])
    expect(remote.writes.map(({ key }) => key)).toEqual(['s1'])
  })

  it.each<{ reason: string; meanwhile: (remote: FakeRemote) => void; results: readonly string[] }>([
    {
      reason: 'a field that has another value than planned is refused',
      meanwhile: (remote) => remote.tables.book.set('a', { ...BOOK, shelf: 's3' }),
      results: ['Book/a Moved Moved', 'Book/b Applied'],
    },
    {
      reason: 'an object that is gone is refused',
      meanwhile: (remote) => remote.tables.book.delete('a'),
      results: ['Book/a Moved Moved', 'Book/b Applied'],
    },
    {
      reason: 'an object that is already as wished is not written again',
      meanwhile: (remote) => remote.tables.book.set('b', { ...BOOK, open: false }),
      results: ['Book/a Applied', 'Book/b AlreadyDone'],
    },
    {
      reason: 'a field that moves by itself refuses nothing',
      meanwhile: (remote) => remote.tables.book.set('a', { ...BOOK, tested: false }),
      results: ['Book/a Applied', 'Book/b Applied'],
    },
    {
      reason: 'a change of a field nobody manages refuses nothing',
      meanwhile: (remote) => remote.tables.book.set('b', { ...BOOK, tags: ['z'] }),
      results: ['Book/a Applied', 'Book/b Applied'],
    },
    {
      reason: 'an object that cannot be told any more is left alone',
      meanwhile: (remote) => {
        remote.faults.read = (table) => (table === 'book' ? new Set(['a']) : undefined)
      },
      results: ['Book/a Unknown Garbled', 'Book/b Applied'],
    },
    {
      reason: 'a stage that cannot be read any more is left alone',
      meanwhile: (remote) => {
        remote.faults.read = () => Object.assign(new Error('throttled'), { code: 'Throttled' })
      },
      results: ['Book/a Unknown Throttled', 'Book/b Unknown Throttled'],
    },
  ])('looks again just before writing: $reason', async ({ meanwhile, results }) => {
    const desired = wants({}, { a: { shelf: 's2', test: true }, b: { open: false } })
    const remote = messy()
    const { plan } = await planOf(remote, desired)
    meanwhile(remote)

    expect(resultsOf(await applyTo(remote, desired, plan))).toEqual(results)
  })

  it.each<{ reason: string; meanwhile: (remote: FakeRemote) => void; result: string }>([
    {
      reason: 'the same object made by somebody else is already done',
      meanwhile: (remote) => remote.tables.shelf.set('s2', { title: 'C', width: 5 }),
      result: 'Shelf/s2 AlreadyDone',
    },
    {
      reason: 'another object made by somebody else is refused',
      meanwhile: (remote) => remote.tables.shelf.set('s2', { title: 'D' }),
      result: 'Shelf/s2 Moved Moved',
    },
  ])('does not create twice: $reason', async ({ meanwhile, result }) => {
    const desired = wants({ s2: { title: 'C' } }, {})
    const remote = messy()
    const { plan } = await planOf(remote, desired)
    meanwhile(remote)

    expect(resultsOf(await applyTo(remote, desired, plan))).toEqual([result])
    expect(remote.writes).toEqual([])
  })

  it('deletes what must be absent, and is done where it is gone already', async () => {
    const desired = wants({ s1: { ensure: 'absent' }, s2: { ensure: 'absent' } }, {})
    const remote = remoteWith({ s1: { title: 'A' }, s2: { title: 'B' } }, {})
    const { plan } = await planOf(remote, desired)
    remote.tables.shelf.delete('s2')

    expect(resultsOf(await applyTo(remote, desired, plan))).toEqual(['Shelf/s1 Applied', 'Shelf/s2 AlreadyDone'])
  })
})

describe('a journal that cannot be written', () => {
  it('stops everything before the first write', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)
    const journal = new MemoryJournal()
    journal.intend = async () => {
      throw new Error('the disk is full')
    }

    await expect(applyTo(remote, DESIRED, plan, { journal })).rejects.toThrow('the disk is full')

    expect(remote.writes).toEqual([])
  })

  it('stops what follows when an outcome cannot be written down', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, DESIRED)
    const journal = new MemoryJournal()
    journal.conclude = async () => {
      throw new Error('the disk is full')
    }

    await expect(applyTo(remote, DESIRED, plan, { journal })).rejects.toThrow('the disk is full')

    expect(remote.writes.map(({ table }) => table)).toEqual(['shelf', 'shelf'])
  })
})

describe('cancelling', () => {
  const desired: FakeDesired = wants({ s1: { title: 'B' }, s2: { title: 'C' } }, { b: { open: false } })

  it('ends the window at hand, reads back what was written, and begins nothing more', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, desired)
    const cancel = new AbortController()
    remote.faults.write = () => {
      cancel.abort()
      return undefined
    }

    const outcomes = await applyTo(remote, desired, plan, { signal: cancel.signal })

    expect(resultsOf(outcomes)).toEqual(['Shelf/s1 Applied', 'Shelf/s2 Cancelled', 'Book/b Cancelled'])
  })

  it('writes nothing when it comes while the intent is being written down', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, desired)
    const cancel = new AbortController()
    const journal = new MemoryJournal()
    journal.intend = async () => cancel.abort()
    let asked = 0
    const writer = remote.writer()
    remote.writer = () => {
      return {
        write: (write) => {
          asked += 1
          return writer.write(write)
        },
      }
    }

    const outcomes = await applyTo(remote, desired, plan, { signal: cancel.signal, journal })

    expect(new Set(outcomes.map(({ result }) => result))).toEqual(new Set(['Cancelled']))
    expect(asked).toBe(0)
  })

  it('leaves a plan of exactly what was not done', async () => {
    const remote = messy()
    const { plan } = await planOf(remote, desired)
    const cancel = new AbortController()
    remote.faults.write = () => {
      cancel.abort()
      return undefined
    }

    const outcomes = await applyTo(remote, desired, plan, { signal: cancel.signal })
    const done = new Set(outcomes.filter(({ result }) => result === 'Applied').map(({ id }) => id))
    const rest = await planOf(remote, desired)

    expect(idsOf(rest.plan)).toEqual(idsOf(plan).filter((id) => !done.has(id)))
  })
})
