import { describe, expect, it } from 'vitest'
import { detailsText } from '../../src/report/details.ts'
import { reportJson } from '../../src/report/json.ts'
import { planMarkdown, statusMarkdown } from '../../src/report/markdown.ts'
import { outcomeText } from '../../src/report/outcome-text.ts'
import { viewOutcomes } from '../../src/report/outcome-view.ts'
import { planText } from '../../src/report/plan-text.ts'
import { viewPlan } from '../../src/report/plan-view.ts'
import { statusText } from '../../src/report/status-text.ts'
import { viewStatus } from '../../src/report/status-view.ts'
import { COLOURS, columns, PLAIN, wrap } from '../../src/report/terminal.ts'
import { duration, names, number, places, short } from '../../src/report/wording.ts'
import { approval, change, check, conditions, exception, input, outcome, passResult, plan, summary } from './samples.ts'

const STYLE = { paint: PLAIN, width: 110, commands: [] }

describe('what an apply came to', () => {
  it('is one line where all was applied', () => {
    const changes = [approval('ann'), change('ann')]
    const result = passResult({ plan: plan(changes) })

    const text = outcomeText(
      viewOutcomes(
        input(result),
        changes.map((one) => outcome(one)),
      ),
      STYLE,
    )

    expect(text).toBe('contoso-sales at 3f2a91c: 2 changes applied for 1 person in 1.2 s\n')
  })

  it('tells failures by cause, and who is concerned', () => {
    const changes = ['ann', 'bob', 'cora'].map((label) => change(label))
    const reason = { code: 'PrivilegeMissing', message: 'the account may not write mailboxes' }
    const outcomes = changes.map((one, index) => (index === 0 ? outcome(one) : outcome(one, 'Failed', reason)))

    const text = outcomeText(viewOutcomes(input(passResult({ plan: plan(changes) })), outcomes), STYLE)

    expect(text.split('\n')).toEqual([
      'contoso-sales at 3f2a91c: 1 of 3 changes applied for 1 person in 1.2 s',
      '',
      '  failed     2 mailboxes: the account may not write mailboxes',
      '             bob, cora',
      '',
    ])
  })

  it('explains an outcome that came without a reason', () => {
    const [one] = [change('ann')]

    const text = outcomeText(viewOutcomes(input(passResult({ plan: plan([one]) })), [outcome(one, 'Moved')]), STYLE)

    expect(text).toContain('moved      ann: it changed since the plan; nothing was written')
  })
})

describe('how an organization is', () => {
  const unauthorized = { code: 'ExchangeRefusesSignIn', message: "Exchange refuses this organization's sign-in" }
  const location = { code: 'MailboxNotFound', message: 'Exchange has no mailbox with this address' }

  it('is one line where everything is well', () => {
    const healthy = ['ann', 'bob'].map((label) => conditions(label))

    const text = statusText(viewStatus({ ...input(passResult()), conditions: healthy }), STYLE)

    expect(text).toBe('contoso-sales at 3f2a91c: 2 mailboxes healthy, checked in 1.2 s\n')
  })

  it('tells what fails by cause, the most frequent first', () => {
    const all = [
      conditions('ann'),
      conditions('bob', 'False', location),
      conditions('cora', 'False', unauthorized),
      conditions('dora', 'False', unauthorized),
      conditions('eve', 'Unknown', { code: 'TestRunning', message: 'the test is still running' }),
    ]

    const text = statusText(viewStatus({ ...input(passResult()), conditions: all }), STYLE)

    expect(text.split('\n')).toEqual([
      'contoso-sales at 3f2a91c: 1 of 5 mailboxes healthy, 3 fail, 1 is pending, checked in 1.2 s',
      '',
      "  failing    2 mailboxes: Exchange refuses this organization's sign-in",
      '             cora, dora',
      '             bob: Exchange has no mailbox with this address',
      '  pending    eve: the test is still running',
      '',
    ])
  })

  it('keeps the cause whole where its advice holds a colon', () => {
    const reason = {
      code: 'NotApproved',
      message: 'its address is not approved. Approve it, or write `approval: Approved` in its set.',
    }
    const all = ['ann', 'bob'].map((label) => conditions(label, 'False', reason))

    const text = statusText(viewStatus({ ...input(passResult()), conditions: all }), STYLE)

    expect(text).toContain('failing    2 mailboxes: its address is not approved\n')
    expect(text).toContain('→ Approve it, or write `approval: Approved` in its set.')
  })

  it('leaves advice out that differs among those with one cause', () => {
    const all = ['ann', 'bob'].map((label) =>
      conditions(label, 'False', { code: 'NotFound', message: `it is not there. Look for ${label}.` }),
    )

    const text = statusText(viewStatus({ ...input(passResult()), conditions: all }), STYLE)

    expect(text).toContain('failing    2 mailboxes: it is not there\n')
    expect(text).not.toContain('Look for')
  })

  it('never calls mailboxes failing that could not be read', () => {
    const incomplete = { code: 'Unreachable', message: 'CRM could not be reached' }
    const result = passResult({ plan: plan([], { stages: [summary({ incomplete })] }) })

    const view = viewStatus({ ...input(result), conditions: [conditions('ann', 'Unknown', incomplete)] })

    expect(view.headline).toBe('state of 1 mailbox unknown, checked in 1.2 s')
    expect(view.pending).toEqual([])
    expect(view.tone).toBe('unknown')
  })

  it('tells an object that waits once, as waiting', () => {
    const result = passResult({ plan: plan([], { exceptions: [exception('dora')] }) })
    const waiting = conditions('dora', 'Unknown', { code: 'NotInCrm', message: 'not in CRM' })

    const text = statusText(viewStatus({ ...input(result), conditions: [waiting] }), STYLE)

    expect(text.match(/dora/g)).toHaveLength(1)
  })
})

