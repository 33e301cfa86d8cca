import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directorySource } from '../../src/spec/directory-source.ts'
import { loadSpec } from '../../src/spec/load.ts'
import type { ParseLimits } from '../../src/spec/yaml/limits.ts'
import { load, organization, problemsOf, profile, set } from './memory-source.ts'

const withOrganization = (document: string | Uint8Array) => ({
  'organization.yaml': organization(),
  'x.yaml': document,
})

describe('A6: content of files stays in the files', () => {
  it.each([
    { reason: 'a value of the wrong type', document: profile('  minimumPollingIntervalMinutes: topsecret\n') },
    { reason: 'a value that breaks a pattern', document: profile('  exchangeOnlineTenantId: topsecret\n') },
    { reason: 'broken quotes', document: 'password: "topsecret\n' },
    { reason: 'a second colon', document: 'password: topsecret: more\n' },
    { reason: 'an unknown alias', document: 'password: *topsecret\n' },
    { reason: 'a tag', document: 'password: !topsecret x\n' },
    { reason: 'an escape', document: 'password: "\\qtopsecret"\n' },
  ])('$reason does not quote the text', async ({ document }) => {
    const problems = await problemsOf(withOrganization(document))

    expect(problems.length).toBeGreaterThan(0)
    expect(problems.join('\n')).not.toContain('topsecret')
  })
})

