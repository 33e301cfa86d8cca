import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pruneJournals } from '../../src/reconcile/journal-retention.ts'
import { temporaryDirectory } from './fake-scope.ts'

const OLD = '2025-01-01T00:00:00.000Z'
const YOUNG = '2026-11-01T00:00:00.000Z'
const HEADER = '{"version":"mailkeel.journal/v1","scope":"organization/sales","createdAt":"2025-01-01T00:00:00.000Z"}'

type Fields = Readonly<Record<string, unknown>>

function record(type: string, time: string, fields: Fields = {}): string {
  return JSON.stringify({ sequence: 1, time, pass: 'p', type, ...fields })
}

function started(time: string, allowed: readonly unknown[] = []): string {
  return record('pass-started', time, { allowed })
}

function written(time: string, fields: Fields = {}): readonly string[] {
  const object = { id: 'i', key: 'k', stage: 's', kind: 'Mailbox', label: 'k', ...fields }
  return [
    started(time),
    record('intents', time, { intents: [{ action: 'update', fields: [], effects: [], ...object }] }),
    record('outcomes', time, { outcomes: [{ result: 'Applied', ...object }] }),
    record('pass-finished', time, { results: {}, open: 0 }),
  ]
}

async function journalOf(files: readonly (readonly string[])[]): Promise<string> {
  const directory = await temporaryDirectory()
  const folder = join(directory, 'journal', 'organization', 'sales')
  await mkdir(folder, { recursive: true })
  for (const [index, lines] of files.entries()) {
    const name = `${String(index + 1).padStart(6, '0')}.jsonl`
    await writeFile(join(folder, name), `${[HEADER, ...lines].join('\n')}\n`)
  }
  return directory
}

async function left(directory: string): Promise<readonly number[]> {
  await pruneJournals({
    stateDirectory: directory,
    before: new Date('2026-01-01T00:00:00Z'),
    keepKinds: new Set(['Credential']),
    keepOverrides: new Set(['migration']),
    signal: new AbortController().signal,
  })
  const names = await readdir(join(directory, 'journal', 'organization', 'sales'))
  return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b)
}

const NOW = written(YOUNG)

describe('pruning journals', () => {
  it.each<{ reason: string; files: readonly (readonly string[])[]; stays: readonly number[] }>([
    { reason: 'wholly too old goes', files: [written(OLD), written(OLD), NOW], stays: [3] },
    { reason: 'the newest stays, however old', files: [written(OLD)], stays: [1] },
    { reason: 'with one young record stays', files: [[...written(OLD), ...written(YOUNG)], NOW], stays: [1, 2] },
    {
      reason: 'after one that stays stays too, so that there is no gap',
      files: [written(OLD, { kind: 'Credential' }), written(OLD), NOW],
      stays: [1, 2, 3],
    },
    {
      reason: 'that proves which credentials are ours stays',
      files: [written(OLD), written(OLD, { kind: 'Credential' }), NOW],
      stays: [2, 3],
    },
    {
      reason: 'with an intent that nobody looked up stays',
      files: [written(OLD).slice(0, 2), NOW],
      stays: [1, 2],
    },
    {
      reason: 'with a change that was left unfinished stays',
      files: [[...written(OLD), record('pass-finished', OLD, { results: {}, open: 0, unfinished: ['i'] })], NOW],
      stays: [1, 2],
    },
    {
      reason: 'in which it was settled later goes',
      files: [
        [
          ...written(OLD),
          record('pass-finished', OLD, { results: {}, open: 0, unfinished: ['i'] }),
          record('looked-up', OLD, { found: [{ id: 'i', result: 'Applied' }] }),
        ],
        NOW,
      ],
      stays: [2],
    },
    {
      reason: 'that counts against the limit of an override of the spec stays',
      files: [written(OLD, { passed: [{ guard: 'change', override: 'migration' }] }), NOW],
      stays: [1, 2],
    },
    {
      reason: 'in which such an override covered what did not change stays',
      files: [[started(OLD, [{ guard: 'vanished', by: 'b', at: OLD, overrides: [{ name: 'migration' }] }])], NOW],
      stays: [1, 2],
    },
    {
      reason: 'of an override that is gone from the spec goes',
      files: [written(OLD, { passed: [{ guard: 'change', override: 'older' }] }), NOW],
      stays: [2],
    },
    { reason: 'with a line that is damaged stays', files: [[...written(OLD), '{"sequ'], NOW], stays: [1, 2] },
  ])('a file $reason', async ({ files, stays }) => {
    const directory = await journalOf(files)

    expect(await left(directory)).toEqual(stays)
  })

  it('tells what it removed, and goes on where one scope cannot be read', async () => {
    const directory = await journalOf([written(OLD), NOW])
    await mkdir(join(directory, 'journal', 'organization', 'broken', '000001.jsonl'), { recursive: true })
    await writeFile(join(directory, 'journal', 'organization', 'broken', '000002.jsonl'), `${HEADER}\n`)

    const { removed, failed } = await pruneJournals({
      stateDirectory: directory,
      before: new Date('2026-01-01T00:00:00Z'),
      keepKinds: new Set(),
      keepOverrides: new Set(),
      signal: new AbortController().signal,
    })

    expect(removed.map((path) => path.split('/').slice(-2))).toEqual([['sales', '000001.jsonl']])
    expect([...failed.keys()]).toEqual(['organization/broken'])
  })

  it('does nothing where there is no state', async () => {
    const directory = await temporaryDirectory()

    const pruned = await pruneJournals({
      stateDirectory: join(directory, 'none'),
      before: new Date(),
      keepKinds: new Set(),
      keepOverrides: new Set(),
      signal: new AbortController().signal,
    })

    expect(pruned.removed).toEqual([])
  })
})
