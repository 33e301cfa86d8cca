import { describe, expect, test } from 'vitest'
import { checkBranch, checkFolder, GitInputError, parseAddress, tagMatcher } from '../../src/git/address.ts'
import { configText } from '../../src/git/config-text.ts'
import { versionFault } from '../../src/git/version.ts'
import { compareVersions } from '../../src/git/version-order.ts'

describe('an address', () => {
  test.each([
    { text: 'https://git.contoso.com/crm/mail.git', reason: 'the usual form' },
    { text: 'https://git.contoso.com:8443/crm/mail.git', reason: 'a port' },
    { text: 'https://dev.azure.com/contoso/My%20Project/_git/mail', reason: 'Azure DevOps writes spaces so' },
    { text: 'https://[::1]:8443/mail.git', reason: 'an address of IPv6' },
    { text: 'ssh://git.contoso.com/~ann/mail.git', reason: 'a home on the server' },
  ])('$text is passed on as it is: $reason', ({ text }) => {
    expect(parseAddress(text).url).toBe(text)
  })

  test('an ssh address loses its user, which goes where options are', () => {
    expect(parseAddress('ssh://git@git.contoso.com:2222/mail.git')).toEqual({
      scheme: 'ssh',
      host: 'git.contoso.com',
      port: 2222,
      user: 'git',
      path: '/mail.git',
      url: 'ssh://git.contoso.com:2222/mail.git',
    })
  })

  test('a refused one is not repeated, because it may hold a password', () => {
    expect(() => parseAddress('https://ann:s3cret@git.contoso.com/mail.git')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    )
  })
})

describe('a reference', () => {
  test.each(['main', 'release/2026', 'v1.2.3', 'a_b-c'])('%s is the name of a branch', (name) => {
    expect(checkBranch(name)).toBe(name)
  })

  test.each([
    { pattern: 'mail-v*', name: 'mail-v1.2', is: true, reason: 'a star stands for anything' },
    { pattern: 'mail-v*', name: 'mail-v1/2', is: false, reason: 'but a slash' },
    { pattern: 'v1.2', name: 'v1x2', is: false, reason: 'a dot is a dot' },
    { pattern: '*', name: '-x', is: false, reason: 'what git could take for an option is never a tag' },
    { pattern: '*', name: 'a..b', is: false, reason: 'nor is a range' },
    { pattern: `${'*a'.repeat(60)}`, name: `${'a'.repeat(120)}b`, is: false, reason: 'an answer comes at once' },
  ])('$pattern and $name: $reason', ({ pattern, name, is }) => {
    expect(tagMatcher(pattern)(name)).toBe(is)
  })
})

test.each([
  ['.', ''],
  ['spec/', 'spec'],
  ['./a//b', 'a/b'],
])('the folder %s is %s', (folder, expected) => {
  expect(checkFolder(folder)).toBe(expected)
})

test.each([
  { older: 'v1.9', newer: 'v1.10', reason: 'numbers count by value' },
  { older: 'v1.0.0-rc1', newer: 'v1.0.0', reason: 'a candidate comes before what it becomes' },
  { older: 'v1.0.0-rc2', newer: 'v1.0.0-rc10', reason: 'candidates by number' },
  { older: 'v1.2', newer: 'v1.2.1', reason: 'a longer one is newer' },
  { older: 'v1.2-rc1', newer: 'v1.2.1', reason: 'and newer than a candidate of the shorter' },
  { older: 'v9007199254740993', newer: 'v9007199254740994', reason: 'no digit is lost' },
  { older: 'v01', newer: 'v2', reason: 'zeros in front do not count' },
])('$older is older than $newer: $reason', ({ older, newer }) => {
  expect(compareVersions(older, newer)).toBeLessThan(0)
  expect(compareVersions(newer, older)).toBeGreaterThan(0)
  expect(compareVersions(newer, newer)).toBe(0)
})

test('a setting is quoted, and one with a line break refused without repeating it', () => {
  expect(configText([{ section: 'http', subsection: 'https://a"b/', key: 'extraHeader', value: 'a\\b"c' }])).toBe(
    '[http "https://a\\"b/"]\n\textraHeader = "a\\\\b\\"c"\n',
  )
  expect(() => configText([{ section: 'http', key: 'proxy', value: 's3cret\n[core]' }])).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
  )
})

test.each([
  { text: 'git version 2.39.5\n', fault: undefined },
  { text: 'git version 3.0.1.windows.1\n', fault: undefined },
  { text: 'git version 2.38.9\n', fault: expect.stringContaining('git 2.38 is too old') },
  { text: 'git version 1.99\n', fault: expect.stringContaining('too old') },
  { text: 'something else\n', fault: expect.stringContaining('did not tell its version') },
])('$text', ({ text, fault }) => {
  expect(versionFault(text)).toEqual(fault)
})

test('what may not be used is an error of its own', () => {
  expect(() => checkBranch('-x')).toThrow(GitInputError)
})
