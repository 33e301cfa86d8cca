import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PassEvent } from '../../src/reconcile/contract.ts'
import { readJournal } from '../../src/reconcile/journal-reader.ts'
import { BOOK, remoteWith, wants } from '../engine/fake-library.ts'
import type { FakeRemote, Row } from '../engine/fake-remote.ts'
import { FAKE_STAGES } from '../engine/fake-stages.ts'
import { environmentIn, optionsOf, pass, scopeOf, temporaryDirectory } from './fake-scope.ts'

const DESIRED = wants({ s1: { title: 'B' } }, { a: { open: false } })

function messy(): FakeRemote {
  return remoteWith({ s1: { title: 'A' } }, { a: BOOK })
}

async function recordTypes(stateDirectory: string): Promise<readonly string[]> {
  const types: string[] = []
  for await (const record of readJournal(stateDirectory, 'organization/test')) types.push(record.type)
  return types
}

describe('a pass', () => {
  it('plans, and writes neither to the remote nor to the disk, in plan mode', async () => {
    const remote = messy()
    const state = await temporaryDirectory()

    const result = await pass(scopeOf(remote, DESIRED), optionsOf({ mode: 'plan' }), environmentIn(state))

    expect(result.plan.steps.map(({ stage }) => stage)).toEqual(['shelf', 'book'])
    expect(result.decision).toBe('allow')
    expect(result.outcomes).toBeUndefined()
    expect(remote.writes).toEqual([])
    expect(await readdir(state)).toEqual([])
  })

  it('applies, journals, remembers, and has nothing to do the second time', async () => {
    const remote = messy()
    const state = await temporaryDirectory()
    const environment = environmentIn(state)

    const first = await pass(scopeOf(remote, DESIRED), optionsOf({ by: 'ann' }), environment)
    const types = await recordTypes(state)
    const second = await pass(scopeOf(remote, DESIRED), optionsOf(), environment)

    expect(first.outcomes?.map(({ result }) => result)).toEqual(['Applied', 'Applied'])
    expect(types).toEqual(['pass-started', 'intents', 'outcomes', 'intents', 'outcomes', 'pass-finished'])
    expect(second.plan.steps).toEqual([])
    expect(second.outcomes).toBeUndefined()
    expect(await recordTypes(state)).toEqual(types)
    expect(JSON.parse(await readFile(join(state, 'memory', 'organization', 'test.json'), 'utf8'))).toMatchObject({
      version: 'mailkeel.memory/v1',
      scope: 'organization/test',
      seen: { Book: ['a'], Shelf: ['s1'] },
      applied: { revision: 'r1' },
    })
  })

  it('remembers a change by the moment the pass began: what happened after that may follow from it', async () => {
    const state = await temporaryDirectory()
    const environment = environmentIn(state)

    const { startedAt } = await pass(scopeOf(messy(), DESIRED), optionsOf(), environment)

    const { changedAt } = await environment.memory.recall('organization/test')
    expect(changedAt.get('Book')?.get('a')).toBe(startedAt)
    expect(changedAt.get('Shelf')?.get('s1')).toBe(startedAt)
  })

  it('does not remember a change after which everything proven still holds', async () => {
    const state = await temporaryDirectory()
    const environment = environmentIn(state)
    const stages = FAKE_STAGES.map((stage) => {
      const { title, ...fields } = stage.fields
      return title ? { ...stage, fields: { ...fields, title: { ...title, keepsProof: true as const } } } : stage
    })

    await pass(scopeOf(messy(), DESIRED, { stages }), optionsOf(), environment)

    const { changedAt } = await environment.memory.recall('organization/test')
    expect(changedAt.get('Shelf')?.has('s1') ?? false).toBe(false)
    expect(changedAt.get('Book')?.has('a')).toBe(true)
  })

  it('tells what happens, in order', async () => {
    const told: string[] = []
    const onEvent = (event: PassEvent) => told.push(event.type === 'apply' ? event.event.type : event.type)

    await pass(scopeOf(messy(), DESIRED), optionsOf({ onEvent }), environmentIn(await temporaryDirectory()))

    expect(told).toEqual([
      'observing',
      'planned',
      ...['step', 'written', 'outcomes'],
      ...['step', 'written', 'outcomes'],
      'finished',
    ])
  })

  it('without a writer plans only, whatever the mode', async () => {
    const remote = messy()
    const { writer: _writer, ...readOnly } = scopeOf(remote, DESIRED)

    const result = await pass(readOnly, optionsOf(), environmentIn(await temporaryDirectory()))

    expect(result.plan.steps).toHaveLength(2)
    expect(result.outcomes).toBeUndefined()
    expect(remote.writes).toEqual([])
  })

  it('applies the stopping part of an approved change where the whole is blocked by now', async () => {
    const remote = () => remoteWith({ s1: { title: 'A' }, s2: {} }, { a: { ...BOOK, shelf: 's1' } })
    const desired = wants({}, { a: { open: false, shelf: 's2' } })
    const environment = environmentIn(await temporaryDirectory())
    const planned = await pass(scopeOf(remote(), desired), optionsOf({ mode: 'plan' }), environment)
    const approved = new Set(planned.plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
    const ready = { status: 'False', code: 'NoConnection', message: 'there is no connection' } as const

    const blocked = { ...desired, checks: new Map([['connection', { ready }]]) }
    const result = await pass(scopeOf(remote(), blocked), optionsOf({ approved }), environment)

    expect(
      result.plan.steps.flatMap(({ changes }) => changes.map(({ fields }) => fields.map(({ field }) => field))),
    ).toEqual([['open']])
    expect(result.outcomes?.map(({ key, result: came }) => [key, came])).toEqual([['a', 'Applied']])
  })

  it('applies only approved ids of what it plans anew, and lets the others wait', async () => {
    const remote = messy()
    const environment = environmentIn(await temporaryDirectory())
    const planned = await pass(scopeOf(remote, DESIRED), optionsOf({ mode: 'plan' }), environment)
    const approved = new Set(planned.plan.steps[1]?.changes.map(({ id }) => id))

    const result = await pass(scopeOf(remote, DESIRED), optionsOf({ approved }), environment)

    expect(result.outcomes?.map(({ key, result: came }) => [key, came])).toEqual([['a', 'Applied']])
    expect(remote.tables.shelf.get('s1')).toEqual({ title: 'A' })
  })

  it('keeps what `only` keeps, per scope', async () => {
    const environment = environmentIn(await temporaryDirectory())
    const only = (change: { readonly stage: string }, scope: string) =>
      scope === 'organization/test' && change.stage === 'book'

    const here = await pass(scopeOf(messy(), DESIRED), optionsOf({ mode: 'plan', only }), environment)
    const there = await pass(
      scopeOf(messy(), DESIRED, { scope: 'organization/other' }),
      optionsOf({ mode: 'plan', only }),
      environment,
    )

    expect(here.plan.steps.map(({ stage }) => stage)).toEqual(['book'])
    expect(there.plan.steps).toEqual([])
  })
})

describe('a guard that objects', () => {
  const keys = Array.from({ length: 12 }, (_, index) => `b${index}`)
  const desired = wants({}, Object.fromEntries(keys.map((key) => [key, { open: false }])))
  const remote = () => remoteWith({}, Object.fromEntries(keys.map((key): [string, Row] => [key, BOOK])))

  it('stops the whole scope before the first write', async () => {
    const untouched = remote()
    const state = await temporaryDirectory()

    const result = await pass(scopeOf(untouched, desired), optionsOf(), environmentIn(state))

    expect(result.decision).toBe('override')
    expect(result.outcomes).toBeUndefined()
    expect(untouched.writes).toEqual([])
    expect(await recordTypes(state)).toEqual([])
  })

  it('is passed by a person, and the journal says by whom and when', async () => {
    const state = await temporaryDirectory()

    const options = optionsOf({ allow: new Set(['change']), by: 'ann@build-7' })
    const result = await pass(scopeOf(remote(), desired), options, environmentIn(state))

    expect(result.decision).toBe('allow')
    const records = []
    for await (const record of readJournal(state, 'organization/test')) records.push(record)
    expect(records[0]).toMatchObject({
      type: 'pass-started',
      scope: 'organization/test',
      revision: 'r1',
      changes: 12,
      digest: result.plan.digest,
      allowed: [{ guard: 'change', by: 'ann@build-7', at: expect.stringMatching(/^2026-11-20T/) }],
    })
  })

  it('weighs only what was approved', async () => {
    const environment = environmentIn(await temporaryDirectory())
    const planned = await pass(scopeOf(remote(), desired), optionsOf({ mode: 'plan' }), environment)
    const approved = new Set(planned.plan.steps[0]?.changes.slice(0, 2).map(({ id }) => id))

    const result = await pass(scopeOf(remote(), desired), optionsOf({ approved }), environment)

    expect(result.decision).toBe('allow')
    expect(result.outcomes).toHaveLength(2)
  })
})

describe('B14 objects that were there before', () => {
  const keys = Array.from({ length: 10 }, (_, index) => `b${index}`)
  const desired = wants({ s1: { title: 'A' } }, Object.fromEntries(keys.map((key) => [key, { open: true }])))
  const full = () =>
    remoteWith({ s1: { title: 'A' } }, Object.fromEntries(keys.map((key): [string, Row] => [key, BOOK])))

  it('that are missing from a complete read are not created again without a person', async () => {
    const remote = full()
    const state = await temporaryDirectory()
    await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))
    remote.tables.shelf.clear()

    const refused = await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))
    const again = await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))
    const allowed = await pass(
      scopeOf(remote, desired),
      optionsOf({ allow: new Set(['vanished']) }),
      environmentIn(state),
    )

    expect([refused.decision, again.decision]).toEqual(['override', 'override'])
    expect(allowed.outcomes?.map(({ result }) => result)).toEqual(['Applied'])
  })

  it('leave a record of who allowed it, also where nothing is left to write', async () => {
    const remote = full()
    const state = await temporaryDirectory()
    await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))
    for (const key of [...remote.tables.book.keys()].slice(0, 2)) remote.tables.book.delete(key)

    const allowed = await pass(
      scopeOf(remote, desired),
      optionsOf({ allow: new Set(['vanished']), by: 'ann' }),
      environmentIn(state),
    )

    const records = []
    for await (const record of readJournal(state, 'organization/test')) records.push(record)
    expect(allowed.plan.steps).toEqual([])
    expect(records.filter(({ type }) => type === 'pass-started').at(-1)).toMatchObject({
      allowed: [{ guard: 'vanished', by: 'ann' }],
    })
  })

  it('are known from the pass on that created them', async () => {
    const remote = remoteWith({}, {})
    const state = await temporaryDirectory()
    await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))
    remote.tables.shelf.clear()

    const result = await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))

    expect(result.decision).toBe('override')
  })

  it('add up when they vanish one at a time', async () => {
    const remote = full()
    const state = await temporaryDirectory()
    await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))

    remote.tables.book.delete('b0')
    const first = await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))
    remote.tables.book.delete('b1')
    const second = await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))

    expect([first.decision, second.decision]).toEqual(['allow', 'override'])
  })

  it('are forgotten when the spec releases them', async () => {
    const remote = full()
    const state = await temporaryDirectory()
    await pass(scopeOf(remote, desired), optionsOf(), environmentIn(state))
    for (const key of keys.slice(2)) remote.tables.book.delete(key)
    const fewer = wants({ s1: {} }, { b0: { open: true }, b1: { open: true } })

    const result = await pass(scopeOf(remote, fewer), optionsOf(), environmentIn(state))

    expect(result.decision).toBe('allow')
  })

  it('are not asked for where the memory was lost', async () => {
    const remote = full()
    remote.tables.book.clear()

    const result = await pass(scopeOf(remote, desired), optionsOf(), environmentIn(await temporaryDirectory()))

    expect(result.decision).toBe('allow')
    expect(result.plan.steps).toEqual([])
  })
})

