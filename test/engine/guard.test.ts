import { describe, expect, it } from 'vitest'
import {
  type Change,
  type Effect,
  type EffectLimits,
  type EffectRule,
  effectGuard,
  type Guard,
  type GuardInput,
  type GuardVerdict,
  judge,
  type Permit,
  PLAN_VERSION,
  type Plan,
  type Presence,
  type RecentChange,
  standing,
  vanishedGuard,
} from '../../src/engine/index.ts'

const CHANGE: EffectRule = {
  name: 'change',
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  verb: { one: 'changes', many: 'change' },
  counts: (effects) => effects.some((effect) => effect !== 'test'),
}
const SHARE: EffectLimits = { maximumPercent: 30, minimumMailboxes: 10 }
const HOURLY: EffectLimits = { maximumPerHour: 5 }

function recently(...changed: readonly string[]): readonly RecentChange[] {
  return changed.map((key) => ({ kind: 'Mailbox', key, effects: ['move'] }))
}

function tests(...tested: readonly string[]): readonly RecentChange[] {
  return tested.map((key) => ({ kind: 'Mailbox', key, effects: ['test'] }))
}

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

describe('a guard of an effect', () => {
  it.each<{
    reason: string
    limits: EffectLimits
    total?: number
    moved?: number
    tested?: number
    recent?: readonly RecentChange[]
    decision: GuardVerdict['decision']
  }>([
    { reason: 'nothing changes', limits: SHARE, moved: 0, decision: 'allow' },
    { reason: 'exactly at the share', limits: SHARE, moved: 12, decision: 'allow' },
    { reason: 'one more than the share', limits: SHARE, moved: 13, decision: 'override' },
    {
      reason: 'a share that binary fractions miss',
      limits: { maximumPercent: 7 },
      total: 100,
      moved: 7,
      decision: 'allow',
    },
    { reason: 'everything, where there are too few to weigh', limits: SHARE, total: 9, moved: 9, decision: 'allow' },
    {
      reason: 'everything, in the smallest that is weighed',
      limits: SHARE,
      total: 10,
      moved: 10,
      decision: 'override',
    },
    { reason: 'what is not counted', limits: SHARE, moved: 0, tested: 40, decision: 'allow' },
    { reason: 'no limit at all', limits: {}, moved: 40, decision: 'allow' },
    { reason: 'at the number', limits: { maximum: 5 }, moved: 5, decision: 'allow' },
    { reason: 'beyond the number', limits: { maximum: 5 }, moved: 6, decision: 'override' },
    {
      reason: 'beyond the number, however small the share',
      limits: { ...SHARE, maximum: 1 },
      moved: 2,
      decision: 'override',
    },
    {
      reason: 'beyond the share, however large the number',
      limits: { ...SHARE, maximum: 99 },
      moved: 13,
      decision: 'override',
    },
    { reason: 'none at all may pass', limits: { maximum: 0 }, moved: 1, decision: 'override' },
    { reason: 'none at all does', limits: { maximum: 0 }, moved: 0, decision: 'allow' },
    { reason: 'nothing before it in this hour', limits: HOURLY, moved: 5, recent: [], decision: 'allow' },
    { reason: 'beyond the hour alone', limits: HOURLY, moved: 6, recent: [], decision: 'override' },
    {
      reason: 'the hour is full with it',
      limits: HOURLY,
      moved: 2,
      recent: recently('x', 'y', 'z'),
      decision: 'allow',
    },
    {
      reason: 'beyond the hour with it',
      limits: HOURLY,
      moved: 3,
      recent: recently('x', 'y', 'z'),
      decision: 'override',
    },
    { reason: 'the same mailboxes again', limits: HOURLY, moved: 5, recent: recently('m0', 'm1'), decision: 'allow' },
    { reason: 'an hour of other effects', limits: HOURLY, moved: 5, recent: tests('x', 'y'), decision: 'allow' },
    {
      reason: 'a full hour, and nothing now',
      limits: HOURLY,
      moved: 0,
      recent: recently(...keys(9)),
      decision: 'allow',
    },
    { reason: 'an hour that nobody can tell', limits: HOURLY, moved: 1, decision: 'override' },
    { reason: 'an hour that nobody asks about', limits: SHARE, moved: 1, decision: 'allow' },
  ])('$reason: $decision', ({ limits, total = 40, moved = 0, tested = 0, recent, decision }) => {
    const present = keys(total)
    const changes = [
      ...present.slice(0, moved).map((key) => change(key, 'move')),
      ...present.slice(0, tested).map((key) => change(key, 'test')),
    ]
    const looking = { ...input(changes, presenceOf(present, present)), ...(recent ? { recent } : {}) }

    const verdict = effectGuard(CHANGE, limits).judge(looking)

    expect(verdict.decision).toBe(decision)
  })

  it('counts an object once, however many stages change it, and only objects of its kind', () => {
    const present = keys(10)
    const changes = [change('m0', 'approve'), change('m0', 'move'), change('m1', 'move'), change('m2', 'move')]
    const others = keys(9, 'p').map((key) => change(key, 'move', 'EmailServerProfile'))

    const verdict = effectGuard(CHANGE, SHARE).judge(input([...changes, ...others], presenceOf(present, present)))

    expect(verdict).toEqual({
      decision: 'allow',
      message: '3 of 10 managed mailboxes change (30 %): allowed, the limit is 30 %',
    })
  })

  it('weighs against the objects that are there, not against those that are wished', () => {
    const present = keys(10)
    const changes = present.slice(0, 4).map((key) => change(key, 'move'))

    const verdict = effectGuard(CHANGE, SHARE).judge(input(changes, presenceOf(keys(100), present)))

    expect(verdict.decision).toBe('override')
    expect(verdict.message).toContain('4 of 10')
  })

  it('counts slices that wait, because who passes it passes it for the whole', () => {
    const present = keys(10)
    const changes = present.map((key) => change(key, 'move'))
    const whole = input(changes, presenceOf(present, present))
    const waits = { code: 'WaitsForWave', message: 'its turn is not yet' }
    const steps = changes.map((one, index) => ({
      stage: 'mailbox',
      slice: `wave ${index}`,
      changes: [one],
      ...(index > 0 ? { waits } : {}),
    }))

    const verdict = effectGuard(CHANGE, SHARE).judge({ ...whole, plan: { ...whole.plan, steps } })

    expect(verdict.decision).toBe('override')
  })

  it.each<{ reason: string; limits: EffectLimits; count: number; recent?: readonly RecentChange[]; message: string }>([
    {
      reason: 'a share',
      limits: SHARE,
      count: 4,
      message: '4 of 10 managed mailboxes change (40 %): the limit is 30 %',
    },
    { reason: 'a number', limits: { maximum: 3 }, count: 4, message: '4 mailboxes change: the limit is 3 mailboxes' },
    { reason: 'never', limits: { maximum: 0 }, count: 1, message: '1 mailbox changes: that always needs a second yes' },
    {
      reason: 'an hour',
      limits: HOURLY,
      count: 4,
      recent: recently('x', 'y'),
      message: '4 mailboxes change: 6 with those of the last hour, and the limit is 5 an hour',
    },
    {
      reason: 'an hour that cannot be told',
      limits: HOURLY,
      count: 4,
      message:
        '4 mailboxes change: the limit is 5 an hour, and the journal does not tell what was changed in the last one',
    },
    { reason: 'nothing to tell', limits: {}, count: 4, message: '' },
    {
      reason: 'all it allows',
      limits: { maximum: 9, maximumPerHour: 9 },
      count: 4,
      recent: [],
      message: '4 mailboxes change: allowed, the limits are 9 mailboxes, 9 an hour',
    },
  ])('tells $reason', ({ limits, count, recent, message }) => {
    const present = keys(10)
    const changes = present.slice(0, count).map((key) => change(key, 'move'))
    const looking = { ...input(changes, presenceOf(present, present)), ...(recent ? { recent } : {}) }

    expect(effectGuard(CHANGE, limits).judge(looking).message).toBe(message)
  })
})