describe('checks', () => {
  const skew = check('clock', 'False', { code: 'ClockSkew', message: 'the clock of CRM is 3,600 s behind ours' })
  const advice = check('account', 'Unknown', { code: 'ReadOnlyAccount', message: 'the account may write nothing' })

  it('that failed are told in plan and status as checks, not as mailboxes', () => {
    const report = { ...input(passResult()), conditions: [conditions('ann'), skew] }

    expect(planText(viewPlan(report), STYLE)).toContain('in sync, 1 mailbox healthy, 1 check fails')
    expect(planText(viewPlan(report), STYLE)).toContain('check      clock: the clock of CRM is 3,600 s behind ours')
    expect(statusText(viewStatus(report), STYLE)).toContain('1 mailbox healthy, 1 check fails')
  })

  it('that only advise leave a plan in sync one line; the status tells them', () => {
    const report = { ...input(passResult()), conditions: [conditions('ann'), advice] }

    expect(planText(viewPlan(report), STYLE).split('\n')).toHaveLength(2)
    expect(statusText(viewStatus(report), STYLE)).toContain('note       account: the account may write nothing')
  })

  it('that block objects are told once', () => {
    const reason = { code: 'PrivilegeMissing', message: 'the account lacks prvWriteMailbox' }
    const blocked = exception('ann', { state: 'Blocked', reason })
    const result = passResult({ plan: plan([], { exceptions: [blocked] }) })
    const report = { ...input(result), conditions: [check('privileges', 'False', reason)] }

    expect(planText(viewPlan(report), STYLE).match(/prvWriteMailbox/g)).toHaveLength(1)
    expect(planText(viewPlan(report), STYLE)).not.toContain('in sync')
  })
})

describe('other forms', () => {
  it('--details gives every field, what it was and what it will be, and the place it was asked at', () => {
    const text = detailsText(plan([change('ann@contoso.com')]), PLAIN)

    expect(text.split('\n')).toEqual([
      '  update ann@contoso.com  mailbox  sales.yaml:9:5',
      '    profile: "Old Exchange" → "Exchange Online"',
      '',
    ])
  })

  it('Markdown folds the changes away and limits their number', () => {
    const changes = Array.from({ length: 250 }, (_, index) => change(`user${index}@contoso.com`))
    const result = passResult({ plan: plan(changes) })

    const markdown = planMarkdown(viewPlan(input(result)), result.plan)

    expect(markdown).toContain('**contoso-sales at 3f2a91c: 250 changes for 250 people, nothing stops**')
    expect(markdown).toContain(
      '- **move**: 250 mailboxes go from "Old Exchange" to "Exchange Online": `user0@contoso.com`',
    )
    expect(markdown).toContain('<details><summary>All 250 changes</summary>')
    expect(markdown).toContain('- and 50 more changes')
  })

  it('Markdown of a healthy organization is one line', () => {
    const view = viewStatus({ ...input(passResult()), conditions: [conditions('ann')] })

    expect(statusMarkdown(view)).toBe('**contoso-sales at 3f2a91c: 1 mailbox healthy, checked in 1.2 s**\n')
  })

  it('JSON tells changes, fields, origin and the exit code', () => {
    const value = reportJson('plan', 2, [{ result: passResult({ plan: plan([change('ann')]) }) }])

    expect(value).toMatchObject({
      version: 'mailkeel.report/v1',
      verb: 'plan',
      exitCode: 2,
      organizations: [
        {
          organization: 'contoso-sales',
          plan: { steps: [{ changes: [{ key: 'ann', origin: { file: 'sales.yaml', line: 9, column: 5 } }] }] },
        },
      ],
    })
  })
})

describe('words', () => {
  it.each([
    { said: number(1234567), expected: '1,234,567', reason: 'thousands' },
    { said: number(999), expected: '999', reason: 'below a thousand' },
    { said: names(['a', 'b', 'c', 'd']), expected: 'a, b, c, d', reason: 'one more name is shorter than "and 1 more"' },
    { said: names(['a', 'b', 'c', 'd', 'e']), expected: 'a, b, c and 2 more', reason: 'three, then a number' },
    { said: duration(340), expected: '0.3 s', reason: 'below ten seconds a tenth tells' },
    { said: duration(72_000), expected: '1m12s', reason: 'minutes' },
    { said: duration(7_500_000), expected: '2h05m', reason: 'hours' },
    { said: duration(-5), expected: '0.0 s', reason: 'a clock that went back' },
    { said: short('7c1e0d3f5b2a7c1e'), expected: '7c1e0d3', reason: 'a hash' },
    { said: short('working copy'), expected: 'working copy', reason: 'not a hash' },
    { said: places([]), expected: '', reason: 'nowhere' },
    {
      said: places([
        { file: 'a.yaml', line: 3, column: 1 },
        { file: 'b.yaml', line: 9, column: 1 },
      ]),
      expected: 'a.yaml:3 +1 file',
      reason: 'several files',
    },
  ])('$expected: $reason', ({ said, expected }) => {
    expect(said).toBe(expected)
  })

  it('counts columns, not characters', () => {
    expect(columns('ann')).toBe(3)
    expect(columns('e\u0301ve')).toBe(3)
    expect(columns('山田')).toBe(4)
    expect(wrap('山田 山田 山田', 9)).toEqual(['山田 山田', '山田'])
  })

  it('colours only where told to', () => {
    expect(PLAIN.red('x')).toBe('x')
    expect(COLOURS.red('x')).toBe('\u001b[31mx\u001b[39m')
  })
})