describe('B9 an organization that is not the one seen before', () => {
  const identity = (organizationId: string, version: string) => async () => ({ organizationId, version })

  it.each<{ reason: string; now: ReturnType<typeof identity>; decision: string }>(
    [
      { reason: 'the same one', now: identity('org-1', '9.1.27.15'), decision: 'allow' },
      { reason: 'serviced', now: identity('org-1', '9.1.30.2'), decision: 'allow' },
      { reason: 'upgraded', now: identity('org-1', '9.2.1.0'), decision: 'override' },
      { reason: 'restored or copied', now: identity('org-2', '9.1.27.15'), decision: 'override' },
    ].slice(0, 4),
  )('$reason: $decision', async ({ now, decision }) => {
    const remote = messy()
    const state = await temporaryDirectory()
    const seen = identity('org-1', '9.1.27.15')
    await pass(scopeOf(remote, DESIRED), optionsOf(), environmentIn(state), seen)
    remote.tables.book.set('a', BOOK)

    const result = await pass(scopeOf(remote, DESIRED), optionsOf(), environmentIn(state), now)

    expect(result.decision).toBe(decision)
  })

  it('stays refused until a person says that it is meant', async () => {
    const remote = messy()
    const state = await temporaryDirectory()
    await pass(scopeOf(remote, DESIRED), optionsOf(), environmentIn(state), identity('org-1', '9.1'))
    const quiet = await pass(scopeOf(remote, DESIRED), optionsOf(), environmentIn(state), identity('org-2', '9.1'))
    remote.tables.book.set('a', BOOK)

    const refused = await pass(scopeOf(remote, DESIRED), optionsOf(), environmentIn(state), identity('org-2', '9.1'))
    const allow = new Set(['organization-changed'])
    const allowed = await pass(
      scopeOf(remote, DESIRED),
      optionsOf({ allow }),
      environmentIn(state),
      identity('org-2', '9.1'),
    )
    remote.tables.book.set('a', BOOK)
    const after = await pass(scopeOf(remote, DESIRED), optionsOf(), environmentIn(state), identity('org-2', '9.1'))

    expect([quiet, refused, allowed, after].map(({ decision }) => decision)).toEqual([
      'allow',
      'override',
      'allow',
      'allow',
    ])
  })
})

