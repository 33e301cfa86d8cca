import { expect, it } from 'vitest'
import { nearest } from '../../src/spec/explain/did-you-mean.ts'

it.each([
  { word: 'tina@contoso.com', near: undefined, reason: 'a domain that is the same makes nobody a slip of somebody' },
  { word: 'anna@contoso.com', near: 'ann@contoso.com', reason: 'one letter too many' },
  { word: 'ann@contso.com', near: 'ann@contoso.com', reason: 'a slip in the domain' },
])('$word: $reason', ({ word, near }) => {
  expect(nearest(word, ['ann@contoso.com', 'bob@contoso.com'])).toBe(near)
})
