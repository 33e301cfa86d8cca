import { describe, expect, it } from 'vitest'
import { type Effect, type GuardVerdict, judge, type Presence, standing } from '../../src/engine/index.ts'
import { guardsOf } from '../../src/reconcile/guards.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { change, plan } from '../report/samples.ts'
import { directoryWith } from './process.ts'

const KEYS = Array.from({ length: 20 }, (_, index) => `user${index}`)

interface Case {
  /** Of all organizations. */
  readonly guards?: string
  /** Of the organization at hand. */
  readonly own?: string
  readonly changed?: number
  readonly effect?: Effect
  readonly kind?: string
  readonly missing?: number
}

async function verdictsOn({
  guards = '{}',
  own = '{}',
  changed = 0,
  effect = 'adjust',
  kind = 'Mailbox',
  missing = 0,
}: Case) {
  const text = `apiVersion: mailkeel/v1
kind: Configuration
spec:
  identities: { nobody: { type: None } }
  organizations: { sales: { url: 'http://127.0.0.1:1/sales', reading: nobody, guards: ${own} } }
  guards: ${guards}
`
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
    plan: plan(KEYS.slice(KEYS.length - changed).map((key) => change(key, { effects: [effect], kind }))),
    presence: new Map([['Mailbox', presence]]),
    seen: new Map([['Mailbox', new Set(KEYS)]]),
  }
  return judge(guardsOf(loaded.configuration.spec, 'sales'), input)
}

function objecting(verdicts: readonly GuardVerdict[]): readonly string[] {
  return verdicts.filter(({ decision }) => decision !== 'allow').map(({ guard }) => guard)
}

describe('guards with the limits of the configuration', () => {
  it.each<Case & { expected: string; reason: string }>([
    { changed: 6, expected: 'allow', reason: '30 % is the limit where nothing is said' },
    { changed: 7, expected: 'override', reason: '35 % is beyond it' },
    { guards: '{ change: { maximumPercent: 50 } }', changed: 10, expected: 'allow', reason: 'half is allowed' },
    { guards: '{ change: { minimumMailboxes: 21 } }', changed: 20, expected: 'allow', reason: 'too few to be guarded' },
    { guards: '{ change: { maximum: 2 } }', changed: 3, expected: 'override', reason: 'a number is a limit as well' },
    { own: '{ change: { maximumPercent: 50 } }', changed: 10, expected: 'allow', reason: 'this one may more' },
    {
      guards: '{ change: { maximumPercent: 50 } }',
      own: '{ change: { maximumPercent: 5 } }',
      changed: 2,
      expected: 'override',
      reason: 'this one may less',
    },
    {
      guards: '{ change: { maximum: 2 } }',
      own: '{ change: { maximumPercent: 90 } }',
      changed: 3,
      expected: 'override',
      reason: 'what the organization does not name stays as it is for all',
    },
    { missing: 1, expected: 'override', reason: 'none may vanish where nothing is said' },
    { guards: '{ vanished: { maximum: 2 } }', missing: 2, expected: 'allow', reason: 'two may vanish' },
    { guards: '{ vanished: { maximum: 2 } }', missing: 3, expected: 'override', reason: 'three may not' },
    { own: '{ vanished: { maximum: 3 } }', missing: 3, expected: 'allow', reason: 'three may vanish here' },
    { guards: '{ vanished: { maximum: 99 } }', missing: 20, expected: 'blocked', reason: 'all gone is a failed read' },
  ])('$guards, $own, $changed changed, $missing missing of 20: $expected ($reason)', async (row) => {
    expect(standing(await verdictsOn(row))).toBe(row.expected)
  })

  it.each<{ effect: Effect; changed: number; kind?: string; expected: readonly string[]; reason: string }>([
    { effect: 'test', changed: 20, expected: [], reason: 'a test changes nobody' },
    { effect: 'move', changed: 6, expected: [], reason: 'moving has no limit of its own where nothing is said' },
    { effect: 'stop', changed: 1, expected: [], reason: '5 % may stop' },
    { effect: 'stop', changed: 2, expected: ['stop'], reason: '10 % may not' },
    { effect: 'delete', changed: 2, expected: ['stop'], reason: 'what is deleted stops' },
    { effect: 'unapprove', changed: 2, expected: ['unapprove'], reason: 'approvals are weighed like stops' },
    { effect: 'claim', changed: 1, expected: ['claim'], reason: 'a claim always needs a second yes' },
    { effect: 'old-mail', changed: 1, expected: ['old-mail'], reason: 'old mail cannot be taken back' },
    { effect: 'delete-mail', changed: 1, expected: ['delete-mail'], reason: 'deleted mail is gone' },
    { effect: 'default', changed: 1, expected: ['default-profile'], reason: 'it reaches everybody who comes later' },
    { effect: 'move', changed: 7, expected: ['change'], reason: 'whatever changes is counted' },
    {
      effect: 'stop',
      changed: 1,
      kind: 'EmailSettings',
      expected: ['stop-all'],
      reason: 'it stops more than it counts',
    },
    { effect: 'adjust', changed: 1, kind: 'EmailSettings', expected: [], reason: 'other settings stop nobody' },
  ])('$changed of 20 $effect: $expected ($reason)', async ({ reason: _, expected, ...row }) => {
    expect(objecting(await verdictsOn(row))).toEqual(expected)
  })

  it('an organization that has no limits of its own has those of all', () => {
    const limits = { change: { maximum: 1 }, vanished: { maximum: 0 } } as never

    expect(guardsOf({ guards: limits, organizations: {} }, 'constructor').map(({ name }) => name)).toContain('change')
  })
})
