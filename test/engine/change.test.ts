import { describe, expect, it } from 'vitest'
import { changeId, digestOf, fieldsAsText, type Identity } from '../../src/engine/index.ts'

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

describe('the id of a change made from parts', () => {
  const FIELDS = [
    { field: 'test', to: 'Requested', volatile: true },
    { field: 'profile', from: 'Old "one"', to: 'Exchange Online' },
  ] as const

  it('is the same with and without the text of its fields, and does not change from version to version', () => {
    const identity: Identity = {
      scope: 'a"b',
      stage: 'mailbox',
      key: 'ann@contoso.com',
      action: 'update',
      fields: FIELDS,
    }

    const ids = [changeId(identity), changeId(identity, fieldsAsText([...FIELDS].reverse()))]

    expect(ids).toEqual(['f07a99fb81a24ac1d43f38f2b3c7f8a8', 'f07a99fb81a24ac1d43f38f2b3c7f8a8'])
  })
})
