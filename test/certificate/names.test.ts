import { describe, expect, it } from 'vitest'
import { parseSubject } from '../../src/certificate/subject.ts'
import { windowsName } from '../../src/certificate/windows-name.ts'

describe('the name of a certificate as Windows shows it', () => {
  it.each([
    { node: 'C=DE\nO=Contoso\nCN=crm', windows: 'CN=crm, O=Contoso, C=DE', reason: 'the other way round' },
    { node: 'O=Contoso\\, Ltd.', windows: 'O="Contoso, Ltd."', reason: 'a comma is quoted' },
    { node: 'CN=a\\"b', windows: 'CN="a""b"', reason: 'a quote is doubled' },
    { node: 'CN=a\\+b', windows: 'CN="a+b"', reason: 'a plus' },
    { node: 'CN=M\\C3\\BCnchen', windows: 'CN=München', reason: 'bytes as hexadecimal' },
    { node: 'CN=München', windows: 'CN=München', reason: 'letters as they are' },
    { node: 'CN=\\ padded\\ ', windows: 'CN=" padded "', reason: 'blanks at the ends' },
    { node: 'ST=Bayern\nemailAddress=a@b.c', windows: 'E=a@b.c, S=Bayern', reason: 'types are called otherwise' },
    { node: '2.5.4.97=VATDE-1', windows: 'OID.2.5.4.97=VATDE-1', reason: 'a type without a name' },
  ])('$windows: $reason', ({ node, windows }) => {
    expect(windowsName(node)).toBe(windows)
  })
})

describe('a subject that a person writes', () => {
  it.each([
    { text: 'CN=crm', parts: ['CN=crm'], reason: 'one part' },
    { text: 'CN=crm, O=Contoso', parts: ['CN=crm', 'O=Contoso'], reason: 'two' },
    { text: 'cn = crm,o=Contoso ', parts: ['CN=crm', 'O=Contoso'], reason: 'blanks and small letters' },
    { text: 'CN=crm, O="Contoso, ""Ltd."""', parts: ['CN=crm', 'O=Contoso, "Ltd."'], reason: 'quotes' },
    { text: 'CN=crm, S=Bayern', parts: ['CN=crm', 'ST=Bayern'], reason: 'S of Windows' },
  ])('$text: $reason', ({ text, parts }) => {
    expect(parseSubject(text).map(({ type, value }) => `${type}=${value}`)).toEqual(parts)
  })

  it.each([
    { text: '', says: 'CN', reason: 'nothing' },
    { text: 'crm', says: 'is no subject', reason: 'no type' },
    { text: 'O=Contoso', says: 'needs a part CN', reason: 'no CN' },
    { text: 'CN=', says: 'is empty', reason: 'no value' },
    { text: 'CN=crm, UID=7', says: 'has a part UID', reason: 'a type we do not write' },
    { text: 'CN=crm, C=Germany', says: 'two letters', reason: 'no country' },
    { text: `CN=${'x'.repeat(65)}`, says: '64', reason: 'too long' },
    { text: 'CN=a\u0007b', says: 'control', reason: 'a control character' },
  ])('$reason is refused', ({ text, says }) => {
    expect(() => parseSubject(text)).toThrow(says)
  })
})
