import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openState } from '../../src/reconcile/state.ts'
import { BOOK, remoteWith, wants } from '../engine/fake-library.ts'
import { countingIds, environmentIn, optionsOf, pass, scopeOf, temporaryDirectory, tickingClock } from './fake-scope.ts'

function open(directory: string, mode: 'plan' | 'apply') {
  return openState({ directory, mode, now: tickingClock(), newId: countingIds() })
}

const DESIRED = wants({ s1: { title: 'B' } }, { a: { open: false } })

describe('the state while planning', () => {
  it.each<{ reason: string; prepare: (parent: string) => Promise<string>; notices: readonly string[] }>([
    { reason: 'missing', prepare: async (parent) => join(parent, 'none'), notices: [] },
    {
      reason: 'empty and read-only',
      prepare: async (parent) => {
        await chmod(parent, 0o500)
        return parent
      },
      notices: [],
    },
    {
      reason: 'beneath a file',
      prepare: async (parent) => {
        await writeFile(join(parent, 'file'), '')
        return join(parent, 'file')
      },
      notices: [],
    },
    {
      reason: 'not readable',
      prepare: async (parent) => {
        await mkdir(join(parent, 'journal', 'organization', 'test', '000001.jsonl'), { recursive: true })
        await mkdir(join(parent, 'memory', 'organization', 'test.json'), { recursive: true })
        return parent
      },
      notices: ['MemoryUnreadable', 'JournalUnreadable'],
    },
  ])('works on a directory that is $reason, and says what it does not know', async ({ prepare, notices }) => {
    const directory = await prepare(await temporaryDirectory())
    const state = await open(directory, 'plan')

    const remote = remoteWith({ s1: { title: 'A' } }, { a: BOOK })
    const environment = { ...environmentIn(directory), memory: state.memory, openJournal: state.openJournal }
    const result = await pass(scopeOf(remote, DESIRED), optionsOf({ mode: 'plan' }), environment)

    expect(result.failure).toBeUndefined()
    expect(result.plan.steps).toHaveLength(2)
    expect(result.notices.map(({ code }) => code)).toEqual(notices)
    await state.close()
  })

  it('does not need the lock', async () => {
    const directory = await temporaryDirectory()
    const applying = await open(directory, 'apply')

    await expect(open(directory, 'plan')).resolves.toBeDefined()

    await applying.close()
  })
})

describe('the state while applying', () => {
  it('creates the directory it needs, and leaves it empty where nothing happened', async () => {
    const directory = join(await temporaryDirectory(), 'deep', 'state')

    const state = await open(directory, 'apply')
    const held = await readdir(directory)
    await state.close()

    expect(held).toEqual(['lock'])
    expect(await readdir(directory)).toEqual([])
  })

  it('is refused where the directory cannot be, before anything is read or written', async () => {
    const parent = await temporaryDirectory()
    await writeFile(join(parent, 'file'), '')

    await expect(open(join(parent, 'file', 'state'), 'apply')).rejects.toMatchObject({
      name: 'StateDirectoryError',
      code: 'StateDirectoryUnusable',
    })
  })

  it('concludes what an earlier pass left open by what is observed, and says so', async () => {
    const directory = await temporaryDirectory()
    const remote = remoteWith({ s1: { title: 'A' } }, { a: BOOK, b: BOOK })
    const desired = wants({}, { a: { open: false }, b: { open: false } })
    const environment = environmentIn(directory)
    const cutOff: typeof environment.openJournal = async (scope, id) => {
      const journal = await environment.openJournal(scope, id)
      journal.conclude = () => Promise.reject(new Error('cut off'))
      return journal
    }
    remote.faults.write = ({ key }) => (key === 'b' ? 'refuse' : undefined)
    await pass(scopeOf(remote, desired), optionsOf(), { ...environment, openJournal: cutOff })
    remote.faults = {}

    const planned = await pass(scopeOf(remote, desired), optionsOf({ mode: 'plan' }), environment)
    const applied = await pass(scopeOf(remote, desired), optionsOf(), environment)
    const after = await pass(scopeOf(remote, desired), optionsOf(), environment)

    const notice = {
      code: 'PassInterrupted',
      message: 'an earlier pass was cut off with 2 changes under way: 1 took effect, 1 did not',
    }
    expect(planned.notices).toEqual([notice])
    expect(applied.notices).toEqual([notice])
    expect(applied.outcomes?.map(({ key, result }) => [key, result])).toEqual([['b', 'Applied']])
    expect(after.notices).toEqual([])
  })
})
