// A repository followed over a real git server.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { GitRepository } from '../../src/git/repository.ts'
import { storeFolder } from '../../src/git/store.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'
import { contentsOf, NEVER, openOver, temporaryFolder } from './repository.ts'

needs('git')('a repository over https', () => {
  let server: GitServer
  let state: ReturnType<typeof temporaryFolder>
  const opened: GitRepository[] = []
  const open = async (...more: [Parameters<typeof openOver>[2]?]) => {
    const repository = await openOver(server, state.path, ...more)
    opened.push(repository)
    return repository
  }
  beforeAll(async () => {
    server = await startGitServer()
  })
  afterAll(() => server.close())
  beforeEach(() => {
    state = temporaryFolder()
    server.behaviour.authorization = undefined
    server.behaviour.intercept = undefined
  })
  afterEach(async () => {
    for (const repository of opened.splice(0)) await repository.close()
    state.remove()
  })

  test('a fetch tells the commit, and its files are read by id', async () => {
    const id = server.push({ 'spec/a.yaml': 'a: 1\n', 'spec/b/c.yaml': 'c: ü\n', 'other.txt': 'x' }, 'Add Ann\n\nlong')
    const repository = await open()

    const commit = await repository.fetch(NEVER)

    expect(commit).toMatchObject({ id, subject: 'Add Ann', author: 'test' })
    expect(commit.committedAt).toMatch(/^20\d\d-.*Z$/)
    expect(await contentsOf(repository, commit)).toEqual({
      'spec/a.yaml': 'a: 1\n',
      'spec/b/c.yaml': 'c: ü\n',
      'other.txt': 'x',
    })
    expect(await contentsOf(repository, commit, './spec/')).toEqual({ 'a.yaml': 'a: 1\n', 'b/c.yaml': 'c: ü\n' })
  })

  test('equal content has the same content id, and a large file is cut at the limit', async () => {
    server.push({ 'one.yaml': 'x'.repeat(5000), 'two.yaml': 'x'.repeat(5000) })
    const repository = await open()
    const commit = await repository.fetch(NEVER)

    const files = []
    for await (const file of repository.files(commit, '.', NEVER).list()) files.push(file)
    const same = files.filter(({ path }) => path === 'one.yaml' || path === 'two.yaml')

    expect(new Set(same.map(({ contentId }) => contentId)).size).toBe(1)
    expect((await same[0]?.read(100))?.length).toBe(101)
    expect((await same[0]?.read(5000))?.length).toBe(5000)
  })

  test('a second fetch brings what is new, and commits of before stay readable', async () => {
    server.push({ 'a.yaml': 'a: 1\n' })
    const repository = await open()
    const first = await repository.fetch(NEVER)
    server.push({ 'a.yaml': 'a: 2\n' })

    const second = await repository.fetch(NEVER)

    expect(await repository.judge(second, first.id, NEVER)).toBeUndefined()
    expect((await contentsOf(repository, first))['a.yaml']).toBe('a: 1\n')
    expect((await contentsOf(repository, second))['a.yaml']).toBe('a: 2\n')
  })

  test('after a restart a commit is found and read without the server', async () => {
    const id = server.push({ 'a.yaml': 'a: kept\n' })
    await (await open()).fetch(NEVER)
    server.behaviour.intercept = (request) => Boolean(request.destroy())

    const again = await open()
    const commit = await again.find(id, NEVER)

    expect(commit && (await contentsOf(again, commit))['a.yaml']).toBe('a: kept\n')
    expect(await again.find('0'.repeat(40), NEVER)).toBeUndefined()
    expect(await again.find('--all', NEVER)).toBeUndefined()
  })

  test.each([
    { type: 'Bearer', token: CANARY_SECRET, header: `Bearer ${CANARY_SECRET}` },
    {
      type: 'Basic',
      userName: 'reader',
      password: CANARY_SECRET,
      header: `Basic ${Buffer.from(`reader:${CANARY_SECRET}`).toString('base64')}`,
    },
  ] as const)('signs in as $type with every request', async ({ header, ...credential }) => {
    server.push({ 'a.yaml': 'a: 1\n' })
    server.behaviour.authorization = header
    const before = server.requests.length
    const repository = await open({ credential: async () => credential })

    await repository.fetch(NEVER)

    const sent = server.requests.slice(before)
    expect(sent.length).toBeGreaterThan(1)
    expect(new Set(sent.map(({ authorization }) => authorization))).toEqual(new Set([header]))
  })

  test('a repository that was damaged is fetched anew', async () => {
    const id = server.push({ 'a.yaml': 'a: 1\n' })
    await (await open()).fetch(NEVER)
    const packs = join(storeFolder(state.path, server.url), 'objects', 'pack')
    for (const name of readdirSync(packs)) writeFileSync(join(packs, name), 'broken', { flag: 'w', mode: 0o600 })
    server.push({ 'a.yaml': 'a: 2\n' })

    const repository = await open()
    const commit = await repository.fetch(NEVER)

    expect(commit.id).not.toBe(id)
    expect((await contentsOf(repository, commit))['a.yaml']).toBe('a: 2\n')
  })

  test('locks of a process that was killed are in nobody’s way', async () => {
    server.push({ 'a.yaml': 'a: 1\n' })
    const repository = await open()
    await repository.fetch(NEVER)
    const folder = storeFolder(state.path, server.url)
    for (const name of ['shallow.lock', 'refs/mailkeel/head.lock', 'config.lock']) writeFileSync(join(folder, name), '')
    const id = server.push({ 'a.yaml': 'a: 3\n' })

    expect((await repository.fetch(NEVER)).id).toBe(id)
  })

  test('no more history is fetched at first than was asked', async () => {
    for (const value of ['x', 'y', 'z']) server.push({ 'a.yaml': value })
    const repository = await open({ depth: 2 })
    const commit = await repository.fetch(NEVER)
    const old = server.git('rev-parse', 'HEAD~2').trim()

    expect(await repository.find(old, NEVER)).toBeUndefined()
    expect(await repository.judge(commit, old, NEVER)).toMatchObject({ code: 'NotFastForward' })
  })

  test('of the tags that match the newest by version is taken', async () => {
    server.push({ 'a.yaml': 'ten' })
    server.git('tag', 'mail-v1.10')
    server.push({ 'a.yaml': 'nine' })
    server.git('tag', 'mail-v1.9')
    server.git('tag', 'other-v2')
    server.git('push', '--quiet', '--tags', 'origin')
    const repository = await open({ reference: { tag: 'mail-v*' } })

    const commit = await repository.fetch(NEVER)

    expect((await contentsOf(repository, commit))['a.yaml']).toBe('ten')
  })
})
