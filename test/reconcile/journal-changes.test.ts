import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Intent, Outcome, Result } from '../../src/engine/index.ts'
import { openJournal } from '../../src/reconcile/journal.ts'
import { journaledChanges } from '../../src/reconcile/journal-changes.ts'
import type { LookedUp } from '../../src/reconcile/journal-record.ts'
import { temporaryDirectory } from './fake-scope.ts'

const SCOPE = 'trust/contoso'
const NOON = '2026-11-20T12:00:00.000Z'
const KINDS: ReadonlySet<string> = new Set(['Credential'])

function intent(id: string, key: string, action: Intent['action'], kind = 'Credential'): Intent {
  const origin = { file: 'a.yaml', line: 1, column: 1 }
  return { id, stage: 's', kind, key, label: key, action, effects: ['adjust'], fields: [], origin }
}

function outcome(id: string, key: string, result: Result): Outcome {
  return { id, stage: 's', kind: 'Credential', key, label: key, result }
}

type Step =
  | { readonly intents: readonly Intent[] }
  | { readonly outcomes: readonly Outcome[] }
  | { readonly found: readonly LookedUp[] }

async function journalOf(steps: readonly Step[]): Promise<string> {
  const stateDirectory = await temporaryDirectory()
  const journal = await openJournal({ stateDirectory, scope: SCOPE, pass: 'p', now: () => new Date(NOON) })
  for (const step of steps) {
    if ('intents' in step) await journal.intend(step.intents)
    else if ('outcomes' in step) await journal.conclude(step.outcomes)
    else await journal.lookedUp(step.found)
  }
  await journal.close()
  return stateDirectory
}

async function oursIn(stateDirectory: string): Promise<readonly string[]> {
  const changes = await journaledChanges(stateDirectory, SCOPE, KINDS)
  return [...(changes.get('Credential')?.keys() ?? [])]
}

const ADD: Step = { intents: [intent('add', 'a', 'update')] }
const ADDED: Step = { outcomes: [outcome('add', 'a', 'Applied')] }
const REMOVE: Step = { intents: [intent('remove', 'a', 'delete')] }

describe('what is ours by the journal', () => {
  it.each<{ reason: string; steps: readonly Step[]; ours: boolean }>([
    { reason: 'added', steps: [ADD, ADDED], ours: true },
    { reason: 'announced only', steps: [ADD], ours: false },
    { reason: 'cut off, and found later', steps: [ADD, { found: [looked('add', 'Applied')] }], ours: true },
    { reason: 'cut off, and not found later', steps: [ADD, { found: [looked('add', 'NotApplied')] }], ours: false },
    {
      reason: 'not seen at first, and found later',
      steps: [ADD, { outcomes: [outcome('add', 'a', 'Unknown')] }, { found: [looked('add', 'Applied')] }],
      ours: true,
    },
    {
      reason: 'not seen when it was read again, and seen later',
      steps: [ADD, { outcomes: [outcome('add', 'a', 'WriteNotEffective')] }, { found: [looked('add', 'Applied')] }],
      ours: true,
    },
    { reason: 'refused', steps: [ADD, { outcomes: [outcome('add', 'a', 'Failed')] }], ours: false },
    { reason: 'there before us', steps: [{ outcomes: [outcome('add', 'a', 'AlreadyDone')] }], ours: false },
    {
      reason: 'added and removed',
      steps: [ADD, ADDED, REMOVE, { outcomes: [outcome('remove', 'a', 'Applied')] }],
      ours: false,
    },
    {
      reason: 'added, and perhaps removed',
      steps: [ADD, ADDED, REMOVE, { outcomes: [outcome('remove', 'a', 'Unknown')] }],
      ours: false,
    },
    {
      reason: 'added, and the removal was refused',
      steps: [ADD, ADDED, REMOVE, { outcomes: [outcome('remove', 'a', 'Failed')] }],
      ours: true,
    },
    {
      reason: 'added, and removed by somebody before us',
      steps: [ADD, ADDED, { outcomes: [outcome('remove', 'a', 'AlreadyDone')] }],
      ours: false,
    },
    {
      reason: 'added, removed, and added again',
      steps: [ADD, ADDED, REMOVE, { outcomes: [outcome('remove', 'a', 'Applied')] }, ADD, ADDED],
      ours: true,
    },
    { reason: 'of another kind', steps: [{ intents: [intent('add', 'a', 'update', 'Row')] }, ADDED], ours: false },
  ])('$reason', async ({ steps, ours }) => {
    const stateDirectory = await journalOf(steps)

    expect(await oursIn(stateDirectory)).toEqual(ours ? ['a'] : [])
  })

  it('is nothing where a line is damaged, which may hide a removal', async () => {
    const stateDirectory = await journalOf([ADD, ADDED])
    await appendFile(join(stateDirectory, 'journal', 'trust', 'contoso', '000001.jsonl'), 'rubbish\n')
    await appendFile(
      join(stateDirectory, 'journal', 'trust', 'contoso', '000001.jsonl'),
      `{"sequence":9,"time":"${NOON}","pass":"p","type":"looked-up","found":[]}\n`,
    )

    expect(await oursIn(stateDirectory)).toEqual([])
  })

  it('is what came before and after a line that was cut off with its process', async () => {
    const stateDirectory = await journalOf([ADD, ADDED])
    await appendFile(join(stateDirectory, 'journal', 'trust', 'contoso', '000001.jsonl'), '{"sequ')
    const next = await openJournal({ stateDirectory, scope: SCOPE, pass: 'q', now: () => new Date(NOON) })
    await next.intend([intent('add-b', 'b', 'update')])
    await next.conclude([outcome('add-b', 'b', 'Applied')])
    await next.close()

    expect(await oursIn(stateDirectory)).toEqual(['a', 'b'])
  })

  it('is nothing where there is no journal', async () => {
    expect(await oursIn(await temporaryDirectory())).toEqual([])
  })
})

function looked(id: string, result: LookedUp['result']): LookedUp {
  return { id, key: 'a', label: 'a', result }
}
