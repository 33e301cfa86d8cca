import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Intent, Outcome } from '../../src/engine/index.ts'
import { type HistoryQuery, journaledScopes, readHistory } from '../../src/reconcile/history.ts'
import { openJournal } from '../../src/reconcile/journal.ts'
import { temporaryDirectory, tickingClock } from './fake-scope.ts'

const SCOPE = 'organization/sales'
const START = {
  scope: SCOPE,
  mode: 'apply',
  policy: 'Enforce',
  by: 'ann@build-7',
  digest: 'd',
  verdicts: [],
  allowed: [],
} as const

function intent(key: string): Intent {
  const origin = { file: 'sales.yaml', line: 9, column: 5 }
  const fields = [{ field: 'incoming', from: 'None', to: 'ServerSideSync' }]
  return {
    id: `id-${key}`,
    stage: 'mailbox',
    kind: 'Mailbox',
    key,
    label: key,
    action: 'update',
    fields,
    effects: [],
    origin,
  }
}

function outcome(key: string, result: Outcome['result'] = 'Applied'): Outcome {
  return { id: `id-${key}`, stage: 'mailbox', kind: 'Mailbox', key, label: key, result }
}

/** A pass that changes these keys in windows of `window`. */
async function writePass(
  stateDirectory: string,
  pass: string,
  keys: readonly string[],
  how: { revision?: string; day?: number; window?: number; cutOff?: boolean } = {},
): Promise<void> {
  const { revision = 'r1', day = 1, window = 1000, cutOff = false } = how
  const tick = tickingClock()
  const now = () => new Date(Date.UTC(2026, 10, day) + (tick().getTime() % 1_000_000))
  const journal = await openJournal({ stateDirectory, scope: SCOPE, pass, now })
  await journal.start({ ...START, revision, changes: keys.length })
  for (let from = 0; from < keys.length; from += window) {
    const some = keys.slice(from, from + window)
    await journal.intend(some.map(intent))
    if (!cutOff) await journal.conclude(some.map((key) => outcome(key)))
  }
  if (!cutOff) await journal.finish({ results: { Applied: keys.length } })
  await journal.close()
}

async function read(stateDirectory: string, query: Partial<HistoryQuery> = {}) {
  return readHistory({ stateDirectory, scope: SCOPE, limit: 100, ...query })
}

async function told(stateDirectory: string, query: Partial<HistoryQuery> = {}) {
  const { passes } = await read(stateDirectory, query)
  return passes.map(
    ({ pass, changes }) => `${pass}: ${changes.map(({ key, result }) => `${key} ${result}`).join(', ')}`,
  )
}

