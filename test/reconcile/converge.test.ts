import { describe, expect, it } from 'vitest'
import { WAITS } from '../../src/engine/index.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { type ConvergeInput, converge } from '../../src/reconcile/converge.ts'
import { settlementOf } from '../../src/reconcile/settlement.ts'
import { change, exception, outcome, type Parts, resultOf, verdict } from './fake-result.ts'

const THROTTLED = { code: 'Throttled', message: 'throttled' }
const SCHEDULED = { ann: verdict('Unknown', 'TestScheduled') }
const HEALTHY = resultOf({ wished: ['ann'], verdicts: { ann: 'True' } })
const TESTING = resultOf({ wished: ['ann'], verdicts: SCHEDULED })
const UNREAD = resultOf({ wished: ['ann'], unread: { mailbox: THROTTLED } })

describe('whether passes have settled', () => {
  it.each<{ reason: string; parts: Omit<Parts, 'wished'>; settlement: string }>([
    {
      reason: 'nothing is planned and nothing outstanding',
      parts: { verdicts: { ann: 'True' } },
      settlement: 'settled',
    },
    { reason: 'a test is scheduled', parts: { verdicts: SCHEDULED }, settlement: 'waiting' },
    { reason: 'a test failed', parts: { verdicts: { ann: 'False' } }, settlement: 'settled' },
    {
      reason: 'a test was never run',
      parts: { verdicts: { ann: verdict('Unknown', 'TestNotRun') } },
      settlement: 'settled',
    },
    {
      reason: 'something was applied',
      parts: { changes: [change('ann')], outcomes: [outcome('ann', 'Applied')] },
      settlement: 'waiting',
    },
    {
      reason: 'an object had moved',
      parts: { changes: [change('ann')], outcomes: [outcome('ann', 'Moved')] },
      settlement: 'waiting',
    },
    {
      reason: 'a write was refused for good',
      parts: {
        changes: [change('ann')],
        outcomes: [outcome('ann', 'Failed', { code: 'PrivilegeMissing', message: '' })],
      },
      settlement: 'settled',
    },
    {
      reason: 'a write was throttled',
      parts: { changes: [change('ann')], outcomes: [outcome('ann', 'Failed', THROTTLED)] },
      settlement: 'waiting',
    },
    {
      reason: 'a write had no effect',
      parts: { changes: [change('ann')], outcomes: [outcome('ann', 'WriteNotEffective')] },
      settlement: 'settled',
    },
    {
      reason: 'a change waits for a place among the tests, which may be those of others',
      parts: { changes: [change('ann')], waits: { code: WAITS.place, message: '' } },
      settlement: 'waiting',
    },
    {
      reason: 'a change waits for its turn, and a test that it waits for is scheduled',
      parts: { changes: [change('ann')], waits: { code: WAITS.turn, message: '' }, verdicts: SCHEDULED },
      settlement: 'waiting',
    },
    {
      reason: 'a change waits for its turn, and nothing moves that would bring it',
      parts: { changes: [change('ann')], waits: { code: WAITS.turn, message: '' } },
      settlement: 'settled',
    },
    {
      reason: 'a rollout stopped',
      parts: { changes: [change('ann')], waits: { code: WAITS.stopped, message: '' } },
      settlement: 'settled',
    },
    {
      reason: 'a rollout is paused',
      parts: { changes: [change('ann')], waits: { code: WAITS.paused, message: '' } },
      settlement: 'settled',
    },
    {
      reason: 'an object waits for somebody else',
      parts: { exceptions: [exception('ann', 'Waiting')] },
      settlement: 'settled',
    },
    {
      reason: 'a guard objects',
      parts: { verdicts: { ann: 'True' }, changes: [change('ann')], more: { decision: 'override' } },
      settlement: 'settled',
    },
    { reason: 'a read was throttled', parts: { unread: { mailbox: THROTTLED } }, settlement: 'unclear' },
    {
      reason: 'a read is forbidden',
      parts: { unread: { mailbox: { code: 'Forbidden', message: '' } } },
      settlement: 'settled',
    },
    { reason: 'the pass failed', parts: { verdicts: SCHEDULED, more: { failure: THROTTLED } }, settlement: 'settled' },
  ])('$reason: $settlement', ({ parts, settlement }) => {
    expect(settlementOf([resultOf({ wished: ['ann'], ...parts })])).toBe(settlement)
  })

  it('is what the slowest scope says', () => {
    expect(settlementOf([HEALTHY, TESTING, UNREAD])).toBe('waiting')
    expect(settlementOf([HEALTHY, UNREAD])).toBe('unclear')
    expect(settlementOf([])).toBe('settled')
  })
})

describe('repeating passes', () => {
  interface World {
    readonly input: ConvergeInput
    readonly waits: number[]
    readonly cancel: AbortController
  }

  /** Passes that come to the given results one after the other, on a clock that only waiting moves. */
  function world(results: readonly PassResult[], more: Partial<ConvergeInput> = {}): World {
    let now = Date.parse('2026-11-20T08:00:00Z')
    let turn = -1
    const waits: number[] = []
    const cancel = new AbortController()
    const input: ConvergeInput = {
      pass: async () => {
        turn = Math.min(turn + 1, results.length - 1)
        return [results[turn] ?? HEALTHY]
      },
      wait: async (ms, signal) => {
        waits.push(ms)
        now += ms
        signal.throwIfAborted()
      },
      intervalMs: 10_000,
      deadlineMs: 60_000,
      now: () => new Date(now),
      signal: cancel.signal,
      ...more,
    }
    return { input, waits, cancel }
  }

  it('ends after one pass where nothing is outstanding', async () => {
    const { input, waits } = world([HEALTHY])

    expect(await converge(input)).toEqual({ end: 'settled', passes: 1, results: [HEALTHY] })
    expect(waits).toEqual([])
  })

  it('goes on until the results are there, and tells each pass', async () => {
    const told: string[] = []
    const { input, waits } = world([TESTING, TESTING, HEALTHY], {
      onPass: (_results, settlement) => told.push(settlement),
    })

    expect(await converge(input)).toMatchObject({ end: 'settled', passes: 3 })
    expect(waits).toEqual([10_000, 10_000])
    expect(told).toEqual(['waiting', 'waiting', 'settled'])
  })

  it('ends at the deadline with what is still waiting, and not later', async () => {
    const { input, waits } = world([TESTING], { deadlineMs: 25_000 })

    expect(await converge(input)).toEqual({ end: 'deadline', passes: 4, results: [TESTING] })
    expect(waits).toEqual([10_000, 10_000, 5_000])
  })

  it('ends when the state could not be read three times in a row', async () => {
    const { input } = world([TESTING, UNREAD, UNREAD, TESTING, UNREAD])

    expect(await converge({ ...input, deadlineMs: 600_000 })).toMatchObject({ end: 'unclear', passes: 7 })
  })

  it('ends when it is cancelled while it waits', async () => {
    const { input, cancel } = world([TESTING])
    const wait: ConvergeInput['wait'] = async (_ms, signal) => {
      cancel.abort()
      signal.throwIfAborted()
    }

    expect(await converge({ ...input, wait })).toEqual({ end: 'cancelled', passes: 1, results: [TESTING] })
  })

  it('ends when it is cancelled during a pass', async () => {
    const { input, cancel } = world([TESTING])
    const pass = async () => {
      cancel.abort()
      return [TESTING]
    }

    expect(await converge({ ...input, pass })).toMatchObject({ end: 'cancelled', passes: 1 })
  })
})
