import { describe, expect, it } from 'vitest'
import { planMarkdown } from '../../src/report/markdown.ts'
import { planText } from '../../src/report/plan-text.ts'
import { viewPlan } from '../../src/report/plan-view.ts'
import { viewStatus } from '../../src/report/status-view.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import type { DesiredMailbox, Suspension } from '../../src/spec/desired.ts'
import { cpuMs } from '../setup/cpu.ts'
import { mailbox } from '../stages/desired.ts'
import { change, exception, passResult, plan, VOCABULARY } from './samples.ts'

/** The pass of the samples is on 2026-11-20 at 10:00 UTC. */
const STANDING: Suspension = { owner: 'ann', reason: 'mail server is replaced', until: '2026-12-01' }
const ENDED: Suspension = { owner: 'bob', reason: 'on leave', until: '2026-11-20' }
const ADDRESSES = ['a@x.de', 'b@x.de', 'c@x.de']

const held = (key: string, would: readonly string[], code = 'Suspended') =>
  exception(key, { state: 'Held', reason: { code, message: 'held' }, would, bySpec: true })

interface Row {
  readonly reason: string
  readonly fields: Partial<DesiredMailbox>
  readonly count?: number
  readonly with?: Parameters<typeof plan>
  readonly lines: readonly string[]
}

const TABLE: readonly Row[] = [
  {
    reason: 'suspended, and nothing would change',
    fields: { suspensions: [STANDING] },
    lines: [
      '  suspended  3 mailboxes until 2026-12-01 by ann: mail server is replaced',
      '             a@x.de, b@x.de, c@x.de',
    ],
  },
  {
    reason: 'suspended, and what would be done',
    fields: { suspensions: [STANDING] },
    with: [[], { exceptions: [held('a@x.de', ['be tested']), held('b@x.de', ['be tested', 'go from "A" to "B"'])] }],
    lines: [
      '  suspended  3 mailboxes until 2026-12-01 by ann: mail server is replaced; 2 would be tested and 1 would go from "A" to',
      '             "B"',
      '             a@x.de, b@x.de, c@x.de',
    ],
  },
  {
    reason: 'one, whose suspension is over soon',
    fields: { suspensions: [{ ...STANDING, until: '2026-11-22' }] },
    count: 1,
    with: [[], { exceptions: [held('a@x.de', ['be tested', 'go from "A" to "B"'])] }],
    lines: [
      '  suspended  a@x.de until 2026-11-22 (in 38 hours) by ann: mail server is replaced; it would be tested and go from "A" to',
      '             "B"',
    ],
  },
  {
    reason: 'of several suspensions the last to end',
    fields: { suspensions: [STANDING, { ...STANDING, until: '2027-01-01', owner: 'eve' }] },
    count: 1,
    lines: ['  suspended  a@x.de until 2027-01-01 by eve: mail server is replaced'],
  },
  {
    reason: 'one that ended is told with what follows from it',
    fields: { suspensions: [ENDED] },
    with: [[change('a@x.de'), change('b@x.de')]],
    lines: [
      '  ended      the suspension of 3 mailboxes ended 2026-11-20 (bob: on leave); 2 changes follow',
      '             a@x.de, b@x.de, c@x.de',
      '             → `mailkeel resume sales` takes it out of the spec',
    ],
  },
  {
    reason: 'only observed',
    fields: { policy: 'Observe' },
    with: [[], { exceptions: [held('a@x.de', ['be tested'], 'ObserveOnly')] }],
    lines: [
      '  observed   3 mailboxes are compared and never written; 1 would be tested',
      '             a@x.de, b@x.de, c@x.de',
    ],
  },
  {
    reason: 'a field that is left alone, and one that is no more',
    fields: {
      ignore: [
        { field: 'outgoing', reason: 'old gateway', until: '2026-12-01' },
        { field: 'approval', reason: 'audit', until: '2026-11-19' },
      ],
    },
    lines: [
      '  ignored    outgoing of 3 mailboxes until 2026-12-01: old gateway',
      '             a@x.de, b@x.de, c@x.de',
      '  ended      approval of 3 mailboxes is managed again since 2026-11-19 (ignored until then: audit)',
      '             a@x.de, b@x.de, c@x.de',
      '             → The entry of `ignore` can go',
    ],
  },
]

