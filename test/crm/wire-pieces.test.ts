import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CrmError, isParked, type WriteOperation } from '../../src/crm/index.ts'
import { readBody } from '../../src/crm/wire/body.ts'
import { rebaseNextLink } from '../../src/crm/wire/next-link.ts'
import { parseServiceRoot } from '../../src/crm/wire/service-root.ts'
import { wavesOf } from '../../src/crm/write/waves.ts'
import { id } from '../wire/crm-fixtures.ts'

describe('the URL of an organization', () => {
  test.each([
    { url: 'https://crm.contoso.com/ContosoSales', path: '/ContosoSales/api/data/', segment: undefined },
    { url: 'https://crm.contoso.com/ContosoSales/', path: '/ContosoSales/api/data/', segment: undefined },
    { url: 'http://crm:5555/ContosoSales/api/data', path: '/ContosoSales/api/data/', segment: undefined },
    { url: 'https://crm.contoso.com/ContosoSales/api/data/v9.0/', path: '/ContosoSales/api/data/', segment: 'v9.0' },
    { url: 'https://sales.crm.contoso.com', path: '/api/data/', segment: undefined },
    { url: 'https://sales.crm.contoso.com/API/data/V8.2', path: '/api/data/', segment: 'v8.2' },
  ])('$url', ({ url, path, segment }) => {
    expect(parseServiceRoot(url)).toMatchObject({ apiPath: path, segment, origin: new URL(url).origin })
  })

  test.each([
    '',
    'crm.contoso.com/Org',
    'ftp://crm/Org',
    'https://u:p@crm/Org',
    'https://crm/Org?x=1',
    'https://crm/Org#x',
  ])('is not %s', (url) => {
    expect(() => parseServiceRoot(url)).toThrow(CrmError)
  })

  test('with credentials in it is not shown', () => {
    expect(() => parseServiceRoot('https://ann:geheim@crm/Org')).toThrow(/^(?!.*geheim)/)
  })
})

describe('a link to the next page', () => {
  const query = '?$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253c%22%20/%3E&x=ä b'

  test.each([
    { reason: 'our own host', link: `https://crm.contoso.com/Org/api/data/v9.1/mailboxes${query}` },
    { reason: 'an internal host', link: `http://CRMSRV01:5555/Org/api/data/v9.1/mailboxes${query}` },
    {
      reason: 'an internal host without the organization in the path',
      link: `http://crmsrv01/api/data/v9.1/mailboxes${query}`,
    },
    { reason: 'other letter case of the path', link: `http://crmsrv01/ORG/API/data/v9.1/mailboxes${query}` },
    { reason: 'no host', link: `/Org/api/data/v9.1/mailboxes${query}` },
    { reason: 'relative', link: `mailboxes${query}` },
  ])('is taken over unchanged from $reason', ({ link }) => {
    expect(rebaseNextLink(link, 'v9.1', 'mailboxes')).toBe(`mailboxes${query}`)
  })

  test('never leads anywhere but to the same set', () => {
    const piece = fc.constantFrom(
      'https://evil',
      'http:',
      '//',
      '/',
      '..',
      '.',
      '%2e%2e',
      '\\',
      'api',
      'data',
      'v9.1',
      'mailboxes',
      'systemusers',
      '?',
      '#',
      '@',
      ':',
      'x=1',
    )

    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = rebaseNextLink(pieces.join(''), 'v9.1', 'mailboxes')

        if (path !== undefined) {
          const url = new URL(`https://crm.contoso.com/Org/api/data/v9.1/${path}`)
          expect(url.pathname).toBe('/Org/api/data/v9.1/mailboxes')
          expect(url.hash).toBe('')
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a body', () => {
  test.each([
    { text: '{"a":1}', body: { kind: 'json', value: { a: 1 } } },
    { text: '\uFEFF [1]', body: { kind: 'json', value: [1] } },
    { text: '{"a":', body: { kind: 'broken' } },
    { text: '', body: { kind: 'empty' } },
    { text: ' \r\n', body: { kind: 'empty' } },
    { text: '\uFEFF<html>x', body: { kind: 'html', signIn: false } },
    { text: '<form><input type="password">', body: { kind: 'html', signIn: true } },
    { text: '5000', body: { kind: 'text' } },
  ])('$text', ({ text, body }) => {
    expect(readBody(Buffer.from(text))).toEqual(body)
  })
})

describe('waves', () => {
  const ids = fc.integer({ min: 1, max: 4 })
  const operation: fc.Arbitrary<WriteOperation> = fc.oneof(
    fc.record({
      ref: fc.uuid(),
      kind: fc.constant('update-mailbox' as const),
      id: ids.map((number) => id('mbox', number)),
      patch: fc.oneof(
        fc.constant({}),
        ids.map((number) => ({ profileId: id('prof', number) })),
      ),
    }),
    fc.record({
      ref: fc.uuid(),
      kind: fc.constant('delete-profile' as const),
      id: ids.map((number) => id('prof', number)),
    }),
    fc.record({
      ref: fc.uuid(),
      kind: fc.constantFrom('create-profile' as const, 'update-profile' as const),
      id: ids.map((number) => id('prof', number).toUpperCase()),
      patch: fc.constant({}),
    }),
  )

  test('hold every operation once, in order, and nothing in a wave depends on anything else in it', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        const waves = wavesOf(operations)

        expect(waves.flat()).toEqual(operations)
        for (const wave of waves) {
          const rows = wave.map((each) => each.id.toLowerCase())
          expect(new Set(rows).size, 'a row twice').toBe(rows.length)
          for (const each of wave) {
            const target = each.kind === 'update-mailbox' ? each.patch.profileId : undefined
            if (target) expect(rows, 'a row and what points at it').not.toContain(target)
          }
          expect(wave.slice(1).every(({ kind }) => kind !== 'delete-profile')).toBe(true)
        }
      }),
    )
  })
})

test('parked is the far future', () => {
  expect(isParked('9999-12-30T23:59:59Z')).toBe(true)
  expect(isParked('2026-12-30T00:00:00Z')).toBe(false)
  expect(isParked(null)).toBe(false)
})
