import { describe, expect, it } from 'vitest'
import { type Step, WAITS } from '../../src/engine/index.ts'
import { outcomeText } from '../../src/report/outcome-text.ts'
import { viewOutcomes } from '../../src/report/outcome-view.ts'
import { planBriefly, planText } from '../../src/report/plan-text.ts'
import { type ReportInput, viewPlan } from '../../src/report/plan-view.ts'
import { estimateInWords } from '../../src/report/rollouts.ts'
import { statusText } from '../../src/report/status-text.ts'
import { viewStatus } from '../../src/report/status-view.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import type { DesiredMailbox } from '../../src/spec/desired.ts'
import { mailbox } from '../stages/desired.ts'
import { change, input, outcome, passResult, plan } from './samples.ts'

const STYLE = { paint: PLAIN, width: Number.POSITIVE_INFINITY, commands: [] }
const TURN = { code: WAITS.turn, message: 'waits for the canary of the set "sales" (1 test runs)' }
const STOPPED = {
  code: WAITS.stopped,
  message:
    'stopped at wave 1 of the set "sales": 6 of 50 mailboxes failed (12 %, the limit is 10 %): no licence. Give them one. Then test again; or go on all the same with `--allow rollout`.',
}
const PLACE = {
  code: WAITS.place,
  message: 'at most 100 tests may be under way at once, and 100 are',
}

interface Part {
  readonly wave: number
  readonly size: number
  readonly waits?: Step['waits']
  readonly set?: string
}

function steps(parts: readonly Part[]): readonly Step[] {
  return parts.map(({ wave, size, waits, set = 'sales' }) => ({
    stage: 'mailbox',
    slice: wave === 0 ? 'canary' : `wave ${wave}`,
    changes: Array.from({ length: size }, (_, index) =>
      change(`${set}${wave}.${index}${waits ? 'x' : ''}@contoso.com`),
    ),
    ...(waits ? { waits } : {}),
    rollout: { name: set, wave, waves: 3 },
  }))
}

function reported(parts: readonly Part[], canary: readonly string[] = ['ann@contoso.com']): ReportInput {
  const result = passResult({ plan: plan([], { steps: steps(parts) }) })
  const rollouts = new Map([['sales', { canary }]])
  return { ...input(result), desired: { mailboxes: new Map(), profiles: new Map(), rollouts } }
}

/** The lines of a plan that tell of pace. */
function lines(report: ReportInput): readonly string[] {
  return viewPlan(report).rollouts.map(({ text, next }) => (next === undefined ? text : `${text} → ${next}`))
}

