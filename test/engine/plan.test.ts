import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/engine/index.ts'
import { BOOK, remoteWith, wants } from './fake-library.ts'
import { idsOf, linesOf, planOf } from './fake-pass.ts'
import type { FakeRemote } from './fake-remote.ts'
import { FAKE_STAGES, type FakeDesired } from './fake-stages.ts'

describe('a plan', () => {
  it.each<{ reason: string; desired: FakeDesired; remote: FakeRemote; lines: readonly string[] }>([
    {
      reason: 'what is as wished is not planned',
      desired: wants({ s1: { title: 'A' } }, { a: { open: true } }),
      remote: remoteWith({ s1: { title: 'A', width: 3 } }, { a: BOOK }),
      lines: [],
    },
    {
      reason: 'a field nobody wishes is not managed',
      desired: wants({ s1: { title: 'A' } }, {}),
      remote: remoteWith({ s1: { title: 'A', width: 99 } }, {}),
      lines: [],
    },
    {
      reason: 'an object that is not there is created with all wished fields',
      desired: wants({ s1: { title: 'A', width: 3 } }, {}),
      remote: remoteWith({}, {}),
      lines: ['create Shelf/s1 title width'],
    },
    {
      reason: 'only the fields that differ are written',
      desired: wants({ s1: { title: 'B', width: 3 } }, {}),
      remote: remoteWith({ s1: { title: 'A', width: 3 } }, {}),
      lines: ['update Shelf/s1 title'],
    },
    {
      reason: 'what must be absent is deleted',
      desired: wants({ s1: { ensure: 'absent' } }, {}),
      remote: remoteWith({ s1: { title: 'A' } }, {}),
      lines: ['delete Shelf/s1'],
    },
    {
      reason: 'what must be absent and is absent needs nothing',
      desired: wants({ s1: { ensure: 'absent' } }, {}),
      remote: remoteWith({}, {}),
      lines: [],
    },
    {
      reason: 'a set that holds what is wished and more is satisfied by its rule',
      desired: wants({}, { a: { tags: ['x'] } }),
      remote: remoteWith({}, { a: { ...BOOK, tags: ['w', 'x'] } }),
      lines: [],
    },
    {
      reason: 'a change brings with it what the stage says it entails',
      desired: wants({ s2: {} }, { a: { shelf: 's2', test: true } }),
      remote: remoteWith({ s2: { title: 'A' } }, { a: BOOK }),
      lines: ['update Book/a shelf tested'],
    },
    {
      reason: 'a stage sees the objects as they will be after the stages before it',
      desired: wants({ s1: { width: 9 } }, { a: { test: true }, b: { test: true } }),
      remote: remoteWith({ s1: { title: 'A', width: 3 } }, { a: BOOK, b: { ...BOOK, shelf: 's2' } }),
      lines: ['update Shelf/s1 width', 'update Book/a tested'],
    },
    {
      reason: 'an object that somebody else must create is waited for',
      desired: wants({}, { a: { open: true } }),
      remote: remoteWith({}, {}),
      lines: [],
    },
  ])('$reason', async ({ desired, remote, lines }) => {
    const { plan } = await planOf(remote, desired)

    expect(linesOf(plan)).toEqual(lines)
  })

  it('names the objects that wait, are held, unknown or blocked, each with its reason', async () => {
    const desired = wants(
      { s1: { title: 'A' } },
      { gone: { open: true }, held: { open: false }, dim: { open: true }, onDim: { shelf: 's9' } },
      { held: new Set(['held']) },
    )
    const remote = remoteWith({ s1: { title: 'A' } }, { held: BOOK, dim: BOOK, onDim: BOOK })
    remote.faults.read = (table) => (table === 'book' ? new Set(['dim']) : undefined)

    const { plan } = await planOf(remote, desired)

    expect(plan.exceptions.map(({ key, state, reason }) => [key, state, reason.code])).toEqual([
      ['gone', 'Waiting', 'NotThereYet'],
      ['held', 'Held', 'Inactive'],
      ['dim', 'Unknown', 'Garbled'],
    ])
    expect(linesOf(plan)).toEqual(['update Book/onDim shelf'])
  })

  it('plans nothing for a stage whose read is incomplete, and blocks what needs it', async () => {
    const desired = wants({ s1: { title: 'B' } }, { a: { shelf: 's1' }, b: { open: false } })
    const remote = remoteWith({ s1: { title: 'A' } }, { a: { ...BOOK, shelf: 's2' }, b: BOOK })
    remote.faults.read = (table) => (table === 'shelf' ? new Error('the page was cut short') : undefined)

    const { plan } = await planOf(remote, desired)

    expect(linesOf(plan)).toEqual(['update Book/b open'])
    expect(plan.exceptions.map(({ key, state }) => [key, state])).toEqual([['a', 'Blocked']])
    expect(plan.stages.find(({ stage }) => stage === 'shelf')?.incomplete?.message).toBe('the page was cut short')
  })

  it('counts the objects nobody wishes as unmanaged and leaves them alone', async () => {
    const { plan } = await planOf(
      remoteWith({ s1: { title: 'A' } }, { a: BOOK, b: BOOK }),
      wants({}, { a: { open: true } }),
    )

    expect(plan.stages.map(({ stage, unmanaged }) => [stage, unmanaged])).toEqual([
      ['check', 0],
      ['shelf', 1],
      ['book', 1],
    ])
    expect(idsOf(plan)).toEqual([])
  })

  it('leaves out what `only` leaves out, and blocks what needs an object that is therefore not created', async () => {
    const desired = wants({ s1: { title: 'A' } }, { a: { shelf: 's1' }, b: { open: false } })
    const remote = remoteWith({}, { a: { ...BOOK, shelf: 's2' }, b: BOOK })

    const { plan } = await planOf(remote, desired, { only: ({ stage }) => stage === 'book' })

    expect(linesOf(plan)).toEqual(['update Book/b open'])
    expect(plan.exceptions.map(({ key, state, reason }) => [key, state, reason.code])).toEqual([
      ['a', 'Blocked', 'NotSelected'],
    ])
  })
})

