import { appendFile, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Intent, Outcome } from '../../src/engine/index.ts'
import { openJournal } from '../../src/reconcile/journal.ts'
import { inspectJournal, openIntents, readJournal } from '../../src/reconcile/journal-reader.ts'
import type { DamagedLine, JournalRecord } from '../../src/reconcile/journal-record.ts'
import { temporaryDirectory, tickingClock } from './fake-scope.ts'

const SCOPE = 'organization/sales'

function open(stateDirectory: string, pass = 'p1') {
  return openJournal({ stateDirectory, scope: SCOPE, pass, now: tickingClock() })
}

function intent(id: string): Intent {
  const origin = { file: 'a.yaml', line: 1, column: 1 }
  const fields = [{ field: 'open', from: true, to: false }]
  return { id, stage: 'book', kind: 'Book', key: id, label: id, action: 'update', effects: ['adjust'], fields, origin }
}

function outcome(id: string): Outcome {
  return { id, stage: 'book', kind: 'Book', key: id, label: id, result: 'Applied' }
}

const START = {
  scope: SCOPE,
  revision: 'r1',
  mode: 'apply',
  policy: 'Enforce',
  by: 'ann',
  digest: 'd',
  changes: 2,
  verdicts: [],
  allowed: [],
} as const

async function all(stateDirectory: string): Promise<readonly (JournalRecord | DamagedLine)[]> {
  const records = []
  for await (const record of readJournal(stateDirectory, SCOPE)) records.push(record)
  return records
}

function file(stateDirectory: string, number = 1): string {
  return join(stateDirectory, 'journal', 'organization', 'sales', `${String(number).padStart(6, '0')}.jsonl`)
}

async function writeWholePass(stateDirectory: string, pass = 'p1'): Promise<void> {
  const journal = await open(stateDirectory, pass)
  await journal.start(START)
  await journal.intend([intent('a'), intent('b')])
  await journal.conclude([outcome('a'), outcome('b')])
  await journal.finish({ results: { Applied: 2 } })
  await journal.close()
}

