import { describe, expect, test } from 'vitest'
import { errorsOf, isCliXml } from '../../src/crm-server/clixml.ts'
import { answerOf, findDocument, oneLine, payloadLine } from '../../src/crm-server/frame.ts'

const TOKEN = '0123456789abcdef0123456789abcdef'
const GOOD = { v: 1, ok: true, result: { a: 1 }, changed: false, warnings: [] }
const framed = (document: unknown, token = TOKEN) =>
  `BEGIN-${token}${Buffer.from(JSON.stringify(document)).toString('base64')}END-${token}`
const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('a document is found', () => {
  test.each([
    ['alone', framed(GOOD), 'nothing stands around it'],
    ['among noise', `VERBOSE: loaded\r\n${framed(GOOD)}\r\nbye`, 'profiles and banners print'],
    ['after bytes of another code page', `\x84\x94\x81\xff\n${framed(GOOD)}`, 'the console may be no UTF-8'],
    ['as the last of two', `${framed({ ...GOOD, result: 'old' })}\n${framed(GOOD)}`, 'the last word counts'],
    ['after one that was cut', `BEGIN-${TOKEN}eyJ2\n${framed(GOOD)}`, 'a beginning alone is noise'],
    ['with blanks inside its marks', framed(GOOD).replace(TOKEN, `${TOKEN} `), 'a terminal may add them'],
    [
      'beside one of another token',
      `${framed({ ...GOOD, result: 'x' }, 'f'.repeat(32))}\n${framed(GOOD)}`,
      'it is not ours',
    ],
  ])('%s', (_name, stdout, _reason) => {
    const found = findDocument(bytes(stdout), TOKEN)

    expect(found).toEqual({ kind: 'Document', document: GOOD })
  })

  test('with its letters whole, whatever the console makes of them', () => {
    const found = findDocument(bytes(framed({ ...GOOD, result: 'Müller ✓' })), TOKEN)

    expect(found).toMatchObject({ document: { result: 'Müller ✓' } })
  })
})

describe('no document is', () => {
  test.each([
    ['', 'Malformed', 'nothing came back'],
    ['hello', 'Malformed', 'only noise'],
    [`BEGIN-${TOKEN}eyJ2Ij`, 'Cut', 'a beginning without its end'],
    [framed(GOOD).slice(0, -1), 'Cut', 'one character is missing'],
    [framed(GOOD, 'f'.repeat(32)), 'Malformed', 'the token is that of another call'],
    [`BEGIN-${TOKEN}e30eyEND-${TOKEN}`, 'Malformed', 'it is no JSON'],
    [framed({ ...GOOD, v: 2 }), 'Malformed', 'a version this one does not know'],
    [framed({ ...GOOD, ok: 'true' }), 'Malformed', 'a text is no answer'],
    [framed({ v: 1, ok: true, result: {} }), 'Malformed', 'it does not say whether it changed anything'],
    [framed({ v: 1, ok: false }), 'Malformed', 'a failure without its reason'],
    [framed([GOOD]), 'Malformed', 'a list is no document'],
    [framed(null), 'Malformed', 'null is no document'],
  ])('%j: %s', (stdout, kind, _reason) => {
    expect(findDocument(bytes(stdout), TOKEN).kind).toBe(kind)
  })
})

test.each([
  [{ changed: true }, { changed: true }],
  [{ changed: false }, {}],
  [{}, {}],
])('a failure that says %o answers %o: only a change counts', (said, answered) => {
  const error = { code: 'NotAdministrator', message: 'no', fullyQualifiedErrorId: 'x', category: 'y' }

  const found = findDocument(bytes(framed({ v: 1, ok: false, error, ...said })), TOKEN)

  if (found.kind !== 'Document') throw new Error(found.kind)
  const answer = answerOf(found.document, '2026-11-23T08:00:00Z')
  expect(answer).toEqual({ ok: false, error: { code: 'NotAdministrator', message: 'no' }, ...answered })
})

test('a failure keeps its code, and its text becomes one line', () => {
  const error = { code: 'WrongPassword', message: 'no\r\n\u0007way', fullyQualifiedErrorId: 'x', category: 'y' }

  const found = findDocument(bytes(framed({ v: 1, ok: false, error })), TOKEN)

  expect(found).toMatchObject({ document: { ok: false, error: { code: 'WrongPassword', message: 'no way' } } })
})

test('the payload carries secrets in their places and leaves the input as it was', () => {
  const script = { id: 'read-server', sha256: 'a', body: 'b', writes: false } as const
  const input = { credential: { user: 'CONTOSO\\svc' }, list: [1] }
  const secrets = new Map([
    ['credential.password', 's1'],
    ['pfx.data', 's2'],
  ])

  const line = payloadLine({ script, input, secrets: [] }, TOKEN, secrets)

  expect(line).toMatch(/^[A-Za-z0-9+/=]+\n$/)
  expect(JSON.parse(Buffer.from(line, 'base64').toString('utf8'))).toEqual({
    v: 1,
    token: TOKEN,
    script: { id: 'read-server', sha256: 'a', body: 'b' },
    input: { credential: { user: 'CONTOSO\\svc', password: 's1' }, list: [1], pfx: { data: 's2' } },
  })
  expect(input).toEqual({ credential: { user: 'CONTOSO\\svc' }, list: [1] })
})

describe('CLIXML', () => {
  const error = (text: string) => `<S S="Error">${text}</S>`
  test.each([
    [`#< CLIXML\r\n<Objs>${error('no way_x000D__x000A_')}</Objs>`, 'no way', 'escapes of line ends'],
    [`#< CLIXML\r\n<Objs>${error('a ')}</Objs><Objs>${error('b')}</Objs>`, 'a b', 'several documents'],
    [`<Objs><Obj S="progress"><S>Loading</S></Obj>${error('x')}</Objs>`, 'x', 'progress is no error'],
    [`<Objs>${error('&lt;a&gt; &amp;lt; &quot;')}</Objs>`, '<a> &lt; "', 'entities once'],
    [`<Objs>${error('_xD83D__xDE00_ _x005F_x0041_')}</Objs>`, '😀 _x0041_', 'a pair, and an escaped underscore'],
    ['plain text', '', 'no CLIXML has no errors'],
  ])('%j tells %j', (stderr, text, _reason) => {
    expect(errorsOf(stderr)).toBe(text)
  })

  test('is told from the words of a shell', () => {
    expect(isCliXml('#< CLIXML\r\n')).toBe(true)
    expect(isCliXml("'powershell.exe' is not recognized")).toBe(false)
  })
})

test('text for a message is one line of limited length', () => {
  expect(oneLine(' a\u001b[31m\n\tb ')).toBe('a [31m b')
  expect(oneLine('x'.repeat(1000))).toHaveLength(300)
})
