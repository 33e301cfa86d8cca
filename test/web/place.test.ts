import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hrefOf, type Place, parsePlace } from '../../src/web/place.ts'

describe('an address of the page', () => {
  test('leads back to its place, whatever the names are', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    const filter = fc.record(
      {
        kind: text,
        state: fc.constantFrom('failing', 'healthy'),
        drifted: fc.constant(true),
        unmanaged: fc.constant(true),
        cause: text,
        q: text,
      },
      { requiredKeys: [] },
    )
    const object = fc.record({ kind: fc.constantFrom('Mailbox', 'EmailServerProfile'), key: text })
    const place = fc.record(
      { view: fc.constant('scope'), kind: fc.constantFrom('organization', 'trust'), name: text, filter, object },
      { requiredKeys: ['view', 'kind', 'name', 'filter'] },
    )

    fc.assert(
      fc.property(place, (one) => {
        expect(parsePlace(hrefOf(one as Place))).toEqual(one)
      }),
    )
  })

  test.each([
    { hash: '', reason: 'no place' },
    { hash: '#/', reason: 'the overview' },
    { hash: '#/organization', reason: 'a kind without a name' },
    { hash: '#/constructor/x', reason: 'a kind that there is not' },
    { hash: '#//evil.example/', reason: 'another host' },
  ])('is the overview: $reason', ({ hash }) => {
    expect(parsePlace(hash)).toEqual({ view: 'overview' })
  })

  test.each([
    { hash: '#/trust/%E0%A4', name: '%E0%A4', reason: 'broken encoding' },
    { hash: '#/trust/a?state=__proto__&drifted=1&object=x', name: 'a', reason: 'a filter that means nothing' },
  ])('keeps what it can read: $reason', ({ hash, name }) => {
    expect(parsePlace(hash)).toEqual({ view: 'scope', kind: 'trust', name, filter: {} })
  })
})