describe('the history', () => {
  it('is empty where nothing was done', async () => {
    const state = await temporaryDirectory()

    expect(await read(state)).toEqual({ passes: [], hasMore: false, damaged: 0 })
    expect(await journaledScopes(state)).toEqual([])
  })

  it('tells passes the newest first, with who, when, what, where it was asked for and what came of it', async () => {
    const state = await temporaryDirectory()
    await writePass(state, 'p1', ['ann'])
    await writePass(state, 'p2', ['bob'], { revision: 'r2', day: 2 })

    const { passes } = await read(state)

    expect(passes.map(({ pass, by, revision }) => [pass, by, revision])).toEqual([
      ['p2', 'ann@build-7', 'r2'],
      ['p1', 'ann@build-7', 'r1'],
    ])
    expect(passes[0]?.changes[0]).toMatchObject({
      key: 'bob',
      result: 'Applied',
      fields: [{ field: 'incoming', from: 'None', to: 'ServerSideSync' }],
      origin: { file: 'sales.yaml', line: 9 },
    })
    expect(await journaledScopes(state)).toEqual([SCOPE])
  })

  it.each([
    { query: { keys: new Set(['ann']) }, expected: ['p3: ann Applied', 'p1: ann Applied'], reason: 'an object' },
    { query: { revision: 'r2' }, expected: ['p2: bob Applied'], reason: 'a revision by its first digits' },
    { query: { pass: 'p1' }, expected: ['p1: ann Applied, bob Applied'], reason: 'a pass' },
    { query: { since: new Date('2026-11-03T00:00:00Z') }, expected: ['p3: ann Applied'], reason: 'a time' },
    { query: { keys: new Set(['nobody']) }, expected: [], reason: 'nobody' },
  ])('keeps what was asked for: $reason', async ({ query, expected }) => {
    const state = await temporaryDirectory()
    await writePass(state, 'p1', ['ann', 'bob'])
    await writePass(state, 'p2', ['bob'], { revision: 'r2-and-more', day: 2 })
    await writePass(state, 'p3', ['ann'], { revision: 'r3', day: 3 })

    expect(await told(state, query)).toEqual(expected)
  })

  it('keeps no more than the limit, the newest, and says that there is more', async () => {
    const state = await temporaryDirectory()
    const keys = Array.from({ length: 50 }, (_, index) => `m${index}`)
    await writePass(state, 'p1', keys)
    await writePass(state, 'p2', keys, { window: 7, day: 2 })

    const { passes, hasMore } = await read(state, { limit: 5 })

    expect(passes.map(({ pass, changes }) => [pass, changes.map(({ key, action }) => `${key} ${action}`)])).toEqual([
      ['p2', ['m45', 'm46', 'm47', 'm48', 'm49'].map((key) => `${key} update`)],
    ])
    expect(hasMore).toBe(true)
  })

  it('counts passes in place of changes where only some changes of each are wanted', async () => {
    const state = await temporaryDirectory()
    const keys = Array.from({ length: 50 }, (_, index) => `m${index}`)
    for (const day of [1, 2, 3]) await writePass(state, `p${day}`, keys, { window: 7, day })

    const { passes, hasMore } = await read(state, { limit: 2, changesPerPass: 3 })

    expect(passes.map(({ pass, finished }) => [pass, finished?.results])).toEqual([
      ['p3', { Applied: 50 }],
      ['p2', { Applied: 50 }],
    ])
    expect(passes.map(({ changes }) => changes.map(({ key, result }) => `${key} ${result}`))).toEqual(
      ['p3', 'p2'].map(() => ['m0 Applied', 'm1 Applied', 'm2 Applied']),
    )
    expect(hasMore).toBe(true)
  })

  it('goes on before a time, without the files that were begun after it', async () => {
    const state = await temporaryDirectory()
    for (const day of [1, 2, 3]) await writePass(state, `p${day}`, ['ann'], { day })

    expect(await told(state, { before: new Date('2026-11-03T00:00:00Z') })).toEqual([
      'p2: ann Applied',
      'p1: ann Applied',
    ])
    expect(await told(state, { before: new Date('2026-11-01T00:00:00Z') })).toEqual([])
  })

  it('begins no older file once it has read enough, and says how far it came', async () => {
    const state = await temporaryDirectory()
    const folder = join(state, 'journal', 'organization', 'sales')
    await writePass(state, 'p1', ['ann'])
    for (const day of [2, 3]) {
      const head = { version: 'mailkeel.journal/v1', scope: SCOPE, createdAt: `2026-11-0${day}T00:00:00.000Z` }
      await writeFile(join(folder, `00000${day}.jsonl`), `${JSON.stringify(head)}\n`)
      await writePass(state, `p${day}`, ['bob'], { day })
    }

    const query = { keys: new Set(['ann']), maximumBytes: 10 }
    const first = await read(state, query)
    const second = await read(state, { ...query, before: new Date(first.unreadBefore ?? 0) })
    const third = await read(state, { ...query, before: new Date(second.unreadBefore ?? 0) })

    expect([first.passes, first.hasMore, second.passes, second.hasMore]).toEqual([[], true, [], true])
    expect(third.passes.map(({ pass }) => pass)).toEqual(['p1'])
    expect([third.hasMore, third.unreadBefore]).toEqual([false, undefined])
  })

  it('goes back over several files, and does not open those it needs not', async () => {
    const state = await temporaryDirectory()
    await writePass(state, 'p1', ['ann'])
    const folder = join(state, 'journal', 'organization', 'sales')
    const [first = ''] = await readdir(folder)
    const second = join(folder, '000002.jsonl')
    await writeFile(second, '{"version":"mailkeel.journal/v1","scope":"organization/sales","createdAt":"2026-11-02"}\n')
    await writePass(state, 'p2', ['bob'], { day: 2 })

    expect(first).toBe('000001.jsonl')
    expect(await told(state)).toEqual(['p2: bob Applied', 'p1: ann Applied'])
    expect((await read(state, { limit: 1 })).hasMore).toBe(true)
  })

  it('survives torn and damaged lines, and counts them', async () => {
    const state = await temporaryDirectory()
    await writePass(state, 'p1', ['ann'])
    const file = join(state, 'journal', 'organization', 'sales', '000001.jsonl')
    await appendFile(file, '{"sequence":9,"type":"inte')
    await writePass(state, 'p2', ['bob'], { day: 2 })
    await appendFile(file, 'not JSON at all\n{"sequence":99,"type":"outcomes","outcomes":7}\n')

    const { passes, damaged } = await read(state)

    expect(passes.map(({ pass }) => pass)).toEqual(['p2', 'p1'])
    expect(damaged).toBe(3)
  })

  it('a change of a pass that was cut off is open, until a later pass looked it up', async () => {
    const state = await temporaryDirectory()
    await writePass(state, 'p1', ['ann', 'bob'], { cutOff: true })
    const before = await told(state)
    const journal = await openJournal({ stateDirectory: state, scope: SCOPE, pass: 'p2', now: tickingClock() })
    await journal.lookedUp([
      { id: 'id-ann', key: 'ann', label: 'ann', result: 'Applied' },
      { id: 'id-bob', key: 'bob', label: 'bob', result: 'NotApplied' },
    ])
    await journal.close()

    expect(before).toEqual(['p1: ann Open, bob Open'])
    expect(await told(state)).toEqual(['p1: ann Applied, bob NotApplied'])
  })

  it('a change that was refused before it was written has its reason and no fields', async () => {
    const state = await temporaryDirectory()
    const journal = await openJournal({ stateDirectory: state, scope: SCOPE, pass: 'p1', now: tickingClock() })
    await journal.start({ ...START, revision: 'r1', changes: 1 })
    await journal.conclude([{ ...outcome('ann', 'Moved'), reason: { code: 'Moved', message: 'it changed' } }])
    await journal.finish({ results: { Moved: 1 } })
    await journal.close()

    const [pass] = (await read(state)).passes

    expect(pass?.changes).toMatchObject([
      { key: 'ann', result: 'Moved', fields: [], reason: { message: 'it changed' } },
    ])
  })

  it('a file where the journal should be is no journal', async () => {
    const state = await temporaryDirectory()
    await mkdir(dirname(join(state, 'journal', 'x')), { recursive: true })
    await writeFile(join(state, 'journal', 'organization'), 'a file in the way')

    expect(await journaledScopes(state)).toEqual([])
  })
})