describe('what the spec holds back', () => {
  it.each(TABLE)('is visible: $reason', ({ fields, count = 3, with: made = [[]], lines }) => {
    const text = textOf(members(fields, count), made)

    const [, , ...told] = text.split('\n')
    expect(told.slice(told.indexOf(lines[0] ?? ''))).toEqual(expect.arrayContaining([...lines]))
    expect(text).toContain(`${lines.join('\n')}\n`)
  })

  it('is told once, and not among what is held for other reasons', () => {
    const inactive = exception('c@x.de', { state: 'Held', reason: { code: 'MailboxInactive', message: 'inactive' } })
    const text = textOf(members({ suspensions: [STANDING] }), [
      [],
      { exceptions: [held('a@x.de', ['be tested']), inactive] },
    ])

    expect(text.match(/suspended {2}/g)).toHaveLength(1)
    expect(text).toContain('  held       c@x.de: inactive\n')
  })

  it('is nothing to be troubled about in a status', () => {
    const result = passResult({ plan: plan([], { exceptions: [held('a@x.de', ['be tested'])] }) })
    const desired = { mailboxes: members({ suspensions: [STANDING] }), profiles: new Map() }

    const view = viewStatus({ result, desired, vocabulary: VOCABULARY, conditions: [] })

    expect(view.tone).toBe('calm')
    expect(view.remarks.map(({ heading }) => heading)).toEqual(['suspended'])
  })

  it('of a whole organization is told once', () => {
    const exceptions = [held('a@x.de', ['be tested']), held('a@x.de', ['x']), held('b@x.de', ['be tested'])]
    const result = passResult({ plan: plan([], { exceptions }) })
    const desired = { mailboxes: members({}), profiles: new Map(), suspend: STANDING }

    const text = planText(viewPlan({ result, desired, vocabulary: VOCABULARY }), STYLE)

    expect(text).toContain(
      'suspended  the whole organization until 2026-12-01 by ann: mail server is replaced; 2 objects would change\n',
    )
  })

  it('tells names and reasons of strangers harmlessly', () => {
    const hostile: Suspension = { owner: '\u001b[31m<b>', reason: '@team \u202e# [x](y)', until: '2026-12-01' }
    const result = passResult()
    const desired = { mailboxes: members({ suspensions: [hostile] }, 1), profiles: new Map() }
    const view = viewPlan({ result, desired, vocabulary: VOCABULARY })

    const text = planText(view, STYLE)
    const markdown = planMarkdown(view, result.plan)

    expect(text).toContain('by \\u{1b}[31m<b>: @team \\u{202e}# [x](y)')
    expect(markdown).toContain('\\[31m\\<b\\>')
    for (const odd of ['\u001b', '\u202e', '@team', '[x]']) expect(markdown).not.toContain(odd)
  })

  it('of 50,000 mailboxes is told quickly', () => {
    const many = new Map(
      Array.from({ length: 50_000 }, (_, index): [string, DesiredMailbox] => [
        `p${index}@x.de`,
        mailbox(`p${index}@x.de`, { suspensions: SHARED }),
      ]),
    )
    const exceptions = [...many.keys()].map((key) => held(key, [`change its address from ${key}`]))
    const started = cpuMs()

    const text = textOf(many, [[], { exceptions }])

    expect(text).toContain('and 49,996 more')
    expect(cpuMs() - started).toBeLessThan(5000)
  })
})

const SHARED = [STANDING]
const STYLE = { paint: PLAIN, width: 130, commands: [] }

function members(fields: Partial<DesiredMailbox>, count = 3): ReadonlyMap<string, DesiredMailbox> {
  return new Map(ADDRESSES.slice(0, count).map((address) => [address, mailbox(address, fields)]))
}

function textOf(mailboxes: ReadonlyMap<string, DesiredMailbox>, made: Parameters<typeof plan>): string {
  const result = passResult({ plan: plan(...made) })
  return planText(viewPlan({ result, desired: { mailboxes, profiles: new Map() }, vocabulary: VOCABULARY }), STYLE)
}
