import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/engine/index.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { explainTrust } from '../../src/report/explain-trust.ts'
import { historyJson } from '../../src/report/history-forms.ts'
import { tellPass } from '../../src/report/history-view.ts'
import { reportJson } from '../../src/report/json.ts'
import { outcomeText } from '../../src/report/outcome-text.ts'
import { viewOutcomes } from '../../src/report/outcome-view.ts'
import { planText } from '../../src/report/plan-text.ts'
import { viewPlan } from '../../src/report/plan-view.ts'
import { statusText } from '../../src/report/status-text.ts'
import { viewStatus } from '../../src/report/status-view.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import type { TrustView } from '../../src/trust/view.ts'
import { change, exception, input, outcome, passResult, plan, summary } from './samples.ts'

const STYLE = { paint: PLAIN, width: Number.POSITIVE_INFINITY, commands: [] }
const SHA256 = `9f2c${'0'.repeat(58)}a1`
const WORKING: TrustView = {
  state: 'Working',
  certificate: SHA256,
  links: [{ name: 'certificate', state: 'good', words: 'CRM signs in with 9F2C…A1' }],
}
const BROKEN: TrustView = {
  state: 'Broken',
  certificate: SHA256,
  reason: { code: 'TrustCredential', message: 'Entra has 77D0…3B only; add 9F2C…A1' },
  links: [
    { name: 'certificate', state: 'good', words: 'CRM signs in with 9F2C…A1' },
    { name: 'credential', state: 'broken', words: 'Entra has 77D0…3B only', next: 'Add 9F2C…A1.' },
  ],
}

function trustResult(views: Readonly<Record<string, TrustView>>, overrides: Partial<PassResult> = {}): PassResult {
  const scope = 'trust/contoso'
  return passResult({
    scope,
    organization: 'contoso',
    plan: trustPlan(),
    views: new Map(Object.entries(views)),
    ...overrides,
  })
}

function trustPlan(changes: Plan['steps'][number]['changes'] = []): Plan {
  return plan(changes, { scope: 'trust/contoso', stages: [summary({ stage: 'credential', kind: 'Credential' })] })
}

const CREDENTIAL = change('credential 9F2C…A1', {
  stage: 'credential',
  kind: 'Credential',
  key: `contoso/${SHA256}`,
  action: 'create',
  effects: ['create'],
  phrases: [{ group: 'credential', one: 'is added to Entra', many: 'are added to Entra' }],
})

describe('a report of a trust', () => {
  it('in sync it is one line that says what CRM signs in with', () => {
    const view = viewPlan({ ...input(trustResult({ sales: WORKING })), conditions: [] })

    expect(planText(view, STYLE)).toBe(
      'trust contoso at 3f2a91c: in sync, CRM signs in with 9F2C…A1, checked in 1.2 s\n',
    )
  })

  it('a plan counts changes, and says nothing of people or of what stops', () => {
    const view = viewPlan({
      ...input(trustResult({ sales: WORKING }, { plan: trustPlan([CREDENTIAL]) })),
      conditions: [],
    })

    const [head, , line] = planText(view, STYLE).split('\n')

    expect(head).toBe('trust contoso at 3f2a91c: 1 change')
    expect(line).toContain('credential 9F2C…A1 is added to Entra')
  })

  it('one that nothing can mend is not called in sync, and not told in one line', () => {
    const view = viewPlan({ ...input(trustResult({ sales: BROKEN })), conditions: [] })

    expect(view.headline).toBe('nothing to apply, broken: Entra has 77D0…3B only, checked in 1.2 s')
    expect(view.fails).toBe(true)
  })

  it('an organization is named where others of the trust are told something else', () => {
    const view = viewStatus({ ...input(trustResult({ sales: WORKING, service: BROKEN })), conditions: [] })

    expect(view.headline).toBe(
      'broken for service: Entra has 77D0…3B only, CRM signs in with 9F2C…A1, checked in 1.2 s',
    )
    expect(view.tone).toBe('trouble')
    expect(statusText(view, STYLE)).toMatch(/^trust contoso at 3f2a91c: /)
  })

  it('what was applied is counted', () => {
    const result = trustResult({ sales: WORKING }, { plan: trustPlan([CREDENTIAL]) })

    const view = viewOutcomes(input(result), [outcome(CREDENTIAL)])

    expect(outcomeText(view, STYLE)).toBe('trust contoso at 3f2a91c: 1 change applied in 1.2 s\n')
  })

  it('harm that a write did beside is told although the write took effect', () => {
    const result = trustResult({ sales: WORKING }, { plan: trustPlan([CREDENTIAL]) })
    const harm = { code: 'RemovedForeign', message: 'somebody added the key 77D0…3B at the moment of our write' }

    const view = viewOutcomes(input(result), [outcome(CREDENTIAL, 'Applied', harm)])

    expect(view.allApplied).toBe(false)
    expect(outcomeText(view, STYLE)).toMatch(
      /1 change applied in 1.2 s\n\n +attention +credential 9F2C…A1: somebody added/,
    )
  })

  it('what waits because its spec says so is told in plan and status: nobody else tells it', () => {
    const message = 'stays beside the new one until 2026-11-26 09:39 UTC'
    const kept = exception('credential 9F2C…A1', {
      stage: 'credential',
      kind: 'Credential',
      state: 'Held',
      bySpec: true,
      reason: { code: 'KeepsPrevious', message },
    })
    const result = trustResult({ sales: WORKING }, { plan: { ...trustPlan(), exceptions: [kept] } })

    const told = [
      planText(viewPlan(input(result)), STYLE),
      statusText(viewStatus({ ...input(result), conditions: [] }), STYLE),
    ]

    for (const text of told) expect(text).toMatch(new RegExp(`waits +credential 9F2C…A1 ${message}`))
  })

  it('programs get name and scope', () => {
    const report = JSON.stringify(reportJson('plan', 0, [{ result: trustResult({ sales: WORKING }) }]))

    expect(report).toContain('"organization":"contoso","scope":"trust/contoso"')
  })

  it('the history says what a pass was about', () => {
    const pass = {
      scope: 'trust/contoso',
      pass: 'p1',
      time: '2026-11-20T10:00:00.000Z',
      by: 'ann@build-7',
      revision: '3f2a91c',
      planned: 0,
      allowed: [],
      guards: [],
      changes: [],
    }

    expect(tellPass(pass, () => undefined).title).toBe('trust contoso')
    expect(JSON.stringify(historyJson(0, [pass], false, 0))).toContain(
      '"organization":"contoso","scope":"trust/contoso"',
    )
  })
})

