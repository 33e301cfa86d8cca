import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SpecCache } from '../../src/spec/cache.ts'
import { compile } from '../../src/spec/compile/compile.ts'
import { directorySource } from '../../src/spec/directory-source.ts'
import { loadSpec } from '../../src/spec/load.ts'
import type { SpecFile, SpecSource } from '../../src/spec/source.ts'
import { load, organization, profile, set } from './memory-source.ts'

const LONG = process.env['MAILKEEL_TEST_LONG'] === '1'

describe('a directory', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailkeel-spec-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is read to its depths; dot folders and other files are left alone', async () => {
    await mkdir(join(folder, 'a', 'b'), { recursive: true })
    await mkdir(join(folder, '.github'))
    await writeFile(join(folder, '.github', 'workflow.yaml'), 'on: push\n')
    await writeFile(join(folder, '.hidden.yaml'), 'x: [\n')
    await writeFile(join(folder, 'README.md'), '# no YAML: [\n')
    await writeFile(join(folder, 'a', 'organization.yml'), organization())
    await writeFile(join(folder, 'a', 'b', 'set.YAML'), set('  mailboxes: [ann@contoso.com]\n'))

    const loaded = await loadSpec(directorySource(folder))

    expect(loaded).toMatchObject({ ok: true, spec: { files: ['a/b/set.YAML', 'a/organization.yml'] } })
  })

  it('may hold its runtime configuration, which is no part of the spec', async () => {
    await writeFile(join(folder, 'organization.yaml'), organization())
    await writeFile(join(folder, 'mailkeel.yaml'), 'apiVersion: mailkeel/v1\nkind: Configuration\nspec: {}\n')

    const loaded = await loadSpec(directorySource(folder))

    expect(loaded.ok && loaded.spec.documents.map(({ kind }) => kind)).toEqual(['Organization'])
  })

  it('that is not there is an error of the system, not a problem of the spec', async () => {
    await expect(loadSpec(directorySource(join(folder, 'nowhere')))).rejects.toThrow('ENOENT')
  })
})

/** A source that counts what is read. */
function countingSource(files: Readonly<Record<string, string>>, withIds: boolean) {
  const reads: string[] = []
  const source: SpecSource = {
    async *list() {
      for (const [path, content] of Object.entries(files)) {
        const file: SpecFile = {
          path,
          type: 'file',
          ...(withIds ? { contentId: `blob:${content.length}:${path}` } : {}),
          read: async () => {
            reads.push(path)
            return Buffer.from(content)
          },
        }
        yield file
      }
    },
  }
  return { source, reads }
}

