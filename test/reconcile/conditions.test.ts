import { describe, expect, it } from 'vitest'
import type { ObjectConditions } from '../../src/engine/index.ts'
import { checkConditionsOf, conditionsOf } from '../../src/reconcile/conditions.ts'
import { change, exception, outcome, type Parts, resultOf, verdict } from './fake-result.ts'

function toldOf(conditions: readonly ObjectConditions[], key = 'ann'): readonly string[] {
  const found = conditions.find((object) => object.kind === 'Mailbox' && object.key === key)
  if (!found) throw new Error(`there is nothing about ${key}`)
  const { synced, ready } = found
  return [`Synced=${synced.status} ${synced.code}`, `Ready=${ready.status} ${ready.code}`]
}

const TRUE = { ann: 'True' } as const
const THROTTLED = { code: 'Throttled', message: 'throttled' }

describe('the conditions of an object', () => {
  it.each<{ reason: string; parts: Omit<Parts, 'wished'>; told: readonly string[] }>([
    { reason: 'in sync and working', parts: { verdicts: TRUE }, told: ['Synced=True InSync', 'Ready=True True'] },
    {
      reason: 'changes are planned',
      parts: { verdicts: TRUE, changes: [change('ann')] },
      told: ['Synced=False ChangesPlanned', 'Ready=True True'],
    },
    {
      reason: 'a change was applied: what was observed before says nothing any more',
      parts: { verdicts: TRUE, changes: [change('ann')], outcomes: [outcome('ann', 'Applied')] },
      told: ['Synced=True InSync', 'Ready=Unknown JustChanged'],
    },
    {
      reason: 'it was so already',
      parts: { verdicts: TRUE, changes: [change('ann')], outcomes: [outcome('ann', 'AlreadyDone')] },
      told: ['Synced=True InSync', 'Ready=True True'],
    },
    {
      reason: 'the change was refused',
      parts: { verdicts: TRUE, changes: [change('ann')], outcomes: [outcome('ann', 'Failed', THROTTLED)] },
      told: ['Synced=False Failed', 'Ready=True True'],
    },
    {
      reason: 'the change had no effect',
      parts: { verdicts: TRUE, changes: [change('ann')], outcomes: [outcome('ann', 'WriteNotEffective')] },
      told: ['Synced=False WriteNotEffective', 'Ready=True True'],
    },
    {
      reason: 'it is not known whether the change took effect',
      parts: { verdicts: TRUE, changes: [change('ann')], outcomes: [outcome('ann', 'Unknown', THROTTLED)] },
      told: ['Synced=Unknown Throttled', 'Ready=True True'],
    },
    {
      reason: 'the change was not begun',
      parts: { verdicts: TRUE, changes: [change('ann')], outcomes: [outcome('ann', 'Cancelled')] },
      told: ['Synced=False ChangesPlanned', 'Ready=True True'],
    },
    {
      reason: 'it waits to be there',
      parts: { exceptions: [exception('ann', 'Waiting')] },
      told: ['Synced=False Waiting', 'Ready=Unknown NotChecked'],
    },
    {
      reason: 'it must not be touched',
      parts: { verdicts: TRUE, exceptions: [exception('ann', 'Held')] },
      told: ['Synced=False Held', 'Ready=True True'],
    },
    {
      reason: 'something blocks it',
      parts: { verdicts: TRUE, exceptions: [exception('ann', 'Blocked')] },
      told: ['Synced=False Blocked', 'Ready=True True'],
    },
    {
      reason: 'it cannot be told',
      parts: { verdicts: TRUE, exceptions: [{ ...exception('ann', 'Unknown'), reason: THROTTLED }] },
      told: ['Synced=Unknown Throttled', 'Ready=True True'],
    },
    {
      reason: 'a read of its settings is incomplete',
      parts: { verdicts: TRUE, unread: { mailbox: THROTTLED } },
      told: ['Synced=Unknown Throttled', 'Ready=True True'],
    },
    {
      reason: 'a read of its results is incomplete',
      parts: { verdicts: TRUE, unread: { 'test-result': THROTTLED } },
      told: ['Synced=True InSync', 'Ready=Unknown Throttled'],
    },
    {
      reason: 'its test failed',
      parts: { verdicts: { ann: verdict('False', 'CredentialsRefused') } },
      told: ['Synced=True InSync', 'Ready=False CredentialsRefused'],
    },
    {
      reason: 'nobody can tell by an interface',
      parts: { verdicts: { ann: verdict('Unverifiable', 'AskAdministrator') } },
      told: ['Synced=True InSync', 'Ready=Unknown AskAdministrator'],
    },
    {
      reason: 'what failed goes before what is planned, and what was tried before what is unknown',
      parts: {
        changes: [change('ann'), change('ann', 'approval')],
        outcomes: [outcome('ann', 'Unknown', THROTTLED), outcome('ann', 'Failed', undefined, 'approval')],
      },
      told: ['Synced=False Failed', 'Ready=Unknown NotChecked'],
    },
    {
      reason: 'one of its two changes was applied',
      parts: {
        changes: [change('ann'), change('ann', 'approval')],
        outcomes: [outcome('ann', 'Applied', undefined, 'approval')],
      },
      told: ['Synced=False ChangesPlanned', 'Ready=Unknown JustChanged'],
    },
  ])('$reason', ({ parts, told }) => {
    expect(toldOf(conditionsOf(resultOf({ wished: ['ann'], ...parts })))).toEqual(told)
  })

  it('say that a guard objects, where one does', () => {
    const result = resultOf({ wished: ['ann'], changes: [change('ann')], more: { decision: 'override' } })

    expect(conditionsOf(result).find(({ key }) => key === 'ann')?.synced.message).toContain('a guard objects')
  })

  it('are there for what is only checked, too', () => {
    const check = conditionsOf(resultOf({ wished: ['ann'] })).find(({ kind }) => kind === 'Check')

    expect(check).toMatchObject({
      key: 'clock',
      label: 'the clock',
      ready: { status: 'True', code: 'Same', revision: 'r1' },
    })
  })

  it('are there once for each wished object, and for no other', () => {
    const result = resultOf({
      wished: ['ann', 'bob'],
      changes: [change('bob')],
      exceptions: [exception('ann', 'Held')],
    })
    result.reads.forEach((read) => {
      if (read.complete) (read.rows as Map<string, unknown>).set('stranger', { fields: {}, ref: 0 })
    })

    const keys = conditionsOf(result)
      .filter(({ kind }) => kind === 'Mailbox')
      .map(({ key }) => key)

    expect(keys).toEqual(['ann', 'bob'])
  })

  it('can be had of what is only checked alone, and are the same then', () => {
    const parts: Omit<Parts, 'wished'>[] = [
      { changes: [change('ann')], exceptions: [exception('bob', 'Held')], verdicts: TRUE },
      { unread: { prerequisites: THROTTLED } },
    ]

    for (const more of parts) {
      const result = resultOf({ wished: ['ann', 'bob'], ...more })

      expect(checkConditionsOf(result)).toEqual(conditionsOf(result).filter(({ kind }) => kind === 'Check'))
    }
  })
})