describe('explain of a trust', () => {
  const explained = (result: PassResult, policy: 'Enforce' | 'Observe' = 'Enforce') =>
    explainTrust(
      {
        result,
        parts: ['tenant contoso (tenant.yaml:1)', 'deployment crm-farm (deployment.yaml:1)'],
        nounOf: () => ({ one: 'object', many: 'objects' }),
        conditions: [],
        policy,
        applyCommand: 'mailkeel apply --only trust:contoso',
      },
      {},
    )

  it.each([
    [
      'the first broken link is the cause, and says what to do',
      explained(trustResult({ sales: BROKEN })),
      ['broken', 'trust contoso does not work: Entra has 77D0…3B only', 'Add 9F2C…A1.'],
    ],
    [
      'where a plan mends it, that is told too',
      explained(
        trustResult(
          { sales: { ...BROKEN, links: [{ name: 'credential', state: 'broken', words: 'there is none' }] } },
          { plan: trustPlan([CREDENTIAL]) },
        ),
      ),
      [
        'broken',
        'trust contoso does not work: there is none, and 1 change is planned',
        '`mailkeel apply --only trust:contoso` applies what is planned.',
      ],
    ],
    [
      'a policy that keeps nothing from being written is no trouble',
      explained(trustResult({ sales: WORKING }), 'Observe'),
      ['works', 'trust contoso works: CRM signs in with 9F2C…A1', undefined],
    ],
    [
      'a policy that keeps a change from being written is told as that, and not as a broken trust',
      explained(trustResult({ sales: WORKING }, { plan: trustPlan([CREDENTIAL]) }), 'Observe'),
      [
        'broken',
        'trust contoso works: CRM signs in with 9F2C…A1, and 1 change is planned and not written: the policy is Observe, so nothing is written',
        '`policy: Enforce` in the configuration lets mailkeel apply.',
      ],
    ],
    [
      'a reason without a link is a link',
      explained(
        trustResult({
          sales: {
            state: 'Unknown',
            links: [],
            reason: { code: 'Unavailable', message: 'the tenant does not answer' },
          },
        }),
      ),
      ['unknown', 'trust contoso is not proven to work: the tenant does not answer', undefined],
    ],
  ])('%s', (_reason, { state, headline, next }, told) => {
    expect([state, headline, next]).toEqual(told)
  })

  it('tells a link once for all organizations, and names them where it differs', () => {
    const { links } = explained(trustResult({ sales: WORKING, service: WORKING, test: BROKEN }))

    expect(links.filter(({ name }) => name === 'certificate').map(({ words }) => words)).toEqual([
      'CRM signs in with 9F2C…A1',
    ])
    expect(links.filter(({ name }) => name === 'credential').map(({ words }) => words)).toEqual([
      'Entra has 77D0…3B only (test)',
    ])
    expect(links.filter(({ name }) => name === 'credential')).toMatchObject([{ isFirst: true }])
  })
})
