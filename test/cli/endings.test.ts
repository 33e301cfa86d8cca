import { describe, expect, it } from 'vitest'
import { applyEndings, planEndings, statusEndings } from '../../src/cli/endings.ts'
import { strongest } from '../../src/cli/exit-codes.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { change, conditions, exception, outcome, passResult, plan, summary } from '../report/samples.ts'

const ANN = change('ann')
const incomplete = { code: 'Throttled', message: 'CRM answered 429' }
const unread = { plan: plan([], { stages: [summary({ incomplete })] }) }
const planned = { plan: plan([ANN]) }
const applied = (result: Parameters<typeof outcome>[1]) => ({ ...planned, outcomes: [outcome(ANN, result)] })
const excepted = (state: 'Waiting' | 'Held' | 'Unknown' | 'Blocked') => ({
  plan: plan([], { exceptions: [exception('bob', { state })] }),
})
const heldBySpec = {
  plan: plan([ANN], { exceptions: [exception('bob', { state: 'Held', bySpec: true })] }),
  outcomes: [outcome(ANN)],
}
const failure = { code: 'StateDirectoryFull', message: 'no space is left' }
const soon = { code: 'TestScheduled', message: 'its test is scheduled' }
const never = { code: 'NotChecked', message: 'nothing tells whether it works' }

describe('plan ends', () => {
  it.each<{ result: Partial<PassResult>; expected: string; reason: string }>([
    { result: {}, expected: 'inSync', reason: 'nothing to do' },
    { result: planned, expected: 'changes', reason: 'changes are planned' },
    { result: { ...planned, decision: 'override' }, expected: 'override', reason: 'a guard asks' },
    { result: { ...planned, decision: 'blocked' }, expected: 'blocked', reason: 'a guard blocks' },
    { result: unread, expected: 'unknown', reason: 'a set could not be read' },
    { result: { ...unread, decision: 'blocked' }, expected: 'unknown', reason: 'unknown is stronger than blocked' },
    { result: excepted('Unknown'), expected: 'unknown', reason: 'one object cannot be told' },
    { result: excepted('Blocked'), expected: 'blocked', reason: 'a check blocks an object' },
    { result: excepted('Waiting'), expected: 'inSync', reason: 'what is not there yet is no change' },
    { result: excepted('Held'), expected: 'inSync', reason: 'what must not be touched is no change' },
    { result: { failure, decision: 'blocked' }, expected: 'error', reason: 'the pass ended early' },
  ])('$expected where $reason', ({ result, expected }) => {
    expect(strongest(planEndings(passResult(result)))).toBe(expected)
  })
})

it('a mailbox that the spec holds back may fail until then', () => {
  const fails = conditions('bob', 'False')

  expect(strongest(applyEndings(passResult(heldBySpec), [fails], { awaited: true }))).toBe('inSync')
  expect(strongest(statusEndings(passResult({ plan: plan([], heldBySpec.plan) }), [fails]))).toBe('changes')
  expect(strongest(applyEndings(passResult(heldBySpec), [conditions('eve', 'False')], { awaited: true }))).toBe(
    'partly',
  )
})

describe('apply ends', () => {
  it.each<{ result: Partial<PassResult>; expected: string; reason: string }>([
    { result: {}, expected: 'inSync', reason: 'nothing to do' },
    { result: applied('Applied'), expected: 'inSync', reason: 'all was applied' },
    { result: applied('AlreadyDone'), expected: 'inSync', reason: 'somebody else did it' },
    { result: applied('Failed'), expected: 'partly', reason: 'a change failed' },
    { result: applied('WriteNotEffective'), expected: 'partly', reason: 'a write had no effect' },
    { result: applied('Moved'), expected: 'partly', reason: 'an object moved meanwhile' },
    { result: applied('Unknown'), expected: 'unknown', reason: 'it is not known whether a write took effect' },
    { result: applied('Cancelled'), expected: 'error', reason: 'the run was interrupted' },
    { result: excepted('Waiting'), expected: 'inSync', reason: 'nothing to do, as plan says' },
    { result: excepted('Blocked'), expected: 'blocked', reason: 'a check blocks everything there is to do' },
    {
      result: { plan: plan([ANN], excepted('Blocked').plan), outcomes: [outcome(ANN)] },
      expected: 'partly',
      reason: 'something was applied, and a check blocks the rest',
    },
    { result: heldBySpec, expected: 'inSync', reason: 'what the spec holds back is as it was asked for' },
    { result: planned, expected: 'partly', reason: 'a change was not approved and waits' },
    { result: { ...planned, decision: 'override' }, expected: 'override', reason: 'a guard asks' },
    { result: { failure, ...applied('Applied') }, expected: 'error', reason: 'the journal failed on the way' },
  ])('$expected where $reason', ({ result, expected }) => {
    expect(strongest(applyEndings(passResult(result), [], { awaited: false }))).toBe(expected)
  })

  it('with partly where a mailbox is known not to work', () => {
    const failing = [conditions('ann', 'False')]

    expect(strongest(applyEndings(passResult(applied('Applied')), failing, { awaited: false }))).toBe('partly')
    expect(strongest(applyEndings(passResult(), failing, { awaited: true }))).toBe('partly')
    expect(strongest(applyEndings(passResult(), failing, { awaited: false }))).toBe('inSync')
  })

  it('counts what is pending only where the run was to wait for it', () => {
    const pending = [conditions('ann', 'Unknown', soon), conditions('bob', 'Unknown', never)]

    expect(strongest(applyEndings(passResult(), pending, { awaited: false }))).toBe('inSync')
    expect(strongest(applyEndings(passResult(), pending, { awaited: true }))).toBe('partly')
    expect(strongest(applyEndings(passResult(), pending.slice(1), { awaited: true }))).toBe('inSync')
  })
})

describe('status ends', () => {
  it.each<{ result: Partial<PassResult>; failing: boolean; expected: string; reason: string }>([
    { result: {}, failing: false, expected: 'inSync', reason: 'everything works' },
    { result: planned, failing: false, expected: 'changes', reason: 'changes are planned' },
    {
      result: planned,
      failing: true,
      expected: 'partly',
      reason: 'a failing mailbox is stronger than a planned change',
    },
    { result: excepted('Waiting'), failing: false, expected: 'partly', reason: 'an object waits' },
    { result: unread, failing: true, expected: 'unknown', reason: 'the state is not known' },
  ])('$expected where $reason', ({ result, failing, expected }) => {
    const known = failing ? [conditions('ann', 'False')] : [conditions('ann')]

    expect(strongest(statusEndings(passResult(result), known))).toBe(expected)
  })
})

it('what is blocked after an earlier pass wrote the rest is a part of the run', () => {
  const blocked = passResult({ plan: plan([], { exceptions: [exception('eve', { state: 'Blocked' })] }) })

  expect(strongest(applyEndings(blocked, [], { awaited: true, wrote: true }))).toBe('partly')
  expect(strongest(applyEndings(blocked, [], { awaited: true }))).toBe('blocked')
})
