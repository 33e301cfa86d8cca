import { describe, expect, it } from 'vitest'
import { changeId, digestOf, type Identity } from '../../src/engine/index.ts'

const BASE: Identity = {
  scope: 'organization/sales',
  stage: 'book',
  key: 'a',
  action: 'update',
  fields: [
    { field: 'open', from: false, to: true },
    { field: 'shelf', from: null, to: 's1' },
  ],
}

describe('the id of a change', () => {
  it.each<{ reason: string; other: Partial<Identity> }>([
    { reason: 'another scope is another change', other: { scope: 'organization/support' } },
    { reason: 'another stage is another change', other: { stage: 'shelf' } },
    { reason: 'another object is another change', other: { key: 'b' } },
    { reason: 'another action is another change', other: { action: 'create' } },
    { reason: 'another value asked is another change', other: { fields: [{ field: 'open', from: false, to: false }] } },
    { reason: 'another value found is another change', other: { fields: [{ field: 'open', from: true, to: true }] } },
    { reason: 'an unreadable value is not the same as null', other: { fields: [{ field: 'open', to: true }] } },
    { reason: 'fewer fields are another change', other: { fields: BASE.fields.slice(0, 1) } },
  ])('$reason', ({ other }) => {
    expect(changeId({ ...BASE, ...other })).not.toBe(changeId(BASE))
  })

  it('does not depend on the order in which the fields were written', () => {
    const turned = { ...BASE, fields: [...BASE.fields].reverse() }

    expect(changeId(turned)).toBe(changeId(BASE))
  })

  it('tells a null found from a value that could not be read', () => {
    const found = { ...BASE, fields: [{ field: 'shelf', from: null, to: 's1' }] }
    const unreadable = { ...BASE, fields: [{ field: 'shelf', to: 's1' }] }

    expect(changeId(found)).not.toBe(changeId(unreadable))
  })

  it('is 32 hexadecimal digits', () => {
    expect(changeId(BASE)).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('the digest of a plan', () => {
  it('depends on the set of ids and not on their order', () => {
    expect(digestOf(['b', 'a', 'c'])).toBe(digestOf(['c', 'b', 'a']))
    expect(digestOf(['a', 'b'])).not.toBe(digestOf(['a', 'b', 'c']))
  })

  it('tells ids that would run together', () => {
    expect(digestOf(['ab', 'c'])).not.toBe(digestOf(['a', 'bc']))
  })
})