describe('the journal', () => {
  it('is JSON Lines behind a header, each record stamped and numbered without gaps over passes', async () => {
    const state = await temporaryDirectory()

    await writeWholePass(state, 'p1')
    await writeWholePass(state, 'p2')

    const lines = (await readFile(file(state), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines[0]).toEqual({ version: 'mailkeel.journal/v1', scope: SCOPE, createdAt: expect.any(String) })
    expect(lines.slice(1).map(({ sequence, pass, type }) => [sequence, pass, type])).toEqual([
      [1, 'p1', 'pass-started'],
      [2, 'p1', 'intents'],
      [3, 'p1', 'outcomes'],
      [4, 'p1', 'pass-finished'],
      [5, 'p2', 'pass-started'],
      [6, 'p2', 'intents'],
      [7, 'p2', 'outcomes'],
      [8, 'p2', 'pass-finished'],
    ])
    expect(lines[2].intents[0].fields).toEqual([{ field: 'open', from: true, to: false }])
    expect(lines.slice(1).every(({ time }) => /^2026-11-20T.*Z$/.test(time))).toBe(true)
  })

  it('is for its owner alone', async () => {
    const state = join(await temporaryDirectory(), 'state')

    await writeWholePass(state)

    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await modeOf(state)).toBe('700')
    expect(await modeOf(join(state, 'journal', 'organization', 'sales'))).toBe('700')
    expect(await modeOf(file(state))).toBe('600')
  })

  it('creates nothing before its first record', async () => {
    const state = await temporaryDirectory()

    await (await open(state)).close()

    expect(await readdir(state)).toEqual([])
    expect(await all(state)).toEqual([])
  })

  it('refuses a scope whose name would leave its directory', async () => {
    const state = await temporaryDirectory()

    const opening = openJournal({ stateDirectory: state, scope: 'organization/../..', pass: 'p', now: tickingClock() })

    await expect(opening).rejects.toThrow('cannot have files of its own')
  })

  it('begins a new file when the newest is large and settled, and goes on counting', async () => {
    const state = await temporaryDirectory()
    await writeWholePass(state)
    const journal = await open(state)
    await journal.start({
      ...START,
      verdicts: [{ guard: 'g', decision: 'allow', message: 'x'.repeat(17 * 1024 * 1024) }],
    })
    await journal.finish({ results: {} })
    await journal.close()

    await writeWholePass(state, 'p3')

    expect(await readdir(join(state, 'journal', 'organization', 'sales'))).toEqual(['000001.jsonl', '000002.jsonl'])
    const sequences = (await all(state)).map((record) => (record.type === 'damaged' ? 0 : record.sequence))
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('leaves a file of another version alone and begins a new one', async () => {
    const state = await temporaryDirectory()
    await mkdir(join(state, 'journal', 'organization', 'sales'), { recursive: true })
    const newer = '{"version":"mailkeel.journal/v2","scope":"organization/sales"}\n{"other":1}\n'
    await writeFile(file(state), newer)

    await writeWholePass(state)

    expect(await readFile(file(state), 'utf8')).toBe(newer)
    expect((await readFile(file(state, 2), 'utf8')).split('\n')).toHaveLength(6)
  })
})

describe('B16 a journal that was cut off', () => {
  it('tells the intents that have no outcome, with their prior values, to the next pass', async () => {
    const state = await temporaryDirectory()
    await writeWholePass(state, 'p1')
    const journal = await open(state, 'p2')
    await journal.start(START)
    await journal.intend([intent('a'), intent('b'), intent('c')])
    await journal.conclude([outcome('b')])
    await journal.close()

    const interrupted = (await open(state, 'p3')).interrupted

    expect(interrupted.map(({ pass, intent: { id } }) => [pass, id])).toEqual([
      ['p2', 'a'],
      ['p2', 'c'],
    ])
    expect(interrupted[0]?.intent.fields).toEqual([{ field: 'open', from: true, to: false }])
  })

  it('forgets them when they were looked up, and says how many stay open', async () => {
    const state = await temporaryDirectory()
    const journal = await open(state, 'p1')
    await journal.intend([intent('a'), intent('b')])
    await journal.close()

    const next = await open(state, 'p2')
    await next.lookedUp([{ id: 'a', key: 'a', label: 'a', result: 'Applied' }])
    await next.finish({ results: {} })
    await next.close()

    expect((await openIntents(state, SCOPE)).map(({ intent: { id } }) => id)).toEqual(['b'])
    expect((await all(state)).at(-1)).toMatchObject({ type: 'pass-finished', open: 1, unfinished: ['a'] })
  })

  const unfinishedIds = async (state: string) => (await open(state, 'later')).unfinished.map(({ intent: { id } }) => id)

  it.each([
    { reason: 'the pass was cut off', finish: undefined, expected: ['a', 'b'] },
    { reason: 'the pass failed', finish: { results: {}, failure: { code: 'X', message: 'x' } }, expected: ['a', 'b'] },
    { reason: 'the pass says what it left', finish: { results: {}, unfinished: ['b'] }, expected: ['b'] },
    { reason: 'the pass did all it was to do', finish: { results: {} }, expected: [] },
  ])('tells what took effect without all that belongs to it: $reason', async ({ finish, expected }) => {
    const state = await temporaryDirectory()
    const journal = await open(state, 'p1')
    await journal.start(START)
    await journal.intend([intent('a'), intent('b'), intent('c')])
    await journal.conclude([
      outcome('a'),
      { ...outcome('b'), result: 'Unknown' },
      { ...outcome('c'), result: 'Failed' },
    ])
    if (finish) await journal.finish(finish)
    await journal.close()

    expect(await unfinishedIds(state)).toEqual(expected)
  })

  it('keeps what is unfinished over passes that end in order, until it is settled', async () => {
    const state = await temporaryDirectory()
    const journal = await open(state, 'p1')
    await journal.intend([intent('z')])
    await journal.conclude([outcome('z')])
    await journal.close()

    await writeWholePass(state, 'p2')
    const before = await unfinishedIds(state)
    const next = await open(state, 'p3')
    await next.lookedUp([{ id: 'z', key: 'z', label: 'z', result: 'Applied' }])
    await next.finish({ results: {} })
    await next.close()

    expect(before).toEqual(['z'])
    expect(await unfinishedIds(state)).toEqual([])
  })

  it('closes a torn line off and keeps it', async () => {
    const state = await temporaryDirectory()
    await writeWholePass(state, 'p1')
    await appendFile(file(state), '{"sequence":5,"type":"inte')
    expect((await all(state)).at(-1)).toMatchObject({ type: 'damaged', last: true })

    await writeWholePass(state, 'p2')

    const records = await all(state)
    expect(
      records.map((record) => (record.type === 'damaged' ? 'damaged' : `${record.sequence} ${record.type}`)),
    ).toEqual([
      '1 pass-started',
      '2 intents',
      '3 outcomes',
      '4 pass-finished',
      'damaged',
      '5 torn-line',
      '6 pass-started',
      '7 intents',
      '8 outcomes',
      '9 pass-finished',
    ])
    expect(await readFile(file(state), 'utf8')).toContain('"type":"inte\n')
  })

  it('can be read and continued after a cut at and around the end of every record', async () => {
    const whole = await temporaryDirectory()
    await writeWholePass(whole)
    const { size } = await stat(file(whole))
    const content = await readFile(file(whole))
    const bounds = [...content.entries()].flatMap(([index, byte]) =>
      byte === 0x0a ? [index - 1, index, index + 1] : [],
    )

    for (const cut of [0, 1, ...bounds, size - 1]) {
      const state = await temporaryDirectory()
      await mkdir(join(state, 'journal', 'organization', 'sales'), { recursive: true })
      await writeFile(file(state), content)
      await truncate(file(state), cut)
      const before = await readFile(file(state))
      const open1 = (await openIntents(state, SCOPE)).length

      await writeWholePass(state, 'p2')

      const after = await readFile(file(state))
      expect(after.subarray(0, cut).equals(before), `cut at ${cut}`).toBe(true)
      const records = await all(state)
      expect(records.slice(-4).map(({ type }) => type)).toEqual([
        'pass-started',
        'intents',
        'outcomes',
        'pass-finished',
      ])
      const sequences = records.flatMap((record) => (record.type === 'damaged' ? [] : [record.sequence]))
      expect(sequences, `cut at ${cut}`).toEqual([...sequences].sort((a, b) => a - b))
      expect([0, 2]).toContain(open1)
    }
  })

  it('reads only the end of a journal whose last pass ended in order', async () => {
    const state = await temporaryDirectory()
    await writeWholePass(state)
    const text = await readFile(file(state), 'utf8')
    // A line in the middle that is damaged is not looked at, because nothing can be open.
    await writeFile(file(state), text.replace('"type":"intents"', '"type":"intents'))

    const state1 = await inspectJournal(state, SCOPE)

    expect(state1).toMatchObject({ sequence: 4, tornBytes: 0, open: new Map() })
  })
})

describe('B16 a disk that refuses', () => {
  it('a full disk is told before anything is written to the remote, and the journal is not used again', async () => {
    const state = await temporaryDirectory()
    await mkdir(join(state, 'journal', 'organization', 'sales'), { recursive: true })
    await symlink('/dev/full', file(state))
    const journal = await open(state)

    await expect(journal.start(START)).rejects.toMatchObject({
      code: 'StateDirectoryFull',
      message: expect.stringContaining('no space is left'),
    })
    await expect(journal.intend([intent('a')])).rejects.toMatchObject({ code: 'StateDirectoryFull' })
    await journal.close()
  })

  it('a path that is no directory is told', async () => {
    const state = await temporaryDirectory()
    await writeFile(join(state, 'file'), '')

    const journal = await open(join(state, 'file'))

    await expect(journal.start(START)).rejects.toMatchObject({ code: 'StateDirectoryUnusable' })
  })
})
