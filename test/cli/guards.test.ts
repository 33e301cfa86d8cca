import { describe, expect, it } from 'vitest'
import { guardsOf } from '../../src/cli/compose.ts'
import { judge, type Presence, standing } from '../../src/engine/index.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { change, plan } from '../report/samples.ts'
import { directoryWith } from './process.ts'

const KEYS = Array.from({ length: 20 }, (_, index) => `user${index}`)

async function decide(guards: string, changed: number, missing: number) {
  const text = `apiVersion: mailkeel/v1\nkind: Configuration\nspec: { guards: ${guards} }\n`
  const root = directoryWith({ 'mailkeel.yaml': text })
  const loaded = await loadConfiguration(`${root}/mailkeel.yaml`)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const presence: Presence = {
    kind: 'Mailbox',
    wished: new Set(KEYS),
    present: new Set(KEYS.slice(missing)),
    labels: new Map(),
    complete: true,
  }
  const input = {
    plan: plan(KEYS.slice(KEYS.length - changed).map((key) => change(key))),
    presence: new Map([['Mailbox', presence]]),
    seen: new Map([['Mailbox', new Set(KEYS)]]),
  }
  return standing(judge(guardsOf(loaded.configuration), input))
}

describe('guards with the limits of the configuration', () => {
  it.each([
    { guards: '{}', changed: 6, missing: 0, expected: 'allow', reason: '30 % is the limit where nothing is said' },
    { guards: '{}', changed: 7, missing: 0, expected: 'override', reason: '35 % is beyond it' },
    {
      guards: '{ change: { maximumPercent: 50 } }',
      changed: 10,
      missing: 0,
      expected: 'allow',
      reason: 'half is allowed',
    },
    {
      guards: '{ change: { minimumMailboxes: 21 } }',
      changed: 20,
      missing: 0,
      expected: 'allow',
      reason: 'too few to be guarded',
    },
    { guards: '{}', changed: 0, missing: 1, expected: 'override', reason: 'none may vanish where nothing is said' },
    { guards: '{ vanished: { maximum: 2 } }', changed: 0, missing: 2, expected: 'allow', reason: 'two may vanish' },
    { guards: '{ vanished: { maximum: 2 } }', changed: 0, missing: 3, expected: 'override', reason: 'three may not' },
    {
      guards: '{ vanished: { maximum: 99 } }',
      changed: 0,
      missing: 20,
      expected: 'blocked',
      reason: 'all gone is a failed read',
    },
  ])('$guards with $changed changed and $missing missing of 20: $expected ($reason)', async (row) => {
    expect(await decide(row.guards, row.changed, row.missing)).toBe(row.expected)
  })
})
