import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress, findAddressFault, findDisguise, isPlainAddress } from '../../src/spec/address.ts'

describe('the canonical form of an address', () => {
  it.each([
    { written: 'Ann@Contoso.COM', canonical: 'ann@contoso.com', reason: 'case is no difference' },
    { written: 'ann@contoso.com', canonical: 'ann@contoso.com', reason: 'already canonical' },
    { written: '\uff41\uff4e\uff4e@contoso.com', canonical: 'ann@contoso.com', reason: 'full-width letters' },
    {
      written: 'M\u00dcLLER@contoso.com',
      canonical: 'm\u00fcller@contoso.com',
      reason: 'letters with marks have cases too',
    },
    { written: 'mu\u0308ller@contoso.com', canonical: 'm\u00fcller@contoso.com', reason: 'marks written apart' },
    { written: 'I@contoso.com', canonical: 'i@contoso.com', reason: 'the same in every language, Turkish too' },
  ])('$reason', ({ written, canonical }) => {
    expect(canonicalAddress(written)).toBe(canonical)
  })

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(canonicalAddress(canonicalAddress(text))).toBe(canonicalAddress(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same for every mixture of cases', () => {
    const ascii = fc.string({ unit: fc.constantFrom(...'abcxyz019.-_+@'), minLength: 1 })

    fc.assert(
      fc.property(ascii, fc.array(fc.boolean()), (text, upper) => {
        const mixed = [...text].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join('')

        expect(canonicalAddress(mixed)).toBe(canonicalAddress(text))
      }),
    )
  })
})

describe('an address that is not what it looks like', () => {
  it.each([
    { written: '\u0430nn@contoso.com', message: 'U+0430', readsAs: 'ann@contoso.com', reason: 'one Cyrillic letter' },
    {
      written: 'ann@c\u03bfntoso.com',
      message: 'U+03BF',
      readsAs: 'ann@contoso.com',
      reason: 'a Greek letter in the domain',
    },
    {
      written: '\u0441\u043e\u0440\u0430@contoso.com',
      message: 'U+0441',
      readsAs: 'copa@contoso.com',
      reason: 'a name of look-alikes only',
    },
    { written: 'an\u200dn@contoso.com', message: 'U+200D', readsAs: 'ann@contoso.com', reason: 'a joiner' },
    { written: 'ann\u00a0@contoso.com', message: 'U+00A0', readsAs: 'ann@contoso.com', reason: 'a hard blank' },
    {
      written: 'an\u034fn@contoso.com',
      message: 'U+034F',
      readsAs: 'ann@contoso.com',
      reason: 'a mark without a shape',
    },
    { written: '\uff21nn@contoso.com', message: 'U+FF21', readsAs: 'ann@contoso.com', reason: 'a full-width letter' },
    {
      written: '\u{1d41a}nn@contoso.com',
      message: 'U+1D41A',
      readsAs: 'ann@contoso.com',
      reason: 'a mathematical letter',
    },
    { written: 'k\u0131t@contoso.com', message: 'U+0131', readsAs: 'kit@contoso.com', reason: 'an i without its dot' },
    {
      written: 'ann\u4e00@contoso.com',
      message: 'U+4E00',
      readsAs: 'ann\u4e00@contoso.com',
      reason: 'two scripts in one word',
    },
  ])('is found: $reason', ({ written, message, readsAs }) => {
    const disguise = findDisguise(written)

    expect(disguise?.message).toContain(message)
    expect(disguise?.readsAs).toBe(readsAs)
  })

  it.each([
    'ann@contoso.com',
    'm\u00fcller@contoso.com',
    'jos\u00e9.garc\u00eda@contoso.com',
    '\u4e00\u4e8c@contoso.com',
    '\u0436\u0444\u0449@contoso.com',
    "o'neil+crm@contoso.co.uk",
  ])('is not suspected in %s', (written) => {
    expect(findDisguise(written)).toBeUndefined()
  })
})

describe('the form of an address', () => {
  it.each([
    { address: 'ann', fault: 'one @' },
    { address: '@contoso.com', fault: 'one @' },
    { address: 'a@b@contoso.com', fault: 'one @' },
    { address: `${'x'.repeat(65)}@contoso.com`, fault: '64 characters' },
    { address: 'ann..lee@contoso.com', fault: 'dots' },
    { address: 'ann.@contoso.com', fault: 'dots' },
    { address: 'a"b@contoso.com', fault: 'a character that no address has' },
    { address: 'ann@localhost', fault: 'no dot' },
    { address: 'ann@contoso..com', fault: 'no domain' },
    { address: 'ann@-contoso.com', fault: 'no domain' },
    { address: `ann@${'x'.repeat(64)}.com`, fault: 'no domain' },
    { address: 'ann@con_toso.com', fault: 'no domain' },
  ])('$address', ({ address, fault }) => {
    expect(findAddressFault(address)).toContain(fault)
  })

  it.each(["o'neil@contoso.com", 'a.b+c=d@sub.contoso.co.uk', '1@1.de', 'm\u00fcller@m\u00fcller.de'])(
    '%s is fine',
    (address) => {
      expect(findAddressFault(address)).toBeUndefined()
    },
  )
})

describe('the short look at an address', () => {
  it('never passes what a long look would refuse or write differently', () => {
    const piece = fc.string({ unit: fc.constantFrom(...'abzAZ019._-+@\u0430\u00fc'), maxLength: 24 })
    const address = fc.oneof(
      fc.tuple(piece, piece).map(([local, domain]) => `${local}@${domain}.com`),
      piece,
    )

    fc.assert(
      fc.property(address, (text) => {
        if (!isPlainAddress(text)) return
        expect(canonicalAddress(text)).toBe(text)
        expect(findDisguise(text)).toBeUndefined()
        expect(findAddressFault(text)).toBeUndefined()
      }),
      { numRuns: 20_000 },
    )
  })

  it('passes what addresses usually look like', () => {
    expect(['ann@contoso.com', 'adele.albers12@contoso.com', 'sales-eu@mail.contoso.co.uk'].every(isPlainAddress)).toBe(
      true,
    )
  })
})