describe('a mailbox whose address changed', () => {
  const OLD = 'old@contoso.com'
  const NEW = 'new@contoso.com'

  async function rename(stateDirectory: string, day: number): Promise<void> {
    const now = () => new Date(Date.UTC(2026, 10, day, 12))
    const journal = await openJournal({ stateDirectory, scope: SCOPE, pass: `rename-${day}`, now })
    const fields = [{ field: 'address', from: OLD, to: NEW }]
    await journal.start({ ...START, revision: 'r1', changes: 1 })
    await journal.intend([{ ...intent(NEW), stage: 'mailbox-identity', fields }])
    await journal.conclude([outcome(NEW)])
    await journal.finish({ results: { Applied: 1 } })
    await journal.close()
  }

  async function journaled(): Promise<string> {
    const state = await temporaryDirectory()
    await writePass(state, 'before', [OLD, 'other@contoso.com'], { day: 1 })
    await rename(state, 2)
    await writePass(state, 'after', [NEW], { day: 3 })
    await writePass(state, 'somebody else', [OLD], { day: 4 })
    return state
  }

  it('is found whole by its new address, without what was done later to whoever has the old one', async () => {
    expect(await told(await journaled(), { keys: new Set([NEW]) })).toEqual([
      `after: ${NEW} Applied`,
      `rename-2: ${NEW} Applied`,
      `before: ${OLD} Applied`,
    ])
  })

  it('is found whole by its previous address', async () => {
    expect(await told(await journaled(), { keys: new Set([OLD]) })).toEqual([
      `somebody else: ${OLD} Applied`,
      `after: ${NEW} Applied`,
      `rename-2: ${NEW} Applied`,
      `before: ${OLD} Applied`,
    ])
  })

  it('is none of the others', async () => {
    expect(await told(await journaled(), { keys: new Set(['other@contoso.com']) })).toEqual([
      'before: other@contoso.com Applied',
    ])
  })
})
