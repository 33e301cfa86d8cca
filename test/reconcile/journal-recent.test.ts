import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Effect, Intent, Outcome, Result } from '../../src/engine/index.ts'
import { openJournal } from '../../src/reconcile/journal.ts'
import { recentChanges } from '../../src/reconcile/journal-recent.ts'
import { temporaryDirectory } from './fake-scope.ts'

const SCOPE = 'organization/sales'
const NOON = '2026-11-20T12:00:00Z'
const SINCE = new Date('2026-11-20T11:00:00Z')

function intent(key: string, effects: readonly Effect[] = ['move']): Intent {
  const origin = { file: 'a.yaml', line: 1, column: 1 }
  return {
    id: `id-${key}`,
    stage: 'mailbox',
    kind: 'Mailbox',
    key,
    label: key,
    action: 'update',
    effects,
    fields: [],
    origin,
  }
}

function outcome(key: string, result: Result): Outcome {
  return { id: `id-${key}`, stage: 'mailbox', kind: 'Mailbox', key, label: key, result }
}

async function writePass(
  stateDirectory: string,
  at: string,
  intents: readonly Intent[],
  outcomes: readonly Outcome[] = [],
): Promise<void> {
  const journal = await openJournal({ stateDirectory, scope: SCOPE, pass: at, now: () => new Date(at) })
  await journal.intend(intents)
  if (outcomes.length > 0) await journal.conclude(outcomes)
  await journal.close()
}

function file(stateDirectory: string, number = 1): string {
  return join(stateDirectory, 'journal', 'organization', 'sales', `${String(number).padStart(6, '0')}.jsonl`)
}

async function keysOf(stateDirectory: string): Promise<readonly string[] | undefined> {
  return (await recentChanges(stateDirectory, SCOPE, SINCE))?.map(({ key }) => key)
}

describe('what was changed within the last hour', () => {
  it('is nothing where there is no journal', async () => {
    expect(await keysOf(await temporaryDirectory())).toEqual([])
  })

  it.each<{ result: Result | 'none'; counted: boolean; reason: string }>([
    { result: 'Applied', counted: true, reason: 'it was done' },
    { result: 'Unknown', counted: true, reason: 'it may have been done' },
    { result: 'WriteNotEffective', counted: true, reason: 'it was accepted' },
    { result: 'none', counted: true, reason: 'the pass was cut off' },
    { result: 'Failed', counted: false, reason: 'it was refused' },
    { result: 'Moved', counted: false, reason: 'nothing was sent' },
    { result: 'AlreadyDone', counted: false, reason: 'somebody else did it' },
    { result: 'Cancelled', counted: false, reason: 'it was not begun' },
  ])('$result is counted: $counted, because $reason', async ({ result, counted }) => {
    const state = await temporaryDirectory()
    await writePass(state, '2026-11-20T11:30:00Z', [intent('ann')], result === 'none' ? [] : [outcome('ann', result)])

    expect(await keysOf(state)).toEqual(counted ? ['ann'] : [])
  })

  it('knows what each change did', async () => {
    const state = await temporaryDirectory()
    await writePass(state, NOON, [intent('ann', ['stop', 'test'])])

    expect(await recentChanges(state, SCOPE, SINCE)).toEqual([
      { kind: 'Mailbox', key: 'ann', effects: ['stop', 'test'] },
    ])
  })

  it('ends an hour ago, and what the clock puts into the future is in it', async () => {
    const state = await temporaryDirectory()
    await writePass(state, '2026-11-20T10:59:59Z', [intent('before')])
    await writePass(state, '2026-11-20T11:00:00Z', [intent('then')])
    await writePass(state, '2026-11-21T00:00:00Z', [intent('ahead')])

    expect(await keysOf(state)).toEqual(['then', 'ahead'])
  })

  it('counts a change that failed first and was done later', async () => {
    const state = await temporaryDirectory()
    await writePass(state, '2026-11-20T11:10:00Z', [intent('ann')], [outcome('ann', 'Failed')])
    await writePass(state, '2026-11-20T11:20:00Z', [intent('ann')], [outcome('ann', 'Applied')])

    expect(await keysOf(state)).toEqual(['ann'])
  })

  it('is read over the end of a file, and only as far back as is needed', async () => {
    const state = await temporaryDirectory()
    await writePass(state, '2026-11-20T09:00:00Z', [intent('old')])
    await writePass(state, '2026-11-20T11:10:00Z', [intent('first')])
    const text = await readFile(file(state), 'utf8')
    await writeFile(file(state, 2), text)
    await writeFile(file(state), `${text.split('\n')[0]}\nnot a record, and too old to matter\n`)
    await writePass(state, '2026-11-20T11:20:00Z', [intent('second')])

    expect(await keysOf(state)).toEqual(['first', 'second'])
  })

  it('is read in larger pieces where much was done', async () => {
    const state = await temporaryDirectory()
    await writePass(state, '2026-11-20T09:00:00Z', [intent('old')])
    for (let pass = 0; pass < 4; pass += 1) {
      const many = Array.from({ length: 1500 }, (_, index) => intent(`${pass}-${index}`))
      await writePass(state, '2026-11-20T11:30:00Z', many)
    }

    expect(await keysOf(state)).toHaveLength(6000)
  })
})

describe('an hour that cannot be told', () => {
  it.each<{ reason: string; damage: (path: string) => Promise<void>; told: boolean }>([
    { reason: 'a line that was cut off announced nothing', damage: (path) => appendFile(path, '{"seq'), told: true },
    { reason: 'a damaged line may have been an intent', damage: (path) => appendFile(path, '{"seq\n'), told: false },
    {
      reason: 'an intent that does not say what it did',
      damage: async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"effects"', '"affects"')),
      told: false,
    },
  ])('$reason: $told', async ({ damage, told }) => {
    const state = await temporaryDirectory()
    await writePass(state, NOON, [intent('ann')])

    await damage(file(state))

    expect(await keysOf(state)).toEqual(told ? ['ann'] : undefined)
  })

  it('a line cut off by a crash and told as such is no damage', async () => {
    const state = await temporaryDirectory()
    await writePass(state, '2026-11-20T11:30:00Z', [intent('ann')])
    await appendFile(file(state), '{"sequence":')
    await writePass(state, NOON, [intent('bob')])

    expect(await keysOf(state)).toEqual(['ann', 'bob'])
  })
})
