import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Suspension } from '../../../src/spec/desired.ts'
import { editFile } from '../../../src/spec/edit/edit.ts'
import { DEFAULT_LIMITS } from '../../../src/spec/yaml/limits.ts'
import { parseYaml } from '../../../src/spec/yaml/parse.ts'
import { edited, HEAD } from './edited.ts'

const comment = fc.constantFrom('', '', ' # her', '   # a: b, { c } [d', " # it's")
const gap = fc.constantFrom('', '', '', '\n', '    # between: all\n', '# at the margin\n', '  # odd\n\n')
const quote = fc.constantFrom('', '', "'", '"')
const fields = fc.constantFrom(
  [],
  ['outgoing: None'],
  ['type: Queue', 'outgoing: "None"'],
  ['password: { secret: a, version: "1" }'],
)

/** A member under an address, in one of the forms people write; `inner` stands for something that ends with its line. */
const member = fc
  .record({ form: fc.nat(3), quote, comment, gap, fields, inner: comment, isFirst: fc.boolean() })
  .map((how) => (address: string) => {
    const own = [`address: ${how.quote}${address}${how.quote}`, ...how.fields]
    const ordered = how.isFirst ? own : own.toReversed()
    const text = [
      () => `    - ${how.quote}${address}${how.quote}${how.comment}\n`,
      () => `    - { ${ordered.join(', ')} }${how.comment}\n`,
      () => `    - {${how.inner}\n        ${ordered.join(`,${how.inner}\n        `)},\n      }${how.comment}\n`,
      () => `    - ${ordered.join(`${how.inner}\n${how.gap.includes('#') ? '' : how.gap}      `)}${how.comment}\n`,
    ][how.form]
    return (text?.() ?? '') + how.gap
  })

const spec = fc
  .record({
    members: fc.array(member, { minLength: 1, maxLength: 6 }),
    before: fc.constantFrom('', '  incoming: None # not yet\n', '  # what\n  incoming: None\n\n  outgoing: None\n'),
    behind: fc.constantFrom('', '', '  approval: Approved\n', '\n# the end\n'),
    lineBreak: fc.constantFrom('\n', '\r\n'),
    isCut: fc.boolean(),
    at: fc.nat(),
    isSet: fc.nat(4).map((number) => number === 0),
  })
  .map(({ members, before, behind, lineBreak, isCut, at, isSet }) => {
    const list = members.map((write, index) => write(`p${index}@contoso.com`)).join('')
    const whole = `${HEAD}${before}  mailboxes:\n${list}${behind}`
    const text = (isCut ? whole.replace(/\n+$/, '') : whole).replaceAll('\n', lineBreak)
    return { text, name: isSet ? 'sales' : `p${at % members.length}@contoso.com` }
  })

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
  fc.constantFrom(
    'a: b',
    '- x',
    '# no',
    "it's",
    'null',
    '{',
    '4711',
    '"',
    '\\',
    '&a',
    '*a',
    '!t',
    '%',
    '@',
    '`',
    'x #y',
    '~',
  ),
)
const suspension: fc.Arbitrary<Suspension> = fc.record({
  owner: text,
  reason: text,
  until: fc.constantFrom('2026-12-01', '2026-12-01T06:00:00Z', '2026-12-01T06:00:00+02:00'),
})

it('whatever a set looks like: only what was asked changes, comments and lines stay, twice is harmless, and back is back', () => {
  fc.assert(
    fc.property(spec, suspension, suspension, ({ text, name }, first, second) => {
      const suspended = edited(text, name, first)
      const changed = edited(suspended, name, second)
      const resumed = edited(changed, name, 'resume')

      expect(edited(suspended, name, first)).toBe(suspended)
      expect(edited(changed, name, second)).toBe(changed)
      expect(edited(resumed, name, 'resume')).toBe(resumed)
      for (const after of [suspended, changed, resumed]) expect(commentsIn(after)).toEqual(commentsIn(text))
      expect(otherLines(suspended, text)).toBeLessThanOrEqual(1)
      expect(resumed).toBe(collapsed(text, name))
    }),
    { numRuns: 150 },
  )
})

it('what is shown is what changes', () => {
  fc.assert(
    fc.property(spec, suspension, ({ text, name }, asked) => {
      const { target } = edited.parts(text, name)

      const { hunks, bytes } = editFile(Buffer.from(text), target, asked)

      const lines = text.split(/\r?\n/)
      for (const { line, removed, added } of hunks.toReversed()) lines.splice(line - 1, removed.length, ...added)
      expect(lines).toEqual(Buffer.from(bytes).toString().split(/\r?\n/))
    }),
    { numRuns: 300 },
  )
})

/** Comments as the parser tells them apart from text: what is left where everything it reads is the same. */
function commentsIn(text: string): readonly string[] {
  expect(parseYaml(text, DEFAULT_LIMITS).problems).toEqual([])
  const known = ['# the team', '# her', '# a: b, { c } [d', "# it's", '# between: all', '# at the margin', '# odd']
  const more = ['# not yet', '# what', '# the end']
  return [...known, ...more].map((one) => `${one} ${text.split(one).length - 1}`)
}

/** Lines of a text that are not lines of the other one. */
function otherLines(text: string, other: string): number {
  const known = new Set(other.split('\n').map((line) => line.trimEnd()))
  return text.split('\n').filter((line) => !known.has(line.trimEnd())).length
}

/** A member that said nothing but its address in braces on one line comes back without the braces. */
function collapsed(text: string, name: string): string {
  return text.replace(new RegExp(`\\{ address: (['"]?${name}['"]?) \\}`), '$1')
}
