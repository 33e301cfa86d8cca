import { describe, expect, it } from 'vitest'
import {
  type Change,
  changeShareGuard,
  type Effect,
  type Guard,
  type GuardInput,
  type GuardVerdict,
  judge,
  PLAN_VERSION,
  type Plan,
  type Presence,
  standing,
  stopShareGuard,
  vanishedGuard,
} from '../../src/engine/index.ts'

const LIMIT = { kind: 'Mailbox', noun: 'mailboxes', share: 0.3, minimum: 10 }

function keys(count: number, prefix = 'm'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}

function change(key: string, effect: Effect, kind = 'Mailbox'): Change {
  return {
    id: `${kind}-${key}-${effect}`,
    stage: 'mailbox',
    kind,
    key,
    label: key,
    action: effect === 'create' || effect === 'delete' ? effect : 'update',
    fields: [],
    effects: [effect],
    phrases: [],
    origin: { file: 'a.yaml', line: 1, column: 1 },
    needs: [],
  }
}

function planOf(changes: readonly Change[]): Plan {
  const steps = [{ stage: 'mailbox', slice: 'all', changes }]
  return { version: PLAN_VERSION, scope: 's', revision: 'r', steps, stages: [], exceptions: [], digest: 'd' }
}

function presenceOf(wished: readonly string[], present: readonly string[], more: Partial<Presence> = {}): Presence {
  return {
    kind: 'Mailbox',
    wished: new Set(wished),
    present: new Set(present),
    labels: new Map(),
    complete: true,
    ...more,
  }
}

function input(
  changes: readonly Change[],
  presence: Presence,
  seen: Readonly<Record<string, readonly string[]>> = {},
): GuardInput {
  return {
    plan: planOf(changes),
    presence: new Map([[presence.kind, presence]]),
    seen: new Map(Object.entries(seen).map(([kind, known]) => [kind, new Set(known)])),
  }
}

describe('the guard of the share that changes', () => {
  it.each<{ reason: string; total: number; moved: number; tested?: number; decision: GuardVerdict['decision'] }>([
    { reason: 'nothing changes', total: 40, moved: 0, decision: 'allow' },
    { reason: 'exactly at the limit', total: 40, moved: 12, decision: 'allow' },
    { reason: 'one more than the limit', total: 40, moved: 13, decision: 'override' },
    { reason: 'everything, in an organization too small to weigh', total: 9, moved: 9, decision: 'allow' },
    { reason: 'everything, in the smallest that is weighed', total: 10, moved: 10, decision: 'override' },
    { reason: 'tests alone change nothing', total: 40, moved: 0, tested: 40, decision: 'allow' },
  ])('$reason: $moved of $total is $decision', ({ total, moved, tested = 0, decision }) => {
    const present = keys(total)
    const changes = [
      ...present.slice(0, moved).map((key) => change(key, 'move')),
      ...present.slice(0, tested).map((key) => change(key, 'test')),
    ]

    const verdict = changeShareGuard(LIMIT).judge(input(changes, presenceOf(present, present)))

    expect(verdict.decision).toBe(decision)
  })

  it('counts an object once, however many stages change it, and only objects of its kind', () => {
    const present = keys(10)
    const changes = [change('m0', 'approve'), change('m0', 'move'), change('m1', 'move'), change('m2', 'move')]
    const others = keys(9, 'p').map((key) => change(key, 'move', 'EmailServerProfile'))

    const verdict = changeShareGuard(LIMIT).judge(input([...changes, ...others], presenceOf(present, present)))

    expect(verdict).toEqual({
      decision: 'allow',
      message: '3 of 10 managed mailboxes change (30 %): allowed, the limit is 30 %',
    })
  })

  it('weighs against the objects that are there, not against those that are wished', () => {
    const present = keys(10)
    const changes = present.slice(0, 4).map((key) => change(key, 'move'))

    const verdict = changeShareGuard(LIMIT).judge(input(changes, presenceOf(keys(100), present)))

    expect(verdict.decision).toBe('override')
    expect(verdict.message).toContain('4 of 10')
  })

  it('says how it is passed', () => {
    const present = keys(10)
    const changes = present.map((key) => change(key, 'move'))

    const { message } = changeShareGuard(LIMIT).judge(input(changes, presenceOf(present, present)))

    expect(message).toContain('--allow change')
  })
})

