import { expect, test } from 'vitest'
import { createNoProxy } from '../../src/network/no-proxy.ts'

test.each([
  { entry: 'contoso.com', url: 'https://contoso.com/', direct: true, reason: 'the name itself' },
  { entry: 'contoso.com', url: 'https://crm.contoso.com/', direct: true, reason: 'a subdomain' },
  { entry: '.contoso.com', url: 'https://crm.contoso.com/', direct: true, reason: 'with a leading dot' },
  { entry: '*.contoso.com', url: 'https://crm.contoso.com/', direct: true, reason: 'with a star' },
  { entry: ' CONTOSO.com ', url: 'https://contoso.com./', direct: true, reason: 'case, white space and the root dot' },
  { entry: 'contoso.com', url: 'https://notcontoso.com/', direct: false, reason: 'only the same ending' },
  { entry: 'contoso.com', url: 'https://contoso.com.evil.test/', direct: false, reason: 'only the same beginning' },
  { entry: 'contoso.com:8443', url: 'https://contoso.com:8443/', direct: true, reason: 'the same port' },
  { entry: 'contoso.com:8443', url: 'https://contoso.com/', direct: false, reason: 'another port' },
  { entry: 'contoso.com:443', url: 'https://contoso.com/', direct: true, reason: 'the port that https implies' },
  { entry: '10.1.2.3', url: 'http://10.1.2.3/', direct: true, reason: 'an address' },
  { entry: '10.0.0.0/8', url: 'http://10.200.1.1/', direct: true, reason: 'inside a network' },
  { entry: '10.0.0.0/8', url: 'http://11.0.0.1/', direct: false, reason: 'outside a network' },
  { entry: '10.0.0.0/33', url: 'http://10.0.0.1/', direct: false, reason: 'no network' },
  { entry: 'fd00::/8', url: 'http://[fd12::1]/', direct: true, reason: 'inside a network of IPv6' },
  { entry: '[fd12::1]:8080', url: 'http://[fd12::1]:8080/', direct: true, reason: 'IPv6 with a port' },
  { entry: 'fd12:0:0::1', url: 'http://[fd12::1]/', direct: true, reason: 'IPv6 written differently' },
  { entry: '*', url: 'https://crm.contoso.com/', direct: true, reason: 'everything' },
  { entry: '', url: 'https://crm.contoso.com/', direct: false, reason: 'nothing' },
  { entry: '.', url: 'https://crm.contoso.com/', direct: false, reason: 'a lone dot' },
  { entry: 'contoso.com', url: 'http://localhost/', direct: true, reason: 'loopback needs no entry' },
  { entry: 'contoso.com', url: 'http://[::1]/', direct: true, reason: 'nor does loopback of IPv6' },
])('$entry and $url: $reason', ({ entry, url, direct }) => {
  expect(createNoProxy([entry])(new URL(url))).toBe(direct)
})

test('one entry of many is enough', () => {
  expect(createNoProxy(['a.test', 'b.test'])(new URL('https://b.test/'))).toBe(true)
})