describe('A5: links do not lead out of the spec', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailkeel-spec-'))
    const outside = join(folder, 'outside')
    const inside = join(folder, 'inside')
    await mkdir(join(outside, 'deeper'), { recursive: true })
    await mkdir(join(inside, '.git'), { recursive: true })
    await writeFile(join(outside, 'secret.yaml'), 'password: topsecret\n')
    await writeFile(join(inside, 'organization.yaml'), organization())
    await writeFile(join(inside, '.git', 'config.yaml'), 'a: b: c\n')
    await symlink(join(outside, 'secret.yaml'), join(inside, 'link.yaml'))
    await symlink(outside, join(inside, 'folder'))
    await symlink(join(outside, 'secret.yaml'), join(inside, 'README.md'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('a link to a file and a link to a folder are refused, other links and dot folders are nobody’s business', async () => {
    const loaded = await loadSpec(directorySource(join(folder, 'inside')))

    const message = 'this is a symbolic link, which could lead out of the spec; put the file itself here'
    expect(loaded).toEqual({
      ok: false,
      fileCount: 1,
      problems: [
        { file: 'folder', line: 1, column: 1, message },
        { file: 'link.yaml', line: 1, column: 1, message },
      ],
    })
  })
})

describe('A7: a file that would never end', () => {
  it.each([
    { reason: 'nothing but opening brackets', document: '['.repeat(100_000) },
    { reason: 'maps in maps in maps', document: '{a: '.repeat(50_000) },
    { reason: 'lists in lists in lists', document: '- '.repeat(50_000) },
    { reason: 'keys in keys in keys', document: '? '.repeat(50_000) },
    {
      reason: 'ever deeper blocks',
      document: Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    },
  ])('$reason is stopped while it is parsed', async ({ document }) => {
    const problems = await problemsOf(withOrganization(document))

    expect(problems).toEqual([expect.stringContaining('values are nested more than 20 deep')])
  })

  it('tokens, values, documents and bytes have limits', async () => {
    const messages = async (document: string, limits: Partial<ParseLimits>) => {
      const loaded = await load({ 'x.yaml': document }, { limits })
      return loaded.ok ? [] : loaded.problems.map(({ message }) => message)
    }

    const reported = await Promise.all([
      messages('#\n'.repeat(100), { maximumTokens: 50 }),
      messages(`[${'1,'.repeat(15)}${'[],'.repeat(6)}]`, { maximumNodes: 20 }),
      messages('--- a\n'.repeat(5), { maximumDocuments: 3 }),
      messages(`# ${'x'.repeat(3000)}\n`, { maximumBytes: 2000 }),
    ])

    expect(reported).toEqual([
      ['the file has more than 50 YAML tokens; split it into several files'],
      ['the file holds too many values; split it into several files'],
      ['the file has more than 3 documents; split it into several files'],
      [expect.stringContaining('the file is larger than')],
    ])
  })

  it('a file full of problems names the first thousand', async () => {
    const members = Array.from({ length: 3000 }, () => '    - 1\n').join('')

    const loaded = await load(withOrganization(set(`  mailboxes:\n${members}`)))

    const problems = loaded.ok ? [] : loaded.problems
    expect(problems).toHaveLength(1001)
    expect(problems.at(-1)?.message).toBe('and more problems in this file')
  })
})

describe('A8: numbers that are none', () => {
  it.each(['.nan', '.inf', '-.inf', '1e400', '-1e999'])('%s is refused', async (number) => {
    const problems = await problemsOf(withOrganization(profile(`  minimumPollingIntervalMinutes: ${number}\n`)))

    expect(problems).toEqual(['x.yaml:7:34 this is no finite number; put it in quotes if it is meant as text'])
  })
})

describe('A9 and A12: aliases, anchors, tags and directives', () => {
  it('an alias bomb is refused line by line and never expanded', async () => {
    const bomb = `a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n`

    const problems = await problemsOf(withOrganization(bomb))

    const anchor = 'anchors (&name) are not allowed; write the value where it is needed'
    const alias = 'aliases (*name) are not allowed; write the value out. A text that begins with * needs quotes'
    expect(problems).toEqual([
      `x.yaml:1:4 ${anchor}`,
      `x.yaml:2:4 ${anchor}`,
      `x.yaml:2:8 ${alias}`,
      `x.yaml:2:12 ${alias}`,
      `x.yaml:3:5 ${alias}`,
      `x.yaml:3:9 ${alias}`,
    ])
  })

  it.each([
    { document: 'a: !!omap [ b: 1 ]\n', problem: '1:4 tags' },
    { document: 'a: !!str 1\n', problem: '1:4 tags' },
    { document: '!!map {a: 1}\n', problem: '1:1 tags' },
    { document: 'a: !!js/function x\n', problem: '1:4 tags' },
    { document: '%YAML 1.1\n---\na: yes\n', problem: '1:1 directives' },
    { document: '%TAG ! tag:x,2000:\n---\na: 1\n', problem: '1:1 directives' },
  ])('$document is refused', async ({ document, problem }) => {
    const [first] = await problemsOf(withOrganization(document))

    expect(first).toContain(`x.yaml:${problem}`)
  })

  it('the same signs inside texts are only text', async () => {
    const description = `  description: 'fish & chips *now* !important 100%'\n`

    const problems = await problemsOf(withOrganization(profile(description)))

    expect(problems).toEqual([])
  })
})

describe('A10 and A11: keys that are more than a name', () => {
  it.each([
    { document: 'a: &a {b: 1}\nc: {<<: *a}\n', problem: 'merge keys (<<) are not allowed' },
    { document: '__proto__: {polluted: true}\n', problem: '`__proto__` is reserved' },
    { document: '"\\u005f_proto__": {polluted: true}\n', problem: '`__proto__` is reserved' },
    { document: 'constructor: {prototype: {polluted: true}}\n', problem: '`constructor` is reserved' },
    { document: 'toString: 1\n', problem: '`toString` is reserved' },
    { document: 'a: 1\n"a": 2\n', problem: '`a` is written twice' },
    { document: '{a: 1, a: 2}\n', problem: '`a` is written twice' },
    { document: '? [a]\n: 1\n', problem: 'a field name must be a word' },
    { document: 'true: 1\n', problem: 'a field name must be a word' },
    { document: '"7": 1\n', problem: 'a field name cannot be a number' },
  ])('$document', async ({ document, problem }) => {
    const problems = await problemsOf(withOrganization(document))

    expect(problems.some((reported) => reported.includes(problem))).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('A27: private keys and certificates in git', () => {
  const der = (...bytes: number[]) =>
    Buffer.concat([Buffer.from([0x30, 0x82, 0x09, 0x21, ...bytes]), Buffer.alloc(64, 7)])
  const pfx = der(0x02, 0x01, 0x03, 0x30, 0x82)

  it.each([
    {
      reason: 'a PEM key in a text block',
      content: profile('  description: |\n    -----BEGIN RSA PRIVATE KEY-----\n    MIIE\n'),
    },
    { reason: 'an encrypted PEM key in a comment', content: '# -----BEGIN ENCRYPTED PRIVATE KEY-----\n' },
    { reason: 'a PFX in base64', content: profile(`  description: ${pfx.toString('base64')}\n`) },
    {
      reason: 'a PKCS #8 key in base64',
      content: profile(`  description: ${der(0x02, 0x01, 0x00, 0x30, 0x0d).toString('base64')}\n`),
    },
    {
      reason: 'a PKCS #1 key in base64',
      content: profile(`  description: ${der(0x02, 0x01, 0x00, 0x02, 0x82).toString('base64')}\n`),
    },
    { reason: 'a PFX under the name of a YAML file', content: pfx },
  ])('$reason is refused with advice to revoke', async ({ content }) => {
    const loaded = await load(withOrganization(content))

    const problems = loaded.ok ? [] : loaded.problems
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toMatch(/private key/)
    expect(problems[0]?.hint).toContain('revoke the certificate')
    expect(JSON.stringify(problems)).not.toContain('MII')
  })

  it('a PFX file beside the spec is refused by its name', async () => {
    const problems = await problemsOf({ 'organization.yaml': organization(), 'certs/s2s.PFX': 'x' })

    expect(problems).toEqual(['certs/s2s.PFX:1:1 a certificate with its private key does not belong into git'])
  })

  it('a fingerprint and a long text are no key', async () => {
    const fingerprint = createHash('sha256').update('x').digest('base64')

    const problems = await problemsOf(withOrganization(profile(`  description: ${fingerprint.repeat(20)}\n`)))

    expect(problems).toEqual([])
  })
})

describe('bytes that are no text', () => {
  it.each([
    {
      reason: 'UTF-16',
      content: Buffer.from('\ufeffa: 1\n', 'utf16le'),
      problem: '1:1 the file is UTF-16; save it as UTF-8',
    },
    {
      reason: 'Latin-1',
      content: Buffer.from('# gut\n# gr\u00fc\u00df\n', 'latin1'),
      problem: '2:5 this character is not UTF-8; save the file as UTF-8',
    },
    {
      reason: 'a NUL',
      content: 'a: b\u0000\n',
      problem: '1:5 control character U+0000 is not allowed in YAML; remove it',
    },
    {
      reason: 'an escape sequence',
      content: 'a: b\n# \u001b[2J\n',
      problem: '2:3 control character U+001B is not allowed in YAML; remove it',
    },
    {
      reason: 'a mark that turns the text around',
      content: 'a: b # \u202e\n',
      problem: '1:8 U+202E reorders text on the screen, so reviewers would read something else; remove it',
    },
  ])('$reason is refused', async ({ content, problem }) => {
    const problems = await problemsOf(withOrganization(content))

    expect(problems).toEqual([`x.yaml:${problem}`])
  })

  it('a byte order mark and Windows line ends are fine', async () => {
    const windows = `\ufeff${profile('  approvall: 1\n')}`.replaceAll('\n', '\r\n')

    const problems = await problemsOf(withOrganization(windows))

    expect(problems).toEqual(['x.yaml:7:3 unknown field `approvall`'])
  })
})