describe('B14 the guard against objects that vanished', () => {
  const guard = vanishedGuard({ maximum: 1, allGoneFrom: 3 })

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
    { reason: 'as many as may be are gone', wished: keys(40), present: keys(39), seen: keys(40), decision: 'allow' },
    { reason: 'one more is gone', wished: keys(40), present: keys(38), seen: keys(40), decision: 'override' },
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
    counted: () => [],
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

describe('an override', () => {
  const present = keys(40)
  const guard = effectGuard(CHANGE, SHARE)
  const moving = (count: number) =>
    input(
      present.slice(0, count).map((key) => change(key, 'move')),
      presenceOf(present, present),
    )
  const permit = (more: Partial<Permit> = {}): Permit => ({
    name: 'migration',
    guard: 'change',
    limit: 40,
    reason: 'sales moves',
    origin: { file: 'overrides.yaml', line: 3, column: 1 },
    ...more,
  })
  const covering = (count: number, from = 0) => ({
    objects: new Map([['Mailbox', new Set(present.slice(from, from + count))]]),
  })

  it.each<{ reason: string; moved?: number; permits: readonly Permit[]; decision: GuardVerdict['decision'] }>([
    { reason: 'covers all', permits: [permit()], decision: 'allow' },
    { reason: 'covers all, just within its limit', permits: [permit({ limit: 20 })], decision: 'allow' },
    { reason: 'would cover one more than its limit', permits: [permit({ limit: 19 })], decision: 'override' },
    { reason: 'leaves what is within the guard’s limit', permits: [permit(covering(8))], decision: 'allow' },
    { reason: 'leaves one more than the guard’s limit', permits: [permit(covering(7))], decision: 'override' },
    {
      reason: 'covers objects of another kind',
      permits: [permit({ objects: new Map([['Book', new Set(present)]]) })],
      decision: 'override',
    },
    { reason: 'covers nobody who changes', permits: [permit(covering(9, 30))], decision: 'override' },
    { reason: 'is for another guard', permits: [permit({ guard: 'stop' })], decision: 'override' },
    { reason: 'does not count', permits: [permit({ fault: 'it expired' })], decision: 'override' },
    {
      reason: 'adds to another',
      permits: [permit(covering(5)), permit({ name: 'b', ...covering(5, 5) })],
      decision: 'allow',
    },
    {
      reason: 'is not stretched by another',
      permits: [permit({ limit: 10 }), permit({ name: 'b', limit: 10 })],
      decision: 'override',
    },
    { reason: 'does not need to count', moved: 12, permits: [permit({ fault: 'it expired' })], decision: 'allow' },
  ])('that $reason: $decision', ({ moved = 20, permits, decision }) => {
    expect(standing(judge([guard], moving(moved), new Set(), permits))).toBe(decision)
  })

  it('that passed a guard is told with it, and nobody is asked to allow anything', () => {
    const [verdict] = judge([guard], moving(20), new Set(['change']), [permit({ ticket: 'CHG-1' })])

    expect(verdict).toEqual({
      guard: 'change',
      decision: 'override',
      message: '20 of 40 managed mailboxes change (50 %): the limit is 30 %',
      overridden: true,
      overrides: [{ name: 'migration', reason: 'sales moves', ticket: 'CHG-1', covered: 20 }],
    })
  })

  it.each<{ reason: string; permits: readonly Permit[]; message: string }>([
    {
      reason: 'the limit is passed',
      permits: [permit({ limit: 5 })],
      message: 'the override migration (overrides.yaml:3) does not count: its limit is 5, and it would cover 20',
    },
    {
      reason: 'it does not count',
      permits: [permit({ fault: 'it expired on 2026-11-01T00:00:00Z' })],
      message: 'the override migration (overrides.yaml:3) does not count: it expired on 2026-11-01T00:00:00Z',
    },
    {
      reason: 'it is not enough',
      permits: [permit(covering(5))],
      message: 'the override migration is not enough: without what it covers, 15 of 40 managed mailboxes change',
    },
    {
      reason: 'there are many',
      permits: keys(9).map((name) => permit({ name, fault: 'it expired' })),
      message: '6 more overrides do not count either',
    },
  ])('says why it does not help, where $reason', ({ permits, message }) => {
    const [verdict] = judge([guard], moving(20), new Set(), permits)

    expect(verdict?.message).toContain(message)
    expect(verdict?.message).toMatch(/; if that is meant, say --allow change$/)
  })

  it('never passes what is blocked', () => {
    const blocking: Guard = {
      name: 'change',
      judge: () => ({ decision: 'blocked', message: 'no' }),
      counted: () => [{ kind: 'Mailbox', key: 'm0' }],
    }

    expect(standing(judge([blocking], moving(20), new Set(['change']), [permit()]))).toBe('blocked')
  })

  it('takes what it covers out of the hour, too', () => {
    const hourly = effectGuard(CHANGE, HOURLY)
    const looking = { ...moving(4), recent: recently('m30', 'm31', 'm32') }

    const verdicts = judge([hourly], looking, new Set(), [permit(covering(4))])

    expect(verdicts[0]).toMatchObject({ overridden: true, overrides: [{ covered: 4 }] })
  })

  it('lets what really was removed pass by its set, and nothing else', () => {
    const vanished = vanishedGuard({ maximum: 0, allGoneFrom: 10 })
    const missing = input([], presenceOf(present, present.slice(2)), { Mailbox: present })
    const both = permit({ guard: 'vanished', ...covering(2) })
    const one = permit({ guard: 'vanished', ...covering(1) })
    const gone = input([], presenceOf(present, []), { Mailbox: present })

    expect(standing(judge([vanished], missing, new Set(), [both]))).toBe('allow')
    expect(standing(judge([vanished], missing, new Set(), [one]))).toBe('override')
    expect(standing(judge([vanished], gone, new Set(), [permit({ guard: 'vanished' })]))).toBe('blocked')
  })
})