describe('the guard of the share that stops', () => {
  const guard = stopShareGuard({ ...LIMIT, share: 0.05, minimum: 1 })

  it.each<{ reason: string; effect: Effect; count: number; decision: GuardVerdict['decision'] }>([
    { reason: 'at the limit', effect: 'stop', count: 2, decision: 'allow' },
    { reason: 'above the limit', effect: 'stop', count: 3, decision: 'override' },
    { reason: 'deleting stops too', effect: 'delete', count: 3, decision: 'override' },
    { reason: 'moving stops nothing', effect: 'move', count: 40, decision: 'allow' },
  ])('$reason: $count of 40 $effect is $decision', ({ effect, count, decision }) => {
    const present = keys(40)
    const changes = present.slice(0, count).map((key) => change(key, effect))

    expect(guard.judge(input(changes, presenceOf(present, present))).decision).toBe(decision)
  })
})

describe('B14 the guard against objects that vanished', () => {
  const guard = vanishedGuard({ share: 0.1, allGoneFrom: 3 })

  it.each<{
    reason: string
    wished: readonly string[]
    present: readonly string[]
    seen: readonly string[]
    more?: Partial<Presence>
    created?: readonly string[]
    decision: GuardVerdict['decision']
  }>([
    { reason: 'nothing was seen before', wished: keys(40), present: [], seen: [], decision: 'allow' },
    { reason: 'all are still there', wished: keys(40), present: keys(40), seen: keys(40), decision: 'allow' },
    { reason: 'a few are gone', wished: keys(40), present: keys(36), seen: keys(40), decision: 'allow' },
    { reason: 'many are gone', wished: keys(40), present: keys(35), seen: keys(40), decision: 'override' },
    { reason: 'all are gone at once', wished: keys(40), present: [], seen: keys(40), decision: 'blocked' },
    { reason: 'all of very few are gone', wished: keys(2), present: [], seen: keys(2), decision: 'override' },
    {
      reason: 'a read that is incomplete proves nothing',
      wished: keys(40),
      present: [],
      seen: keys(40),
      more: { complete: false },
      decision: 'allow',
    },
    {
      reason: 'what nobody wishes any more may be gone',
      wished: keys(3),
      present: keys(3),
      seen: keys(40),
      decision: 'allow',
    },
    {
      reason: 'a single one that was there before would be created again',
      wished: keys(40),
      present: keys(39),
      seen: keys(40),
      created: ['m39'],
      decision: 'override',
    },
    {
      reason: 'one that was never there is created',
      wished: keys(41),
      present: keys(40),
      seen: keys(40),
      created: ['m40'],
      decision: 'allow',
    },
  ])('$reason: $decision', ({ wished, present, seen, more, created = [], decision }) => {
    const changes = created.map((key) => change(key, 'create'))

    const verdict = guard.judge(input(changes, presenceOf(wished, present, more), { Mailbox: seen }))

    expect(verdict.decision).toBe(decision)
  })
})

describe('judging', () => {
  const objecting = (name: string, decision: GuardVerdict['decision']): Guard => ({
    name,
    judge: () => ({ decision, message: name }),
  })
  const nothing = input([], presenceOf([], []))

  it.each<{
    reason: string
    guards: readonly Guard[]
    allowed: readonly string[]
    decision: GuardVerdict['decision']
  }>([
    { reason: 'no guard objects', guards: [objecting('a', 'allow')], allowed: [], decision: 'allow' },
    { reason: 'one needs a person', guards: [objecting('a', 'override')], allowed: [], decision: 'override' },
    { reason: 'a person allowed it', guards: [objecting('a', 'override')], allowed: ['a'], decision: 'allow' },
    { reason: 'a person allowed another', guards: [objecting('a', 'override')], allowed: ['b'], decision: 'override' },
    {
      reason: 'nobody can allow what is blocked',
      guards: [objecting('a', 'blocked')],
      allowed: ['a'],
      decision: 'blocked',
    },
    {
      reason: 'the strongest objection stands',
      guards: [objecting('a', 'override'), objecting('b', 'blocked'), objecting('c', 'allow')],
      allowed: [],
      decision: 'blocked',
    },
  ])('$reason: $decision', ({ guards, allowed, decision }) => {
    expect(standing(judge(guards, nothing, new Set(allowed)))).toBe(decision)
  })

  it('marks what a person allowed, and only that', () => {
    const verdicts = judge([objecting('a', 'override'), objecting('b', 'allow')], nothing, new Set(['a', 'b']))

    expect(verdicts.map(({ guard, overridden }) => [guard, overridden])).toEqual([
      ['a', true],
      ['b', undefined],
    ])
  })
})
