import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress } from '../../src/spec/address.ts'
import { DEFAULT_LIMITS } from '../../src/spec/yaml/limits.ts'
import { type ParsedYaml, parseYaml, parseYamlPlainly } from '../../src/spec/yaml/parse.ts'
import { shorten } from '../../src/spec/yaml/runs.ts'

const LONG = process.env['MAILKEEL_TEST_LONG'] === '1'

/** Everything a parse says: values and the place of every key and value. */
function told({ documents, problems }: ParsedYaml): unknown {
  return {
    problems,
    documents: documents.map(({ value, positions }) => ({ value, places: [...placesIn(value, positions, [])] })),
  }
}

function* placesIn(
  value: unknown,
  positions: ParsedYaml['documents'][number]['positions'],
  path: (string | number)[],
  root = value,
): Generator<unknown> {
  yield [
    path.join('/'),
    positions.place(positions.offsetOf(root, path, 'key')),
    positions.place(positions.offsetOf(root, path, 'value')),
  ]
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value))
    yield* placesIn(child, positions, [...path, Array.isArray(value) ? Number(key) : key], root)
}

const SHORTEST = 2
const parse = (text: string) => told(parseYaml(text, DEFAULT_LIMITS, SHORTEST))
const parsePlainly = (text: string) => told(parseYamlPlainly(text, DEFAULT_LIMITS))

const address = fc.constantFrom(
  'ann@contoso.com',
  'Bob.B@contoso.com',
  '1e5@x.de',
  '0x1f@x.de',
  'null@x.de',
  'a-b+c_d@x.co.uk',
)
const value = fc.oneof(
  { weight: 6, arbitrary: address },
  { weight: 6, arbitrary: fc.constantFrom('Queue', 'None', 'true', 'false', 'yes', 'nullable', 'true-ish') },
  { weight: 3, arbitrary: fc.constantFrom('True', 'FALSE', 'null', 'Null', 'NULL') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('~', '7', '1e5', '0x1f', '.nan', '2026-11-01', "'x'", '""', 'a b', '*x', '&x', '!x'),
  },
)
const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('address', 'type', 'outgoing', 'approval') },
  { weight: 1, arbitrary: fc.constantFrom('true', 'null', 'constructor', '__proto__', 'a1', "'q'") },
)
const field = fc.tuple(key, value).map(([name, text]) => `${name}: ${text}`)
const rest = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom(' # a: comment', '  ', ' #', '\r') },
  { weight: 1, arbitrary: fc.constantFrom('#x', '\t') },
)
const indentation = fc.constantFrom('    ', '    ', '    ', '    ', '    ', '  ', '', '      ')

const entry = fc.oneof(
  { weight: 6, arbitrary: address.map((text) => `- ${text}`) },
  {
    weight: 4,
    arbitrary: fc.array(field, { minLength: 1, maxLength: 3 }).map((fields) => `- { ${fields.join(', ')} }`),
  },
  { weight: 1, arbitrary: field.map((text) => `- {${text}}`) },
  {
    weight: 4,
    arbitrary: fc.array(field, { minLength: 1, maxLength: 3 }).map((fields) => `- ${fields.join('\n      ')}`),
  },
)
const oddity = fc.constantFrom(
  '',
  '# note',
  '      # note',
  'more words',
  '      more words',
  '      type: Queue',
  '- |',
  '- >-',
  '-',
  '- "',
  '"',
  "- '",
  '- [',
  ']',
  '- {',
  '}',
  '---',
  '...',
  'key:',
  '    key: text',
  '? x',
  ': y',
  '- - x',
  '- &a x',
  '\t- x',
  '- x: |',
)
const line = fc
  .tuple(indentation, fc.oneof({ weight: 12, arbitrary: entry }, { weight: 1, arbitrary: oddity }), rest)
  .map((parts) => parts.join(''))
const head = fc.constantFrom(
  'list:\n',
  '',
  'text: |\n',
  'text: some words\n',
  'text: "\n',
  'a:\n  b:\n',
  'list: [\n',
  '- x\n',
  '# c\n',
)
const text = fc
  .tuple(head, fc.array(line, { maxLength: 14 }), fc.constantFrom('\n', '', '\n\nafter: 1\n', '"\n', ']\n'))
  .map(([start, lines, end]) => start + lines.join('\n') + end)

describe('the shortcut through long lists', () => {
  it('tells exactly what the long way tells', () => {
    fc.assert(
      fc.property(text, (yaml) => {
        expect(parse(yaml)).toEqual(parsePlainly(yaml))
      }),
      { numRuns: LONG ? 100_000 : 1_000 },
    )
  }, 1_200_000)

  it('is taken by what people write', () => {
    const forms = [
      '- ann@contoso.com',
      '- { address: ann@contoso.com, type: Queue, testAndEnable: true }',
      '- {address: ann@contoso.com}',
      '- { address: ann@contoso.com } # Ann: on leave',
      '- address: ann@contoso.com\n      type: Queue # a: queue\n      testAndEnable: false',
      '- ann@contoso.com   # in the north',
    ]

    for (const form of forms) {
      const list = `list:\n${`    ${form}\n`.repeat(10)}\n    # the rest\n${`    ${form}\n`.repeat(10)}`
      expect(shorten(list, SHORTEST)?.runs, form).toMatchObject([{ count: 19 }])
      expect(parse(list)).toEqual(parsePlainly(list))
    }
  })

  it.each([
    { reason: 'a block text', yaml: `text: |\n${'    - ann@contoso.com\n'.repeat(9)}` },
    { reason: 'a quoted text', yaml: `text: "\n${'    - ann@contoso.com\n'.repeat(9)}    "\n` },
    { reason: 'a text that goes on', yaml: `text: words\n${'    - ann@contoso.com\n'.repeat(9)}` },
    {
      reason: 'an entry that goes on behind the run',
      yaml: `list:\n${'    - ann@contoso.com\n'.repeat(9)}      and more\n`,
    },
    { reason: 'keys that are written twice', yaml: `list:\n${'    - { type: Queue, type: User }\n'.repeat(9)}` },
    { reason: 'brackets that are not closed', yaml: `list: [\n${'    - ann@contoso.com\n'.repeat(9)}` },
    {
      reason: 'a character that stands for placeholders',
      yaml: `list:\n${'    - ann@contoso.com\n'.repeat(9)}    - '\ue0000\ue000'\n`,
    },
  ])('is left where lines are not what they seem: $reason', ({ yaml }) => {
    expect(parse(yaml)).toEqual(parsePlainly(yaml))
  })

  it('keeps half a million values in mind as numbers, and finds each', () => {
    const list = `list:\n${Array.from({ length: 50_000 }, (_, index) => `  - { address: User${index}@contoso.com, type: Queue }\n`).join('')}`

    const [document] = parseYaml(list, DEFAULT_LIMITS).documents

    const value = document?.value as { list: { address: string }[] }
    const places = [0, 777, 49_999].map((index) =>
      document?.positions.place(document.positions.offsetOf(value, ['list', index, 'type'], 'value')),
    )
    expect(value.list).toHaveLength(50_000)
    expect(canonicalAddress(value.list[777]?.address ?? '')).toBe('user777@contoso.com')
    expect(places).toEqual([
      { line: 2, column: 41 },
      { line: 779, column: 43 },
      { line: 50_001, column: 45 },
    ])
  })
})