describe('a stop', () => {
  it('is done alone where what rides along is blocked', async () => {
    const ready: Verdict = { status: 'False', code: 'ClockSkew', message: 'the clocks differ' }
    const desired = { ...wants({}, { a: { open: false, tags: ['new'] } }), checks: new Map([['clock', { ready }]]) }
    const remote = remoteWith({}, { a: BOOK })

    const { plan } = await planOf(remote, desired)

    expect(linesOf(plan)).toEqual(['update Book/a open'])
    expect(plan.exceptions.map(({ key, state }) => [key, state])).toEqual([['a', 'Blocked']])
  })
})

describe('a plan of some objects', () => {
  it('tells nothing of objects that `only` leaves out, and still lets them block what needs them', async () => {
    const desired = wants({ s1: { title: 'A' } }, { a: { shelf: 's1' }, missing: { open: true } })
    const remote = remoteWith({}, { a: { ...BOOK, shelf: 's2' } })

    const whole = await planOf(remote, desired)
    const some = await planOf(remote, desired, { only: ({ key }) => key === 'a' })

    expect(whole.plan.exceptions.map(({ key }) => key)).toContain('missing')
    expect(some.plan.exceptions.map(({ key, reason }) => [key, reason.code])).toEqual([['a', 'NotSelected']])
  })
})