describe('a scope that fails', () => {
  it('keeps the plan it had and says why it ended, when the disk refuses the journal', async () => {
    const remote = messy()
    const state = await temporaryDirectory()
    await writeFile(join(state, 'journal'), 'not a directory')

    const result = await pass(scopeOf(remote, DESIRED), optionsOf(), environmentIn(state))

    expect(result.failure?.code).toBe('StateDirectoryUnusable')
    expect(result.plan.steps).toHaveLength(2)
    expect(result.outcomes).toBeUndefined()
    expect(remote.writes).toEqual([])
  })

  it('keeps the outcomes it had when the journal fails half-way', async () => {
    const remote = messy()
    const environment = environmentIn(await temporaryDirectory())
    const openFailing: typeof environment.openJournal = async (scope, id) => {
      const journal = await environment.openJournal(scope, id)
      const intend = journal.intend.bind(journal)
      journal.intend = async (intents) => {
        if (intents[0]?.stage === 'book') throw new Error('the disk is full')
        return intend(intents)
      }
      return journal
    }

    const result = await pass(scopeOf(remote, DESIRED), optionsOf(), { ...environment, openJournal: openFailing })

    expect(result.failure?.message).toBe('the disk is full')
    expect(result.outcomes?.map(({ key, result: came }) => [key, came])).toEqual([['s1', 'Applied']])
    expect(remote.tables.book.get('a')).toEqual(BOOK)
  })

  it('is cancelled by the signal, with what it has', async () => {
    const remote = messy()
    const cancel = new AbortController()
    cancel.abort()
    remote.faults.read = () => new Error('aborted')

    const result = await pass(
      scopeOf(remote, DESIRED),
      optionsOf({ signal: cancel.signal }),
      environmentIn(await temporaryDirectory()),
    )

    expect(result.failure?.code).toBe('Cancelled')
    expect(result.decision).toBe('blocked')
    expect(result.plan.steps).toEqual([])
  })

  it('tells that the memory could not be saved, and is none the worse for it', async () => {
    const remote = messy()
    const environment = environmentIn(await temporaryDirectory())
    const memory = {
      ...environment.memory,
      recall: environment.memory.recall.bind(environment.memory),
      notices: () => [],
      remember: () => Promise.reject(new Error('no space is left')),
    }

    const result = await pass(scopeOf(remote, DESIRED), optionsOf(), { ...environment, memory })

    expect(result.failure).toBeUndefined()
    expect(result.outcomes).toHaveLength(2)
    expect(result.notices).toEqual([{ code: 'MemoryNotSaved', message: 'no space is left' }])
  })
})

