import { describe, expect, it } from 'vitest'
import type { HistoryChange, HistoryPass } from '../../src/reconcile/history.ts'
import { historyJson, historyMarkdown, historyText } from '../../src/report/history-forms.ts'
import { tellPass } from '../../src/report/history-view.ts'
import { jsonText } from '../../src/report/hostile-text.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import { organizationStages } from '../../src/stages/index.ts'

const STAGES = new Map(
  organizationStages({ resolveSecret: async () => 'no' }).map((stage) => [stage.name, stage] as const),
)

function change(overrides: Partial<HistoryChange> = {}): HistoryChange {
  return {
    id: 'id',
    stage: 'mailbox',
    kind: 'Mailbox',
    key: 'ann@contoso.com',
    label: 'ann@contoso.com',
    time: '2026-11-20T16:02:11Z',
    action: 'update',
    fields: [{ field: 'profile', from: 'Old Exchange', to: 'Exchange Online' }],
    origin: { file: 'sales.yaml', line: 9, column: 5 },
    result: 'Applied',
    ...overrides,
  }
}

function pass(overrides: Partial<HistoryPass> = {}): HistoryPass {
  return {
    scope: 'organization/contoso-sales',
    pass: '392e4279',
    time: '2026-11-20T16:02:10Z',
    by: 'ann@build-7',
    revision: '3f2a91c0f1f8e7ad24794a09e5dacadd6926642',
    planned: 1,
    allowed: [],
    guards: [],
    finished: { time: '2026-11-20T16:02:12Z', results: { Applied: 1 } },
    changes: [change()],
    ...overrides,
  }
}

const text = (one: HistoryPass) =>
  historyText([tellPass(one, (name) => STAGES.get(name))], { paint: PLAIN, width: 200, commands: [] }, false)

describe('the history in words', () => {
  it('has who, when, which revision, what, the outcome and the place', () => {
    expect(text(pass())).toBe(
      '2026-11-20 16:02 UTC  ann@build-7  3f2a91c  1 change: 1 applied  pass 392e4279\n' +
        '  applied    ann@contoso.com goes from "Old Exchange" to "Exchange Online"   sales.yaml:9\n',
    )
  })

  it.each([
    { one: pass({ finished: undefined as never }), says: 'cut off before its end', reason: 'a pass that was killed' },
    {
      one: pass({ changes: [change({ result: 'Open' })] }),
      says: 'cut off, not looked up yet',
      reason: 'an open intent',
    },
    {
      one: pass({ changes: [change({ result: 'Failed', reason: { code: 'X', message: 'CRM refused' } })] }),
      says: 'CRM refused',
      reason: 'a failure',
    },
    {
      one: pass({ changes: [change({ stage: 'gone', fields: [{ field: 'colour', from: 'red', to: 'blue' }] })] }),
      says: 'colour: "red" → "blue"',
      reason: 'a stage this build does not have',
    },
    {
      one: pass({
        allowed: [{ guard: 'stop', by: 'bob', at: '' }],
        guards: [{ guard: 'stop', decision: 'override', message: '3 of 6 stop; say --allow stop' }],
      }),
      says: 'stop passed by bob: 3 of 6 stop\n',
      reason: 'a guard that was passed',
    },
    {
      one: pass({
        allowed: [
          {
            guard: 'move',
            by: 'bob',
            at: '',
            overrides: [{ name: 'big-move', reason: 'planned', ticket: 'T-1', covered: 9 }],
          },
        ],
      }),
      says: 'move passed by the override "big-move" (T-1, planned)',
      reason: 'a guard that an override of the spec passed',
    },
  ])('tells $reason', ({ one, says }) => {
    const { finished, ...rest } = one
    expect(text(finished ? one : rest)).toContain(says)
  })

  it('hostile names, reasons and values stay harmless in every form', () => {
    const name = '\u001b[2J\u202e<img src=x>\nall is well'
    const hostile = pass({
      by: name,
      changes: [
        change({
          label: name,
          result: 'Failed',
          reason: { code: 'X', message: name },
          fields: [{ field: name, from: name, to: name }],
          origin: { file: name, line: 1, column: 1 },
        }),
      ],
    })

    const told = tellPass(hostile, (stage) => STAGES.get(stage))
    const forms = [text(hostile), historyMarkdown([told]), jsonText(historyJson(0, [hostile], false, 0))]

    for (const form of forms) expect(form).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
    expect(
      text(hostile)
        .split('\n')
        .some((line) => line.startsWith('all is well')),
    ).toBe(false)
    expect(forms[1]).not.toMatch(/^[^`]*(?<!\\)<img/)
  })
})
