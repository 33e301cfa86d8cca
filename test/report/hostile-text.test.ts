import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detailsText } from '../../src/report/details.ts'
import { jsonText, markdownCode, markdownProse, printable } from '../../src/report/hostile-text.ts'
import { reportJson } from '../../src/report/json.ts'
import { outcomeMarkdown, planMarkdown, statusMarkdown } from '../../src/report/markdown.ts'
import { outcomeText } from '../../src/report/outcome-text.ts'
import { viewOutcomes } from '../../src/report/outcome-view.ts'
import { planText } from '../../src/report/plan-text.ts'
import { viewPlan } from '../../src/report/plan-view.ts'
import { statusText } from '../../src/report/status-text.ts'
import { viewStatus } from '../../src/report/status-view.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import { change, conditions, exception, input, outcome, passResult, plan } from './samples.ts'

/** What must never reach a terminal or a log: control characters but the line feed, direction turners, invisible characters. */
const DANGEROUS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

const ATTACKS = [
  { name: '\u001b[2J\u001b]0;owned\u0007', reason: 'terminal escapes clear the screen and set the title' },
  { name: '\u009b31mred', reason: 'an escape of one byte' },
  { name: 'ann\r\n2026-11-20 INFO all is well', reason: 'a forged line of a log' },
  { name: 'ann\u202egnp.exe', reason: 'turned reading direction' },
  { name: 'a\u200bnn@contoso.com', reason: 'an invisible character makes another address look the same' },
  { name: '@everyone ann', reason: 'a mention' },
  { name: 'x](https://evil.example) ![y](https://evil.example/z.png)', reason: 'links and images' },
  { name: '<img src=x onerror=alert(1)><!--', reason: 'HTML' },
  { name: '``` \n# heading\n```', reason: 'a fence that ends ours' },
  { name: '</details>\n\n/close', reason: 'the end of our fold, and a command to the forge' },
  { name: '| a | b |', reason: 'a table' },
  { name: 'fixes #12, see GH-7 and www.evil.example', reason: 'references and bare links' },
  { name: '\ud800 lone', reason: 'half a character' },
  { name: '=cmd|calc', reason: 'a formula' },
  { name: '', reason: 'no name at all' },
]

const hostile = fc.oneof(
  fc.constantFrom(...ATTACKS.map(({ name }) => name)),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.constantFrom('`', '\\', '*', '_', '[', ']', '<', '@', '#', '\n', '\u001b', 'a', '1', ' ', '|', '&'))
    .map((parts) => parts.join('')),
)

function everything(name: string) {
  const one = change(name, { phrases: [{ group: name, one: `goes to ${name}`, many: `go to ${name}` }] })
  const named = change('named', { fields: [{ field: 'owner', from: name, to: [name], effect: 'adjust' }] })
  const reason = { code: 'Hostile', message: `${name}: says ${name}` }
  const changes = [one, change(`${name}2`), named].map((entry) => ({
    ...entry,
    origin: { ...entry.origin, file: name },
  }))
  const hostilePlan = plan(changes, { exceptions: [exception(name, { reason }), exception(`${name}3`, { reason })] })
  const verdict = { guard: 'change', decision: 'override' as const, message: name }
  const result = passResult({
    plan: hostilePlan,
    organization: name,
    revision: name,
    verdicts: [verdict],
    decision: 'override',
  })
  const failed = changes.map((entry) => outcome(entry, 'Failed', reason))
  const unhealthy = [conditions(name, 'False', reason), conditions(`${name}2`, 'Unknown', reason)]
  return { report: { ...input(result), conditions: unhealthy }, failed, unhealthy, result }
}

describe('hostile names (A24, A25)', () => {
  it.each(ATTACKS)('A25: a name is one harmless line on a terminal: $reason', ({ name }) => {
    const shown = printable(name)

    expect(shown).not.toMatch(/\n/)
    expect(shown).not.toMatch(DANGEROUS)
  })

  it('A25: no text report ever holds what a terminal obeys, or a line that a name began', () => {
    const style = { paint: PLAIN, width: Number.POSITIVE_INFINITY, commands: [] }
    const linesOf = (name: string) => {
      const { report, failed, result } = everything(name)
      return [
        planText(viewPlan(report), style),
        detailsText(result.plan, PLAIN),
        outcomeText(viewOutcomes(report, failed), style),
        statusText(viewStatus(report), style),
      ].join('')
    }

    fc.assert(
      fc.property(hostile, (name) => {
        const text = linesOf(`n${name}`)
        expect(text).not.toMatch(DANGEROUS)
        for (const line of text.split('\n')) expect(line).toMatch(/^$|^ {2}|^n|^plan 7c1e0d3$/)
      }),
      { seed: 24, numRuns: 300 },
    )
  })

  it('A25: two different names of ordinary length never look the same', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        fc.pre(one !== other)
        expect(printable(one)).not.toBe(printable(other))
      }),
      { seed: 25, numRuns: 500 },
    )
  })

  it('A24: prose never formats, links, mentions or opens HTML', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const prose = markdownProse(name)
        const unescaped = prose.replace(/\\[\\`*_{}[\]<>#|~$]/g, 'x').replace(/&amp;/g, 'x')
        expect(unescaped).not.toMatch(/[\\`*_{}[\]<>#|~$&\n]/)
        expect(prose).not.toMatch(/(^|[^\p{L}\p{N}])@[\p{L}\p{N}]/u)
        expect(prose).not.toMatch(/#\d|:\/\/|www\./)
      }),
      { seed: 26, numRuns: 500 },
    )
  })

  it('A24: a code span cannot be left by what is in it', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const span = markdownCode(name)
        const fence = /^`+/.exec(span)?.[0] ?? ''
        const inside = span.slice(fence.length, -fence.length)
        expect(span.endsWith(fence)).toBe(true)
        expect([...inside.matchAll(/`+/g)].map(([run]) => run.length)).not.toContain(fence.length)
        expect(inside).not.toMatch(/^`|`$|\n|\|/)
      }),
      { seed: 27, numRuns: 500 },
    )
  })

  it('A24: a Markdown report begins every line with words of ours', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const { report, failed, result } = everything(`n${name}`)
        const markdown = [
          planMarkdown(viewPlan(report), result.plan),
          outcomeMarkdown(viewOutcomes(report, failed)),
          statusMarkdown(viewStatus(report)),
        ].join('')
        for (const line of markdown.split('\n')) {
          expect(line).toMatch(
            /^(|\*\*.*|- .*| {2}- .*|<details>.*<\/summary>|<\/details>|plan `+ ?[^`].*|Not managed.*)$/,
          )
        }
        expect(markdown.match(/^<\/details>$/gm)?.length).toBe(1)
      }),
      { seed: 28, numRuns: 200 },
    )
  })

  it('A25: JSON reads back as it was and is harmless to look at', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const { report, unhealthy } = everything(name)
        const value = reportJson('plan', 2, [{ result: report.result, conditions: unhealthy }])
        const text = jsonText(value)
        expect(text).not.toMatch(DANGEROUS)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { seed: 29, numRuns: 200 },
    )
  })

  it('A21: JSON holds only what is on the list, whatever the values carry', () => {
    const leaky = { ...change('ann'), password: 'leak' }
    const result = passResult({
      plan: plan([leaky]),
      reads: new Map([['mailbox', { complete: true, rows: new Map(), unknown: new Map(), token: 'leak' } as never]]),
    })

    expect(jsonText(reportJson('plan', 2, [{ result }]))).not.toContain('leak')
  })
})