describe('a gate', () => {
  const verdict = (status: Verdict['status']): Verdict => ({ status, code: 'ClockSkew', message: 'the clocks differ' })
  const remote = () => remoteWith({ s1: { title: 'A' } }, { a: BOOK, b: { ...BOOK, open: false } })
  const stopAndStart = { a: { open: false }, b: { open: true } }

  it.each<{ reason: string; more: Partial<FakeDesired>; lines: readonly string[] }>([
    {
      reason: 'a failed check blocks what comes after it, but never stopping',
      more: { checks: new Map([['clock', { ready: verdict('False') }]]) },
      lines: ['update Book/a open'],
    },
    {
      reason: 'a check that could not tell blocks too',
      more: { checks: new Map([['clock', { ready: verdict('Unknown') }]]) },
      lines: ['update Book/a open'],
    },
    {
      reason: 'a check whose own row is unknown blocks too',
      more: { unknownChecks: new Map([['clock', { code: 'ClockSkew', message: 'the clocks differ' }]]) },
      lines: ['update Book/a open'],
    },
    {
      reason: 'what no interface answers only advises',
      more: { checks: new Map([['clock', { ready: verdict('Unverifiable') }]]) },
      lines: ['update Shelf/s1 title', 'update Book/a open', 'update Book/b open'],
    },
    {
      reason: 'a check blocks only the stages it names',
      more: { checks: new Map([['clock', { ready: verdict('False'), gates: ['shelf'] }]]) },
      lines: ['update Book/a open', 'update Book/b open'],
    },
  ])('$reason', async ({ more, lines }) => {
    const { plan } = await planOf(remote(), wants({ s1: { title: 'B' } }, stopAndStart, more))

    expect(linesOf(plan)).toEqual(lines)
    for (const { state, reason } of plan.exceptions) expect([state, reason.code]).toEqual(['Blocked', 'ClockSkew'])
  })

  it.each<{ status: Verdict['status']; check: string; reason: string; lines: readonly string[] }>([
    {
      status: 'False',
      check: 'clock',
      reason: 'blocks what names it in its needs, but never stopping',
      lines: ['update Shelf/s1 title', 'update Book/a open'],
    },
    {
      status: 'Unverifiable',
      check: 'clock',
      reason: 'that only advises blocks nothing',
      lines: ['update Shelf/s1 title', 'update Book/a open', 'update Book/b open'],
    },
    {
      status: 'False',
      check: 'weather',
      reason: 'that nobody names blocks nothing',
      lines: ['update Shelf/s1 title', 'update Book/a open', 'update Book/b open'],
    },
  ])('that gates no stage $reason', async ({ status, check, lines }) => {
    const needsClock = { needs: () => [{ stage: 'check', key: 'clock' }] }
    const stages = FAKE_STAGES.map((stage) => (stage.name === 'book' ? { ...stage, ...needsClock } : stage))
    const checks = new Map([[check, { ready: verdict(status), gates: [] }]])

    const { plan } = await planOf(remote(), wants({ s1: { title: 'B' } }, stopAndStart, { checks }), { stages })

    expect(linesOf(plan)).toEqual(lines)
  })
})

describe('stopping', () => {
  it('does not wait for an object that the other fields of the wish need', async () => {
    const desired = wants({ s1: { title: 'B' } }, { a: { shelf: 's1', open: false }, b: { shelf: 's1', open: false } })
    const remote = remoteWith({ s1: { title: 'A' } }, { a: BOOK, b: { ...BOOK, shelf: 's2' } })
    remote.faults.read = (table) => (table === 'shelf' ? new Error('no answer') : undefined)

    const { plan } = await planOf(remote, desired)

    expect(linesOf(plan)).toEqual(['update Book/a open', 'update Book/b open'])
    expect(plan.exceptions.map(({ key, state }) => [key, state])).toEqual([['b', 'Blocked']])
  })
})

describe('the presence of wished objects', () => {
  it('does not count what must be absent: that it is gone is no loss', async () => {
    const desired = wants({ s1: {}, s2: { ensure: 'absent' } }, { a: {} })

    const { presence } = await planOf(remoteWith({ s1: { title: 'A' } }, {}), desired)

    expect(presence.get('Shelf')?.wished).toEqual(new Set(['s1']))
    expect(presence.get('Shelf')?.present).toEqual(new Set(['s1']))
    expect(presence.get('Book')).toMatchObject({ wished: new Set(['a']), present: new Set(), complete: true })
  })

  it('counts an object that cannot be told as present, and an incomplete read as nothing', async () => {
    const desired = wants({ s1: {} }, { a: {} })
    const remote = remoteWith({ s1: { title: 'A' } }, { a: BOOK })
    remote.faults.read = (table) => (table === 'book' ? new Set(['a']) : new Error('no answer'))

    const { presence } = await planOf(remote, desired)

    expect(presence.get('Book')?.present).toEqual(new Set(['a']))
    expect(presence.get('Shelf')?.complete).toBe(false)
  })
})