describe('loading again', () => {
  const files = { 'organization.yaml': organization(), 'set.yaml': set('  mailboxes: [ann@contoso.com]\n') }

  it('parses the same bytes once: the documents are the same objects', async () => {
    const cache = new SpecCache()
    const first = await load(files, { cache })
    const second = await load({ ...files, 'more/organization.yaml': organization('more') }, { cache })

    const values = (loaded: typeof first) => (loaded.ok ? loaded.spec.documents.map(({ value }) => value) : [])
    expect(values(second)).toContain(values(first)[0])
    expect(values(second)).toContain(values(first)[1])
    expect(cache.size).toBe(3)
  })

  it('does not even read what has a known content id', async () => {
    const cache = new SpecCache()
    const { source, reads } = countingSource(files, true)

    await loadSpec(source, { cache })
    await loadSpec(source, { cache })

    expect(reads).toEqual(['organization.yaml', 'set.yaml'])
  })

  it('forgets what was not used for many loads', async () => {
    const cache = new SpecCache()
    await load({ ...files, 'old.yaml': '# old\n' }, { cache })

    for (let round = 0; round < 20; round += 1) await load(files, { cache })

    expect(cache.size).toBe(2)
  })

  it('the same bytes in two places are two documents, each with its own path', async () => {
    const document = set('  outgoing: Nonne\n  mailboxes: []\n')

    const loaded = await load({ 'organization.yaml': organization(), 'a/set.yaml': document, 'b/set.yaml': document })

    expect(loaded.ok ? [] : loaded.problems.map(({ file }) => file)).toEqual(['a/set.yaml', 'b/set.yaml'])
  })

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))

    await expect(load(files, { signal })).rejects.toThrow('enough')
  })

  it('too many files are a problem', async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}.yaml`, '']))

    const loaded = await load(many, { maximumFiles: 10 })

    expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message)).toEqual(['the spec has more than 10 files'])
  })
})

describe('no input', () => {
  const word = fc.constantFrom(
    ...'apiVersion kind metadata spec mailboxes address name mailkeel/v1 MailboxSet Tenant ann@contoso.com null true 1 .nan'.split(
      ' ',
    ),
  )
  const sign = fc.constantFrom(
    ': ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '#',
    '&a',
    '*a',
    '!x',
    '|',
    '>',
    '---\n',
    '? ',
    '\t',
    '%',
    '\\',
    '\u0000',
    '\ufeff',
  )
  const soup = fc
    .array(fc.oneof(word, sign, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 })
    .map((parts) => parts.join(''))

  it('of characters crashes the loader, and every problem has a place and one printable line', async () => {
    await fc.assert(
      fc.asyncProperty(soup, async (text) => {
        const loaded = await load({ 'organization.yaml': organization(), 'x.yaml': text })

        for (const { line, column, message } of loaded.ok ? [] : loaded.problems) {
          expect(line).toBeGreaterThan(0)
          expect(column).toBeGreaterThan(0)
          expect(message).toMatch(/^[^\p{Cc}\p{Cf}]{1,401}$/u)
        }
      }),
      { numRuns: LONG ? 50_000 : 1_000 },
    )
  })

  it('of bytes crashes the loader', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await load({ 'x.yaml': bytes })
      }),
      { numRuns: LONG ? 10_000 : 250 },
    )
  })

  it('of values in a document of any kind crashes the checks or the compiler', async () => {
    const scalar = fc.constantFrom<unknown>(
      null,
      true,
      '',
      'x',
      'ann@contoso.com',
      'exchange-online',
      7,
      -1,
      'ServerSideSync',
      'Claim',
      '2026-11-01',
      '2026-11-01T00:00:00Z',
      'absent',
    )
    const fields = [
      'name',
      'organization',
      'profile',
      'useDefaults',
      'incoming',
      'outgoing',
      'appointmentsContactsTasks',
      'mailboxes',
      'address',
      'type',
      'owner',
      'user',
      'displayName',
      'serverType',
      'ensure',
      'manage',
      'policy',
      'ignore',
      'field',
      'suspend',
      'reason',
      'until',
      'previousAddress',
      'primarySync',
      'movedFrom',
      'defaultProfile',
      'tracking',
      'guard',
      'limit',
      'expires',
      'scope',
      'sets',
    ]
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...fields), tie('tree'), { maxKeys: 5 }),
      ),
    }))
    const kinds = fc.constantFrom(
      'Tenant',
      'Deployment',
      'Organization',
      'EmailServerProfile',
      'EmailSettings',
      'MailboxSet',
      'Override',
      'Configuration',
    )
    const document = fc.record({
      apiVersion: fc.constant('mailkeel/v1'),
      kind: kinds,
      metadata: fc.constant({ name: 'x' }),
      spec: tree,
    })

    await fc.assert(
      fc.asyncProperty(fc.array(document, { maxLength: 4 }), async (documents) => {
        const text = documents.map((value) => JSON.stringify(value)).join('\n---\n')
        const loaded = await load({ 'organization.yaml': organization(), 'profile.yaml': profile(), 'x.yaml': text })
        if (loaded.ok) compile(loaded.spec)
      }),
      { numRuns: LONG ? 10_000 : 250 },
    )
  })
})
