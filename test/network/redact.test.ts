import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor, REDACTED, redact, toMessage } from '../../src/network/redact.ts'

const SECRET = 'Zx9!kQ~77-w'
/** Each carrier is tried this often. */
const RUNS = process.env['MAILKEEL_TEST_LONG'] === '1' ? 3000 : 60
const BEGIN = '-----BEGIN PRIVATE KEY-----'

const CARRIERS: readonly { reason: string; wrap: (secret: string) => string }[] = [
  { reason: 'a bearer header', wrap: (secret) => `Authorization: Bearer ${secret}\r\nAccept: x` },
  { reason: 'a proxy header in lower case', wrap: (secret) => `proxy-authorization: Basic ${secret}` },
  { reason: 'a cookie with several values', wrap: (secret) => `Cookie: a=1; MSISAuth=${secret}; b=2` },
  { reason: 'a set-cookie header', wrap: (secret) => `set-cookie: ReqClientId=${secret}; secure` },
  { reason: 'JSON', wrap: (secret) => JSON.stringify({ password: secret, other: 1 }) },
  { reason: 'JSON with spaces', wrap: (secret) => `{ "client_secret" : ${JSON.stringify(secret)} }` },
  { reason: 'JSON inside JSON', wrap: (secret) => JSON.stringify({ text: JSON.stringify({ password: secret }) }) },
  { reason: 'a name around the word', wrap: (secret) => JSON.stringify({ incomingPasswordValue: secret }) },
  { reason: 'JSON cut in the middle', wrap: (secret) => JSON.stringify({ access_token: secret }).slice(0, -2) },
  { reason: 'a key and value pair', wrap: (secret) => JSON.stringify([{ Key: 'Password', Value: secret }]) },
  { reason: 'single quotes', wrap: (secret) => `{'refresh_token': '${secret.replaceAll("'", '')}'}` },
  { reason: 'XML', wrap: (secret) => `<a><Password>${escapeXml(secret)}</Password></a>` },
  {
    reason: 'XML with a prefix and attributes',
    wrap: (secret) => `<d:Password i:x="1">${escapeXml(secret)}</d:Password>`,
  },
  {
    reason: 'XML in CDATA',
    wrap: (secret) => `<ClientSecret><![CDATA[${secret.replaceAll(']', '')}]]></ClientSecret>`,
  },
  { reason: 'XML cut in the middle', wrap: (secret) => `<soap:Password>${escapeXml(secret)}` },
  { reason: 'escaped XML', wrap: (secret) => `&lt;password&gt;${escapeXml(escapeXml(secret))}&lt;/password&gt;` },
  { reason: 'an XML attribute', wrap: (secret) => `<mail password="${escapeXml(secret)}" />` },
  { reason: 'a form', wrap: (secret) => `grant_type=x&client_assertion=${encodeURIComponent(secret)}&y=1` },
  { reason: 'a query', wrap: (secret) => `GET https://host/path?sig=${encodeURIComponent(secret)}&a=b` },
  {
    reason: 'a connection string',
    wrap: (secret) => `Server=x;Password=${secret.replace(/[;&\s"'\\]/g, '')};Database=y`,
  },
  { reason: 'the user part of a URL', wrap: (secret) => `https://ann:${encodeURIComponent(secret)}@proxy:8080/` },
  { reason: 'PEM', wrap: (secret) => `x ${BEGIN}\n${secret}\n-----END PRIVATE KEY----- y` },
  { reason: 'PEM cut in the middle', wrap: (secret) => `${BEGIN}\\n${secret}` },
]

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Printable, without white space at its ends, and of no chance of being a word of the carrier. */
const secrets = fc
  .stringMatching(/^[!-~]{4,24}$/)
  .filter((text) => !/^[\\"'\s]/.test(text))
  .map((text) => `Q7#${text}#7Q`)

describe('redact', () => {
  test.each(CARRIERS)('hides a secret in $reason', ({ wrap }) => {
    const carrier = wrap(SECRET)

    const shown = redact(carrier)

    expect(carrier).toMatch(/Zx9(?:!|%21)kQ/)
    expect(shown).not.toMatch(/Zx9|kQ~77/)
    expect(shown).toContain(REDACTED)
  })

  test('hides CDATA that has a closing tag in it', () => {
    expect(redact('<Password> <![CDATA[a</b>c]]></Password>')).toBe(`<Password>${REDACTED}</Password>`)
  })

  test.each(CARRIERS)('hides any secret in $reason, whatever stands around it', ({ wrap }) => {
    const around = fc.constantFrom('', ' ', '\n', 'the server said ', '{"error":', 'x'.repeat(30))

    fc.assert(
      fc.property(secrets, around, around, (secret, before, after) => {
        const shown = redact(`${before}${wrap(secret)}${after}`)

        expect(shown).not.toContain('Q7#')
        expect(shown).not.toContain('#7Q')
        expect(shown).not.toContain('Q7%23')
      }),
      { numRuns: RUNS },
    )
  })

  test.each([
    { text: 'Authorization failed: the user has no privilege prvReadMailbox', reason: 'prose with a telling word' },
    { text: 'HTTP Error 401: Basic authentication is disabled', reason: 'a scheme that is followed by a word' },
    { text: 'mailbox ann@contoso.com of https://crm.contoso.com/org?$select=name', reason: 'addresses and queries' },
    { text: 'Id 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11 Does Not Exist', reason: 'identifiers' },
    { text: '{"error":{"code":"0x80040217","message":"gone"}}', reason: 'an error of the CRM' },
  ])('leaves $reason alone', ({ text }) => {
    expect(redact(text)).toBe(text)
  })

  test('hides a JSON web token and a scheme with a credential wherever they stand', () => {
    const shown = redact('got eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln then Bearer AbC123xyz=')

    expect(shown).toBe(`got ${REDACTED} then Bearer ${REDACTED}`)
  })

  test('is the same when applied twice', () => {
    const fragment = fc.oneof(
      fc.constantFrom('password', '"', "'", '\\', ':', '=', ' ', '<', '>', '</', 'token', '&', ';', '?sig=', '\n'),
      fc.constantFrom('Bearer ', 'cookie: ', '://a:b@', '-----BEGIN X-----', '-----END X-----', 'eyJabcdef.', REDACTED),
      fc.string({ maxLength: 8 }),
    )

    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 20 }), (fragments) => {
        const once = redact(fragments.join(''))

        expect(redact(once)).toBe(once)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    'password',
    'password=',
    '"password":"',
    '<password>',
    '<password><![CDATA[',
    '<a:',
    'a://',
    '-----BEGIN ',
    'eyJabcde.',
    'x',
    '\\',
    'cookie ',
  ])('takes linear time on a hundred thousand times %j', (fragment) => {
    const text = fragment.repeat(100_000)

    const startedAt = performance.now()
    redact(text)

    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})

describe('createRedactor', () => {
  test('hides its secrets in every form in which they travel', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 30, unit: 'grapheme' }), (secret) => {
        const redactKnown = createRedactor([secret])
        const forms = [
          secret,
          JSON.stringify(secret).slice(1, -1),
          encodeURIComponent(Buffer.from(secret, 'utf8').toString('utf8')),
          Buffer.from(secret, 'utf8').toString('base64'),
        ]

        for (const form of forms) expect(redactKnown(`a ${form} b`)).not.toContain(` ${form} `)
      }),
    )
  })

  test('hides the longer of two secrets of which one begins the other', () => {
    expect(createRedactor(['abcd', 'abcdefgh'])('x abcdefgh y abcd')).toBe(`x ${REDACTED} y ${REDACTED}`)
  })

  test('takes no secret that is too short to tell it from text', () => {
    expect(createRedactor(['', 'a'])('a banana')).toBe('a banana')
  })
})

describe('toMessage', () => {
  test('puts foreign text on one printable line', () => {
    expect(toMessage('  first\r\n\u001b[31msecond\u2028third\u202e \t end ')).toBe('first [31msecond third end')
  })

  test('cuts by characters, not through one', () => {
    const text = '🙂'.repeat(10)

    expect(toMessage(text, 5)).toBe('🙂🙂🙂🙂…')
  })

  test('redacts before it puts lines together', () => {
    expect(toMessage('password: hunter2-x\nretry later')).toBe(`password: ${REDACTED} retry later`)
  })
})
