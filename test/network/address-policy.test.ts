import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAddressPolicy, isLoopback, isRefusedAddress } from '../../src/network/address-policy.ts'

const ALLOWED = [
  'https://crm.contoso.com',
  'http://127.0.0.1:8080',
  'https://169.254.169.254',
  'http://metadata.google.internal',
]
const refusalOf = createAddressPolicy(ALLOWED)

describe('createAddressPolicy', () => {
  test.each([
    { url: 'https://crm.contoso.com/org/api?x=y', reason: 'on the list' },
    { url: 'https://CRM.contoso.com:443/', reason: 'written differently' },
    { url: 'http://127.0.0.1:8080/', reason: 'on the list with its port' },
  ])('allows $url: $reason', ({ url }) => {
    expect(refusalOf(new URL(url))).toBeUndefined()
  })

  test.each([
    { url: 'http://crm.contoso.com/', reason: 'another scheme' },
    { url: 'https://crm.contoso.com:444/', reason: 'another port' },
    { url: 'https://crm.contoso.com.evil.test/', reason: 'a longer name' },
    { url: 'https://evil.test/crm.contoso.com', reason: 'the name in the path' },
    { url: 'https://ann:secret@crm.contoso.com/', reason: 'credentials in the address' },
    { url: 'ftp://crm.contoso.com/', reason: 'not HTTP' },
    { url: 'file:///etc/passwd', reason: 'a file' },
    { url: 'https://169.254.169.254/latest', reason: 'A16: cloud metadata, even where somebody put it on the list' },
    { url: 'http://metadata.google.internal/', reason: 'A16: the name of cloud metadata' },
  ])('refuses $url: $reason', ({ url }) => {
    expect(refusalOf(new URL(url))).toMatch(/refused|not on the list|credentials/)
  })

  test.each(['crm.contoso.com', 'ftp://crm.contoso.com', ''])('takes %j for no origin', (origin) => {
    expect(() => createAddressPolicy([origin])).toThrow(TypeError)
  })
})

describe('isRefusedAddress', () => {
  test.each([
    { address: '169.254.169.254', reason: 'AWS, Azure, Google' },
    { address: '169.254.0.1', reason: 'link-local' },
    { address: '100.100.100.200', reason: 'Alibaba' },
    { address: '168.63.129.16', reason: 'the Azure host' },
    { address: 'fe80::1', reason: 'link-local' },
    { address: 'fe80::1%eth0', reason: 'link-local with its zone' },
    { address: 'febf::1', reason: 'the end of link-local' },
    { address: 'fd00:ec2::254', reason: 'AWS over IPv6' },
    { address: '::ffff:169.254.169.254', reason: 'IPv4 mapped' },
    { address: '::ffff:a9fe:a9fe', reason: 'IPv4 mapped in hexadecimal' },
    { address: '::a9fe:a9fe', reason: 'IPv4 compatible' },
    { address: '64:ff9b::a9fe:a9fe', reason: 'through NAT64' },
    { address: '2002:a9fe:a9fe::1', reason: 'through 6to4' },
  ])('$address: $reason', ({ address }) => {
    expect(isRefusedAddress(address)).toBe(true)
  })

  test.each([
    '127.0.0.1',
    '10.0.0.4',
    '169.253.255.255',
    '::1',
    '::',
    'fd00::1',
    'fec0::1',
    '2603:1020::5',
    'crm.contoso.com',
    '',
  ])('%s is none of them', (address) => {
    expect(isRefusedAddress(address)).toBe(false)
  })

  test('finds link-local addresses however IPv6 carries them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), (third, fourth) => {
        const tail = ((third << 8) | fourth).toString(16)

        expect(isRefusedAddress(`169.254.${third}.${fourth}`)).toBe(true)
        expect(isRefusedAddress(`::ffff:a9fe:${tail}`)).toBe(true)
        expect(isRefusedAddress(`64:ff9b::169.254.${third}.${fourth}`)).toBe(true)
      }),
    )
  })

  test.each(['2852039166', '0xA9FEA9FE', '0251.0376.0251.0376', '169.16689662'])(
    'A16: %s is the metadata address once it stands in a URL',
    (host) => {
      expect(refusalOf(new URL(`http://${host}/`))).toBe('link-local and metadata addresses are refused')
    },
  )
})

describe('isLoopback', () => {
  test.each([
    { host: 'localhost', expected: true },
    { host: 'a.localhost', expected: true },
    { host: '127.9.9.9', expected: true },
    { host: '[::1]', expected: true },
    { host: 'localhost.evil.test', expected: false },
    { host: '127.0.0.1.evil.test', expected: false },
    { host: '10.0.0.1', expected: false },
  ])('$host: $expected', ({ host, expected }) => {
    expect(isLoopback(host)).toBe(expected)
  })
})
