// A1, A2, A4: an address, a reference or a folder that git would take for an option, a command or a path of this machine.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { checkBranch, checkFolder, GitInputError, parseAddress, tagMatcher } from '../../src/git/address.ts'
import { openOver, temporaryFolder } from '../git/repository.ts'

const made: ReturnType<typeof temporaryFolder>[] = []
afterEach(() => {
  for (const folder of made.splice(0)) folder.remove()
})

const ADDRESSES = [
  { row: 'A1', text: '--upload-pack=touch /tmp/x', reason: 'an option' },
  { row: 'A1', text: '-u', reason: 'a short option' },
  { row: 'A1', text: 'ext::sh -c touch% /tmp/x', reason: 'a command as transport' },
  { row: 'A1', text: 'EXT::sh -c x', reason: 'in capitals too' },
  { row: 'A1', text: 'fd::7', reason: 'an open file as transport' },
  { row: 'A1', text: 'https::ext::sh -c x', reason: 'a helper in front' },
  { row: 'A1', text: 'HTTPS://git.contoso.com/a.git', reason: 'a scheme in capitals' },
  { row: 'A2', text: 'ssh://-oProxyCommand=x/a.git', reason: 'a host that is an option of ssh' },
  { row: 'A2', text: 'ssh://-oProxyCommand=x@git.contoso.com/a.git', reason: 'a user that is one' },
  { row: 'A2', text: 'ssh://git@-x:22/a.git', reason: 'a host that begins with a dash behind a user' },
  { row: 'A2', text: 'ssh://git.contoso.com/--upload-pack=x', reason: 'a path that is an option of the other end' },
  { row: 'A2', text: 'ssh://git.contoso.com/%2d%2dx', reason: 'behind percent signs' },
  { row: 'A2', text: 'https://git.contoso.com/a.git\n--upload-pack=x', reason: 'a second line' },
  { row: 'A2', text: 'https://git.contoso.com/a%0ab.git', reason: 'a line break behind a percent sign' },
  { row: 'A2', text: 'https://git.contoso.com/$(touch x).git;x', reason: 'words of a shell' },
  { row: 'A2', text: 'https://ann:pw@git.contoso.com/a.git', reason: 'a password' },
  { row: 'A2', text: 'https://git.contoso.com@evil.test/a.git', reason: 'a host that is not the one it seems' },
  { row: 'A2', text: 'https://git.contoso.com\\@evil.test/a.git', reason: 'nor behind a backslash' },
  { row: 'A2', text: 'https://git.contoso.com/a/../../b.git', reason: 'a path that goes up' },
  { row: 'A2', text: 'https://git.contoso.com/a/%2e%2e/b.git', reason: 'behind percent signs' },
  { row: 'A2', text: 'https://git.contoso.com/a.git?x=1', reason: 'a query' },
  { row: 'A2', text: 'https://git.contoso.com:99999/a.git', reason: 'a port that is none' },
  { row: 'A2', text: `https://git.contoso.com/${'a'.repeat(3000)}`, reason: 'an endless one' },
  { row: 'A4', text: 'file:///etc', reason: 'a path of this machine' },
  { row: 'A4', text: '/srv/mail.git', reason: 'a mere path' },
  { row: 'A4', text: '../mail.git', reason: 'a relative one' },
  { row: 'A4', text: 'C:\\mail.git', reason: 'one of Windows' },
  {
    row: 'A4',
    text: 'git@git.contoso.com:mail.git',
    reason: 'the short form, which is a path where a colon is missing',
  },
  { row: 'A4', text: 'git://git.contoso.com/mail.git', reason: 'nobody vouches for such a server' },
  { row: 'A4', text: 'http://git.contoso.com/mail.git', reason: 'nor for such a one' },
]

describe.each(ADDRESSES)('$row: the address $text ($reason)', ({ text }) => {
  test('is refused before anything runs or is made', async () => {
    const state = temporaryFolder()
    made.push(state)

    const opening = openOver({ url: text, caPem: '' }, state.path)

    await expect(opening).rejects.toBeInstanceOf(GitInputError)
    expect(existsSync(join(state.path, 'git'))).toBe(false)
    expect(() => parseAddress(text)).toThrow(GitInputError)
  })
})

test.each([
  '-x',
  '--upload-pack=x',
  'a..b',
  'a b',
  'a\nb',
  'a:b',
  '+a',
  'a@{1}',
  'a^',
  'a~1',
  'a*',
  '/a',
  'a/',
  'a/.b',
  'a/-b',
  'a.lock',
  '',
])('A1: %j is no branch and no tag', (name) => {
  expect(() => checkBranch(name)).toThrow(GitInputError)
  if (name !== 'a*') expect(() => tagMatcher(name)).toThrow(GitInputError)
})

test.each(['..', 'a/../b', '/etc', '../', 'a\\..\\b', 'a\nb', 'a:b', 'a\0'])(
  'A6: the folder %j leads out of the tree',
  (folder) => {
    expect(() => checkFolder(folder)).toThrow(GitInputError)
  },
)
