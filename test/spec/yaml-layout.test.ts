import { describe, expect, it } from 'vitest'
import { findLayoutFault } from '../../src/spec/yaml/layout.ts'
import { DEFAULT_LIMITS } from '../../src/spec/yaml/limits.ts'
import { parseYaml } from '../../src/spec/yaml/parse.ts'
import { cpuMs } from '../setup/cpu.ts'

const SOUND = `apiVersion: mailkeel/v1
kind: MailboxSet
metadata:
  name: first
spec:
  profile: exchange-online
  incoming: ServerSideSync # a comment: with a colon
  outgoing: ServerSideSync
  approval: Approved
  mailboxes:
    - ann@contoso.com
    - bob@contoso.com
    - { address: support@contoso.com, type: Queue }
    - address: info@contoso.com
      type: Queue
`

function withSlip(right: string, wrong: string): string {
  expect(SOUND).toContain(right)
  return SOUND.replace(right, wrong)
}

function problemsOf(text: string): string[] {
  return parseYaml(text, DEFAULT_LIMITS).problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

const fit = 'the indentation does not fit; write'
const colon = 'a field needs a colon and a blank behind its name; write `name: value`'
const dash = 'a list entry begins with a dash and a blank; write a blank behind the `-`'
const tab = 'a tab cannot indent; write blanks instead'
const second = 'a second `: ` on one line; begin a new line for a second field, or put a text that holds `: ` in quotes'

describe('a slip of the keyboard', () => {
  it.each([
    {
      reason: 'one blank less before a list entry',
      slip: ['    - bob', '   - bob'],
      problem: `12:4 ${fit} 4 blanks, to stand below the entry of line 11`,
    },
    {
      reason: 'a list entry in the column of its field',
      slip: ['    - bob', '  - bob'],
      problem: `12:3 ${fit} 4 blanks, to stand below the entry of line 11`,
    },
    {
      reason: 'no blanks before a list entry',
      slip: ['    - bob', '- bob'],
      problem: `12:1 ${fit} 4 blanks, to stand below the entry of line 11`,
    },
    {
      reason: 'the first entry is what the others are compared with',
      slip: ['    - ann', '   - ann'],
      problem: `12:5 ${fit} 3 blanks, to stand below the entry of line 11`,
    },
    {
      reason: 'one blank less between two maps: either may be meant',
      slip: ['  outgoing', ' outgoing'],
      problem: `8:2 ${fit} 2 blanks, to stand below the entry of line 7; or no blanks, to stand below the entry of line 5`,
    },
    {
      reason: 'one blank less in an entry of several lines',
      slip: ['      type', '     type'],
      problem: `15:6 ${fit} 6 blanks, to stand below the entry of line 14`,
    },
    {
      reason: 'one blank more before a field',
      slip: ['  outgoing', '   outgoing'],
      problem: `8:4 ${fit} 2 blanks, to stand below the entry of line 7`,
    },
    {
      reason: 'one blank more before the second line',
      slip: ['kind', ' kind'],
      problem: `2:2 ${fit} no blanks, to stand below the entry of line 1`,
    },
    {
      reason: 'one blank more in an entry of several lines',
      slip: ['      type', '       type'],
      problem: `15:8 ${fit} 6 blanks, to stand below the entry of line 14`,
    },
    {
      reason: 'a text in block form that ends early',
      slip: ['exchange-online', '|\n    a: - b\n   c'],
      problem: `8:4 ${fit} 2 blanks, to stand below the entry of line 6`,
    },
    { reason: 'a tab before a field', slip: ['  outgoing', '\toutgoing'], problem: `8:1 ${tab}` },
    { reason: 'a tab before the first field of a map', slip: ['  profile', '\tprofile'], problem: `6:1 ${tab}` },
    { reason: 'a tab before a list entry', slip: ['    - bob', '\t- bob'], problem: `12:1 ${tab}` },
    { reason: 'a tab behind blanks', slip: ['    - bob', '  \t- bob'], problem: `12:3 ${tab}` },
    { reason: 'a missing colon', slip: ['outgoing:', 'outgoing'], problem: `8:3 ${colon}` },
    { reason: 'a missing colon in the first line', slip: ['apiVersion:', 'apiVersion'], problem: `1:1 ${colon}` },
    { reason: 'a missing colon above a map', slip: ['metadata:', 'metadata'], problem: `3:1 ${colon}` },
    { reason: 'a missing colon above a list', slip: ['mailboxes:', 'mailboxes'], problem: `10:3 ${colon}` },
    { reason: 'no blank behind a colon', slip: ['outgoing: ', 'outgoing:'], problem: `8:3 ${colon}` },
    {
      reason: 'a double quote not closed',
      slip: ['exchange-online', '"exchange-online'],
      problem: '6:12 this quote is not closed; write " at the end of the text',
    },
    {
      reason: 'a single quote not closed',
      slip: ['- bob', "- 'bob"],
      problem: "12:7 this quote is not closed; write ' at the end of the text",
    },
    {
      reason: 'a quote not closed in the last line',
      slip: ['      type: Q', '      type: "Q'],
      problem: '15:13 this quote is not closed; write " at the end of the text',
    },
    {
      reason: 'a brace not closed',
      slip: ['Queue }', 'Queue'],
      problem: '13:7 this `{` is not closed; write `}` behind its last entry',
    },
    {
      reason: 'a brace closed by a bracket',
      slip: ['Queue }', 'Queue ]'],
      problem: '13:7 this `{` is not closed; write `}` behind its last entry',
    },
    {
      reason: 'a bracket not closed',
      slip: ['exchange-online', '[a, b'],
      problem: '6:12 this `[` is not closed; write `]` behind its last entry',
    },
    {
      reason: 'a bracket above list entries',
      slip: ['mailboxes:', 'mailboxes: [a@b.c,'],
      problem: '10:14 this `[` is not closed; write `]` behind its last entry',
    },
    {
      reason: 'a missing comma in braces',
      slip: ['com, type', 'com type'],
      problem: '13:18 inside { } and [ ] a comma parts the entries; is one missing here?',
    },
    { reason: 'two fields on one line', slip: ['exchange-online\n ', 'exchange-online'], problem: `6:12 ${second}` },
    { reason: 'no blank behind the dash', slip: ['- bob', '-bob'], problem: `12:5 ${dash}` },
    { reason: 'no blank behind the first dash', slip: ['- ann', '-ann'], problem: `11:5 ${dash}` },
    { reason: 'no blank between a dash and a field', slip: ['- address', '-address'], problem: `14:5 ${dash}` },
    { reason: 'no blank between a dash and a brace', slip: ['- {', '-{'], problem: `13:5 ${dash}` },
    {
      reason: 'a list without its field',
      slip: ['  mailboxes:\n', ''],
      problem: '10:5 a list stands below a line with only its name and a colon; that line is missing here',
    },
    {
      reason: 'an unresolved merge',
      slip: ['    - bob', '<<<<<<< HEAD\n    - bob'],
      problem: '12:1 this is the mark of a merge conflict; resolve it and remove the marks',
    },
  ])('is one problem in its own line: $reason', ({ slip: [right = '', wrong = ''], problem }) => {
    const text = withSlip(right, wrong)

    const reported = { unix: problemsOf(text), windows: problemsOf(text.replaceAll('\n', '\r\n')) }

    expect(reported).toEqual({ unix: [problem], windows: [problem] })
  })

  it('is found behind a long list', () => {
    const list = Array.from({ length: 1_000 }, (_, index) => `    - user${index}@contoso.com\n`).join('')

    const reported = problemsOf(`${SOUND}${list}   - last@contoso.com\n`)

    expect(reported).toEqual([`1016:4 ${fit} 4 blanks, to stand below the entry of line 1015`])
  })

  it('is found in the second document, and the first slip comes first', () => {
    const slips = withSlip('  outgoing', '\toutgoing').replace('    - bob', '   - bob')

    const reported = problemsOf(`${SOUND}---\n${slips}`)

    expect(reported).toEqual([`24:1 ${tab}`])
  })

  it('hides what is refused behind it, and nothing that is refused before it', () => {
    const behind = withSlip('  outgoing', '\toutgoing').replace('Approved', '&a Approved')
    const before = behind.replace('exchange-online', '&b exchange-online')

    const reported = [problemsOf(behind), problemsOf(before)]

    const anchor = '6:12 anchors (&name) are not allowed; write the value where it is needed'
    expect(reported).toEqual([[`8:1 ${tab}`], [anchor]])
  })

  it.each([
    { reason: 'a text over several lines', value: '"one: 1\n    two: - 2\n    three"' },
    { reason: 'brackets over several lines', value: "[\n    'a: ]', # ]\n    { b: c }\n  ]" },
    { reason: 'a text in block form', value: '|\n    - a: "\n\n      [b\n    c: d: e' },
    { reason: 'a plain text over several lines', value: 'one\n    two\n    three' },
  ])('is not seen in what is sound: $reason', ({ value }) => {
    const text = withSlip('exchange-online', value).replace('approval: Approved', 'approval: @Approved')
    const line = 8 + value.split('\n').length

    const reported = problemsOf(text)

    expect(reported).toEqual([`${line}:13 a text cannot begin with this character; put it in quotes`])
  })

  it.each([
    { reason: 'a line full of quotes', text: `{${' " '.repeat(300_001)}` },
    { reason: 'a line full of dashes', text: '- '.repeat(300_000) },
    { reason: 'quotes over two lines each', text: `a: [${'"x\n  y", '.repeat(100_000)}` },
    { reason: 'lines full of marks', text: `a: b\n${'  c #: "\n'.repeat(100_000)}` },
  ])('is looked for in time that grows with the text: $reason', ({ text }) => {
    const started = cpuMs()

    findLayoutFault(text)

    // Each takes some tenths of a second; with the square of the text it would be minutes.
    expect(cpuMs() - started).toBeLessThan(10_000)
  })
})
