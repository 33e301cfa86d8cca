// A3, A5, A6: what a repository may hold that would run, or lead out of it.
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { GitRepository } from '../../src/git/repository.ts'
import { storeFolder } from '../../src/git/store.ts'
import { loadSpec } from '../../src/spec/load.ts'
import { contentsOf, NEVER, openOver, temporaryFolder } from '../git/repository.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'

needs('git')('a hostile repository', () => {
  const outside = temporaryFolder()
  const state = temporaryFolder()
  let server: GitServer
  let repository: GitRepository
  beforeAll(async () => {
    server = await startGitServer()
    writeFileSync(join(outside.path, 'secret.yaml'), CANARY_SECRET)
  })
  afterEach(() => repository.close())
  afterAll(async () => {
    await server.close()
    outside.remove()
    state.remove()
  })

  /** Pushes a tree that git itself would not make: mode, type, id and path of each entry. */
  function pushTree(entries: readonly (readonly [mode: string, id: string, path: string])[]): void {
    server.git('read-tree', '--empty')
    for (const [mode, id, path] of entries) server.git('update-index', '--add', '--cacheinfo', `${mode},${id},${path}`)
    const tree = server.git('write-tree').trim()
    const commit = server.git('commit-tree', tree, '-m', 'hostile').trim()
    server.git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/main`)
  }
  function blob(content: string): string {
    writeFileSync(join(outside.path, 'blob'), content)
    return server.git('hash-object', '-w', join(outside.path, 'blob')).trim()
  }
  const open = async () => {
    repository = await openOver(server, state.path)
    return repository
  }

  test('A5: a link to a file outside is refused by name and never read', async () => {
    pushTree([['120000', blob(join(outside.path, 'secret.yaml')), 'link.yaml']])
    const from = await open()
    const commit = await from.fetch(NEVER)

    const loaded = await loadSpec(from.files(commit, '.', NEVER))

    expect(loaded).toMatchObject({
      ok: false,
      problems: [{ file: 'link.yaml', message: expect.stringContaining('symbolic link') }],
    })
    expect(JSON.stringify(loaded)).not.toContain(CANARY_SECRET)
  })

  test('A6: a folder that is a link leads nowhere', async () => {
    pushTree([
      ['120000', blob('../../../../etc'), 'spec'],
      ['100644', blob('a: 1\n'), 'other/a.yaml'],
    ])
    const from = await open()
    const commit = await from.fetch(NEVER)

    await expect(contentsOf(from, commit, 'spec')).rejects.toMatchObject({
      code: expect.stringMatching(/NotFound|Broken/),
    })
    await expect(contentsOf(from, commit, 'absent')).rejects.toMatchObject({ code: 'NotFound' })
  })

  test('A3: submodules, hooks, attributes and filters are neither fetched nor run', async () => {
    const mark = join(outside.path, 'ran')
    const script = `#!/bin/sh\ntouch ${mark}\n`
    pushTree([
      ['160000', '1'.repeat(40), 'module'],
      [
        '100644',
        blob(`[submodule "x"]\n\tpath = module\n\turl = ${server.origin}/other.git\n\tupdate = !touch ${mark}\n`),
        'modules',
      ],
      ['100755', blob(script), 'hooks/post-checkout'],
      ['100644', blob('*.yaml filter=evil diff=evil export-subst\n'), '.gitattributes'],
      ['100644', blob('a: $Format:%H$\n'), 'a.yaml'],
    ])
    const before = server.requests.length
    const from = await open()

    const contents = await contentsOf(from, await from.fetch(NEVER))

    expect(contents).toMatchObject({ 'a.yaml': 'a: $Format:%H$\n', module: '(other)' })
    expect(existsSync(mark)).toBe(false)
    expect(server.requests.slice(before).every(({ line }) => line.includes('/mail.git/'))).toBe(true)
    expect(readdirSync(storeFolder(state.path, server.url))).not.toContain('index')
  })

  test('A3: hooks and settings that somebody put into the local repository do nothing', async () => {
    server.push({ 'a.yaml': 'a: 1\n' })
    await (await open()).close()
    const mark = join(outside.path, 'ran-local')
    const folder = storeFolder(state.path, server.url)
    const script = `#!/bin/sh\ntouch ${mark}\n`
    for (const hook of ['reference-transaction', 'post-checkout', 'pre-auto-gc'])
      writeFileSync(join(folder, 'hooks', hook), script, { mode: 0o755 })
    writeFileSync(join(outside.path, 'evil'), script, { mode: 0o755 })
    const evil = join(outside.path, 'evil')
    writeFileSync(
      join(folder, 'config'),
      `[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsmonitor = ${evil}\n\tsshCommand = ${evil}\n\taskPass = ${evil}\n[credential]\n\thelper = ${evil}\n[url "file:///etc"]\n\tinsteadOf = ${server.origin}\n`,
    )

    const from = await open()
    const commit = await from.fetch(NEVER)

    expect((await contentsOf(from, commit))['a.yaml']).toBe('a: 1\n')
    expect(existsSync(mark)).toBe(false)
  })

  test('A3: an object with a forbidden name is refused as it comes', async () => {
    const tree = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob('x'), 'hex')])
    writeFileSync(join(outside.path, 'tree'), tree)
    const id = server.git('hash-object', '--literally', '-t', 'tree', '-w', join(outside.path, 'tree')).trim()
    const commit = server.git('commit-tree', id, '-m', 'hostile').trim()
    server.git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/main`)

    const from = await open()

    await expect(from.fetch(NEVER)).rejects.toMatchObject({ code: 'Broken' })
  })

  test('A6: a tree that unfolds without end is given up', async () => {
    let tree = blob('x')
    for (let level = 0; level < 6; level += 1) {
      const id = Buffer.from(tree, 'hex')
      const mode = level === 0 ? '100644' : '40000'
      const entries = Array.from({ length: 10 }, (_, index) => Buffer.concat([Buffer.from(`${mode} f${index}\0`), id]))
      writeFileSync(join(outside.path, 'tree'), Buffer.concat(entries))
      tree = server.git('hash-object', '-t', 'tree', '-w', join(outside.path, 'tree')).trim()
    }
    const commit = server.git('commit-tree', tree, '-m', 'bomb').trim()
    server.git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/main`)
    repository = await openOver(server, state.path, { limits: { mostTreeBytes: 100_000 } })
    const fetched = await repository.fetch(NEVER)

    await expect(contentsOf(repository, fetched)).rejects.toMatchObject({ code: 'TooLarge' })
  })

  test('A6: what people wrote into a commit is one line without tricks', async () => {
    server.push({ 'a.yaml': 'a: 1\n' }, `evil\u202etxt \u001b[31m${'x'.repeat(500)}\n\n<script>`)
    const from = await open()

    const { subject } = await from.fetch(NEVER)

    expect(subject).toMatch(/^evil\?txt \?\[31mx+…$/)
  })
})