describe('B18 scopes side by side', () => {
  it('do not stop, delay or see each other', async () => {
    const state = await temporaryDirectory()
    const environment = environmentIn(state)
    const [healthy, failing, hanging] = [messy(), messy(), messy()]
    failing.faults.read = () => {
      throw Object.assign(new Error('no answer'), { code: 'Unreachable' })
    }
    const cancel = new AbortController()
    const stages = scopeOf(hanging, DESIRED).stages.map((stage) => ({
      ...stage,
      observe: () =>
        new Promise<never>((_, reject) => cancel.signal.addEventListener('abort', () => reject(new Error('cut')))),
    }))

    const finished: string[] = []
    const onEvent = (event: PassEvent) => {
      if (event.type === 'finished') finished.push(event.scope)
      if (finished.length === 2) cancel.abort()
    }
    const results = await Promise.all([
      pass(scopeOf(hanging, DESIRED, { scope: 'organization/hanging', stages }), optionsOf({ onEvent }), environment),
      pass(scopeOf(failing, DESIRED, { scope: 'organization/failing' }), optionsOf({ onEvent }), environment),
      pass(scopeOf(healthy, DESIRED, { scope: 'organization/healthy' }), optionsOf({ onEvent }), environment),
    ])

    expect(finished.at(-1)).toBe('organization/hanging')
    expect(results[2]?.outcomes?.map(({ result }) => result)).toEqual(['Applied', 'Applied'])
    expect(results[1]?.plan.stages.map(({ incomplete }) => incomplete?.code)).toEqual([
      undefined,
      'Unreachable',
      'Unreachable',
    ])
    expect(failing.writes).toEqual([])
  })
})
