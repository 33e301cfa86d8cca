import { describe, expect, it } from 'vitest'
import { afterwards } from '../../src/report/afterwards.ts'
import { explainByConditions } from '../../src/report/explain-checked.ts'
import { STAGE_TITLES, viewStages } from '../../src/report/stage-view.ts'
import { viewStatus } from '../../src/report/status-view.ts'
import { organizationStages, trustStages } from '../../src/stages/index.ts'
import {
  change as fakeChange,
  exception as fakeException,
  outcome as fakeOutcome,
  resultOf,
  verdict,
} from '../reconcile/fake-result.ts'
import { approval, change, check, input, outcome, passResult, plan, summary } from './samples.ts'

const SOON = new Set(['TestRunning'])

describe('the stages of a scope', () => {
  it('all have a title', () => {
    const stages = [...organizationStages({ resolveSecret: async () => '' }), ...trustStages()]

    expect(stages.map(({ name }) => name).filter((name) => STAGE_TITLES[name] === undefined)).toEqual([])
  })

  const wrong = { code: 'NotInCrm', message: 'it is not there' }
  it.each([
    { of: {}, tone: 'calm', reason: 'everything is in sync' },
    { of: { changes: [fakeChange('ann')] }, tone: 'waiting', reason: 'a change is planned' },
    { of: { exceptions: [fakeException('ann', 'Waiting')] }, tone: 'waiting', reason: 'something waits' },
    {
      of: { exceptions: [{ ...fakeException('ann', 'Held'), bySpec: true as const }] },
      tone: 'calm',
      reason: 'the spec holds it',
    },
    { of: { exceptions: [fakeException('ann', 'Blocked')] }, tone: 'trouble', reason: 'something is blocked' },
    { of: { exceptions: [fakeException('ann', 'Unknown')] }, tone: 'unknown', reason: 'something cannot be told' },
    { of: { unread: { mailbox: wrong } }, tone: 'unknown', reason: 'it could not be read' },
    {
      of: { changes: [fakeChange('ann')], outcomes: [fakeOutcome('ann', 'Failed')] },
      tone: 'trouble',
      reason: 'a write failed',
    },
  ])('that write are $tone where $reason', ({ of, tone }) => {
    const result = resultOf({ wished: ['ann', 'bob'], ...of })
    const stages = result.plan.stages.map((one) => ({
      ...one,
      changes: one.stage === 'mailbox' ? (of.changes?.length ?? 0) : 0,
    }))

    const views = viewStages({ ...result, plan: { ...result.plan, stages } }, SOON)

    expect(views.find(({ stage }) => stage === 'mailbox')?.tone).toBe(tone)
  })

  it.each([
    { verdicts: { ann: 'True', bob: 'True' }, tone: 'calm', evidence: '2 in order' },
    { verdicts: { ann: 'True', bob: 'False' }, tone: 'trouble', evidence: '1 of 2 in order, 1 fails' },
    {
      verdicts: { ann: 'True', bob: verdict('Unknown', 'TestRunning') },
      tone: 'waiting',
      evidence: '1 of 2 in order, 1 pending',
    },
    { verdicts: { ann: 'True', bob: 'Unknown' }, tone: 'unknown', evidence: '1 of 2 in order, 1 unknown' },
    { verdicts: { ann: 'Unverifiable' }, tone: 'calm', evidence: '0 of 1 in order, 1 for a person to confirm' },
    { verdicts: {}, tone: 'calm', evidence: 'nothing to look at' },
  ] as const)('that look are $tone: $evidence', ({ verdicts, tone, evidence }) => {
    const views = viewStages(resultOf({ wished: ['ann', 'bob'], verdicts }), SOON)

    expect(views.find(({ stage }) => stage === 'test-result')).toEqual({
      stage: 'test-result',
      title: 'Test & Enable',
      tone,
      evidence,
    })
  })
})

describe('a pass that wrote, told afterwards', () => {
  it('has planned only what did not take effect', () => {
    const done = change('ann@contoso.com')
    const left = change('bob@contoso.com')
    const result = passResult({
      plan: plan([done, left, approval('cora@contoso.com')], {
        stages: [summary({ desired: 3, inSync: 1, changes: 2 })],
      }),
      outcomes: [outcome(done), outcome(left, 'Failed'), outcome(approval('cora@contoso.com'))],
    })

    const told = afterwards(result)

    expect(told.plan.steps.flatMap(({ changes }) => changes)).toEqual([left])
    expect(told.plan.stages[0]).toMatchObject({ desired: 3, inSync: 2, changes: 1 })
    expect(viewStatus({ ...input(told), conditions: [] }).headline).toContain('1 change planned')
  })

  it('that wrote nothing is told as it is', () => {
    const result = passResult({ plan: plan([change('ann@contoso.com')]) })

    expect(afterwards(result)).toBe(result)
  })
})

describe('an object without a chain of its own', () => {
  it.each([
    { status: 'True', state: 'works', headline: 'the clock is in order' },
    { status: 'False', state: 'broken', headline: 'the clock is not in order: it is late' },
    { status: 'Unknown', state: 'unknown', headline: 'the clock is not known: it is late' },
  ] as const)('that is $status $state', ({ status, state, headline }) => {
    const object = check('the clock', status, { code: 'Skewed', message: 'it is late. Set it.' })

    const told = explainByConditions(passResult(), object)

    expect(told).toMatchObject({ state, headline })
    expect(told.next).toBe(status === 'True' ? undefined : 'Set it.')
  })

  it('tells what is planned for it', () => {
    const one = { ...change('store'), kind: 'Credential', key: 'store' }
    const object = {
      ...check('store', 'True', { code: 'There', message: 'it is there' }),
      kind: 'Credential',
      synced: {
        type: 'Synced',
        status: 'False',
        code: 'ChangesPlanned',
        message: 'changes are planned',
        revision: 'r',
      },
    } as const
    const result = passResult({ plan: plan([one], { stages: [summary({ kind: 'Credential' })] }) })

    const told = explainByConditions(result, object)

    expect(told.state).toBe('changes')
    expect(told.links.find(({ name }) => name === 'planned')?.words).toBe(`it ${one.phrases[0]?.one}`)
  })
})