describe('the waves of a plan', () => {
  it.each([
    {
      reason: 'at the beginning',
      parts: [
        { wave: 0, size: 1 },
        { wave: 1, size: 2, waits: TURN },
        { wave: 2, size: 1009, waits: TURN },
      ],
      expected: ['first sales0.0@contoso.com, then 2, then 1,009; each wave waits for its tests'],
    },
    {
      reason: 'while the canary is tested',
      parts: [
        { wave: 1, size: 2, waits: TURN },
        { wave: 2, size: 9, waits: TURN },
      ],
      expected: [
        'waits for the canary of the set "sales" (1 test runs), then 2, then 9; each wave waits for its tests',
      ],
    },
    {
      reason: 'in the middle',
      parts: [
        { wave: 2, size: 20 },
        { wave: 3, size: 900, waits: TURN },
      ],
      expected: ['wave 2 of 3: 20, then 900; each wave waits for its tests'],
    },
    {
      reason: 'the last one, with too many tests',
      parts: [
        { wave: 3, size: 20 },
        { wave: 3, size: 900, waits: PLACE },
      ],
      expected: ['wave 3 of 3: 920', '900 mailboxes wait: at most 100 tests may be under way at once, and 100 are'],
    },
    {
      reason: 'stopped',
      parts: [
        { wave: 2, size: 20, waits: STOPPED },
        { wave: 3, size: 900, waits: STOPPED },
      ],
      expected: [
        '920 mailboxes wait: stopped at wave 1 of the set "sales": 6 of 50 mailboxes failed (12 %, the limit is 10 %): no licence → Give them one. Then test again; or go on all the same with `--allow rollout`.',
      ],
    },
    {
      reason: 'of several sets',
      parts: [
        { wave: 0, size: 1 },
        { wave: 1, size: 2, waits: TURN },
        { wave: 1, size: 3, set: 'support' },
        { wave: 2, size: 4, set: 'support', waits: TURN },
      ],
      expected: [
        'sales: first sales0.0@contoso.com, then 2; each wave waits for its tests',
        'support: first 3, then 4; each wave waits for its tests',
      ],
    },
  ])('$reason', ({ parts, expected }) => {
    expect(lines(reported(parts))).toEqual(expected)
  })

  it('are not told where everything goes at once', () => {
    const [step] = steps([{ wave: 1, size: 3 }])
    const result = passResult({
      plan: plan([], { steps: step ? [{ ...step, rollout: { name: 'sales', wave: 1, waves: 1 } }] : [] }),
    })

    expect(viewPlan(input(result)).rollouts).toEqual([])
  })

  it('stand in the plan, in the short plan, and in the status with the time', () => {
    const report = reported([
      { wave: 1, size: 2 },
      { wave: 2, size: 9, waits: TURN },
    ])
    const since = '2026-11-20T09:14:00.000Z'
    const result = { ...report.result, rollouts: new Map([['sales', { wave: 1, waves: 3, since }]]) }
    const told = 'rollout    wave 1 of 3: 2, then 9; each wave waits for its tests'

    expect(planText(viewPlan(report), STYLE)).toContain(told)
    expect(planBriefly(viewPlan(report), STYLE)).toContain(told)
    expect(statusText(viewStatus({ ...report, result, conditions: [] }), STYLE)).toContain(told)
    expect(viewStatus({ ...report, result, conditions: [] }).headline).toContain(
      'sales at wave 1 of 3 since 2026-11-20 09:14 UTC',
    )
  })

  it('leave a number in what was applied', () => {
    const report = reported([
      { wave: 0, size: 1 },
      { wave: 1, size: 2, waits: TURN },
    ])
    const [applied] = report.result.plan.steps[0]?.changes ?? []

    const text = outcomeText(viewOutcomes(report, applied ? [outcome(applied)] : []), STYLE)

    expect(text).toContain('1 change applied for 1 person in 1.2 s, 2 wait for a later pass')
  })
})

describe('how long tests take', () => {
  it.each([
    { ms: 0, expected: '' },
    { ms: 15_000, expected: 'about a minute' },
    { ms: 360_000, expected: 'about 6 minutes' },
    { ms: 75_000_000, expected: 'about 21 hours' },
  ])('$ms ms: $expected', ({ ms, expected }) => {
    expect(estimateInWords([{ estimateMs: ms }, {}])).toBe(expected)
  })
})

describe('what people are told of pace', () => {
  it('says that waves without tests wait for no results', () => {
    const report = reported([
      { wave: 0, size: 1 },
      { wave: 1, size: 2, waits: TURN },
    ])
    const of = (testAndEnable: boolean) =>
      lines({ ...report, desired: { ...report.desired, mailboxes: new Map([['ann', member(testAndEnable)]]) } })

    expect(of(false).at(-1)).toBe(
      'no mailbox of the set "sales" is tested, so each wave goes as soon as those before are changed → Write `testAndEnable: true` to have it wait until they work.',
    )
    expect(of(true).join()).not.toContain('is tested')
  })

  it('says once what waits because the service is off, and what to do', () => {
    const off = { code: WAITS.service, message: 'CRM processes no mailbox at all. Start the asynchronous service.' }

    expect(
      lines(
        reported([
          { wave: 1, size: 2, waits: off },
          { wave: 2, size: 3, waits: off },
        ]),
      ),
    ).toContain('5 mailboxes wait: CRM processes no mailbox at all → Start the asynchronous service.')
  })

  it('counts a mailbox of which two stages change something once', () => {
    const [step] = steps([{ wave: 0, size: 1 }])
    const [, wave] = steps([
      { wave: 0, size: 1 },
      { wave: 1, size: 2, waits: TURN },
    ])
    const report = reported([])
    const twice = [step, step, wave, wave].flatMap((one) => one ?? [])
    const result = passResult({ plan: plan([], { steps: twice }) })

    expect(lines({ ...report, ...input(result), desired: report.desired })).toEqual([
      'first sales0.0@contoso.com, then 2; each wave waits for its tests',
    ])
  })
})

function member(testAndEnable: boolean): DesiredMailbox {
  return mailbox('ann', { testAndEnable })
}
