// The git source as the keeper of revisions sees it: a configuration, a real server, looks.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createGitSource, type GitSource } from '../../../src/daemon/source/git-source.ts'
import { loadConfiguration } from '../../../src/spec/configuration/load.ts'
import { loadSpec } from '../../../src/spec/load.ts'
import { NEVER, temporaryFolder } from '../../git/repository.ts'
import { CANARY_SECRET } from '../../setup/canary.ts'
import { needs } from '../../setup/needs.ts'
import { type GitServer, startGitServer } from '../../stack/git-server.ts'

needs('git')('a git source', () => {
  let server: GitServer
  let folder: ReturnType<typeof temporaryFolder>
  let source: GitSource | undefined
  beforeAll(async () => {
    server = await startGitServer()
  })
  afterAll(() => server.close())
  beforeEach(() => {
    folder = temporaryFolder()
    server.behaviour.intercept = undefined
    server.behaviour.authorization = undefined
  })
  afterEach(async () => {
    await source?.close()
    folder.remove()
  })

  async function create(fields = '', more = ''): Promise<GitSource> {
    mkdirSync(join(folder.path, 'secrets'), { recursive: true })
    writeFileSync(join(folder.path, 'secrets', 'token'), `${CANARY_SECRET}\n`)
    writeFileSync(join(folder.path, 'ca.pem'), server.caPem)
    writeFileSync(
      join(folder.path, 'mailkeel.yaml'),
      `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source:
    git: { url: '${server.url}', pollEvery: 30s${fields.includes('folder') ? '' : ', folder: spec'}${fields} }
  network: { caFile: ca.pem${more} }
  identities:
    git: { type: Bearer, token: { file: secrets/token } }
`,
    )
    const loaded = await loadConfiguration(join(folder.path, 'mailkeel.yaml'))
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const machine = {
      environment: process.env,
      now: () => new Date('2026-11-23T12:00:00Z'),
      sleep: (ms: number, signal?: AbortSignal) => setTimeout(ms, undefined, signal ? { signal } : {}),
      onExit: () => () => undefined,
    }
    source = createGitSource({ configuration: loaded.configuration, machine })
    return source
  }

  test('tells where it is and how often to look', async () => {
    const from = await create()

    expect(from).toMatchObject({ kind: 'git', place: `${server.url} (branch main)`, pollMs: 30_000 })
  })

  test.each([
    [", branch: 'a..b'", 'branch'],
    [", folder: '../etc'", 'folder'],
  ])('A1: %s is told at the start', async (fields, word) => {
    const creating = create(fields)

    await expect(creating).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(word) })
  })

  test('a look gives the files of the folder at the commit, with the identity and the authority of the configuration', async () => {
    const id = server.push({ 'spec/a.yaml': 'nothing: 1\n', 'b.yaml': 'b: 1\n' }, 'Add Ann')
    server.behaviour.authorization = `Bearer ${CANARY_SECRET}`
    const from = await create(', identity: git')

    const look = await from.look(undefined, NEVER)

    if (look.outcome !== 'Revision') throw new Error(look.reason.message)
    expect(look.revision.info).toMatchObject({
      id,
      subject: 'Add Ann',
      author: 'test',
      seenAt: '2026-11-23T12:00:00.000Z',
    })
    expect(await loadSpec(look.revision.files)).toMatchObject({
      ok: false,
      problems: [{ file: 'a.yaml' }],
      fileCount: 1,
    })
  })

  test('A28: a rewound branch is refused with the commit and the reason, until it is allowed', async () => {
    const first = server.push({ 'spec/a.yaml': '1' })
    const second = server.push({ 'spec/a.yaml': '2' })
    server.git('push', '--quiet', '--force', 'origin', `${first}:main`)
    const from = await create()

    const refused = await from.look(second, NEVER)
    await from.close()
    const allowing = await create(`, allowRewind: ${first}`)
    const taken = await allowing.look(second, NEVER)

    expect(refused).toMatchObject({ outcome: 'Refused', info: { id: first }, reason: { code: 'NotFastForward' } })
    expect(taken).toMatchObject({ outcome: 'Revision', revision: { info: { id: first } } })
  })

  test('B20: with the server away a look throws, and the last revision is recalled without it', async () => {
    const id = server.push({ 'spec/a.yaml': 'kept: 1\n' })
    await (await create()).look(undefined, NEVER)
    await source?.close()
    server.behaviour.intercept = (request) => Boolean(request.destroy())
    const from = await create()

    await expect(from.look(id, NEVER)).rejects.toMatchObject({ code: 'Unreachable' })
    const recalled = await from.recall(id, NEVER)

    expect(recalled?.info.id).toBe(id)
    expect(await from.recall('f'.repeat(40), NEVER)).toBeUndefined()
  })

  test('a secret that is missing is told by its place, and a look works once it is there', async () => {
    server.push({ 'spec/a.yaml': 'a: 1\n' })
    const from = await create(', identity: git')
    writeFileSync(join(folder.path, 'secrets', 'token'), '')

    await expect(from.look(undefined, NEVER)).rejects.toThrow('the token of identity git')
    writeFileSync(join(folder.path, 'secrets', 'token'), CANARY_SECRET)

    expect(await from.look(undefined, NEVER)).toMatchObject({ outcome: 'Revision' })
  })

  test('a proxy stands between, and is not asked for hosts that are reached directly', async () => {
    server.push({ 'spec/a.yaml': 'a: 1\n' })
    // Loopback is always direct, so a proxy that is not there does no harm.
    const from = await create('', ", proxy: { url: 'http://127.0.0.1:1' }")

    expect(await from.look(undefined, NEVER)).toMatchObject({ outcome: 'Revision' })
  })

  test('hints that come together are one, and none comes after the end', async () => {
    const from = await create()
    let hints = 0
    from.onHint(() => {
      hints += 1
    })

    for (let time = 0; time < 20; time += 1) from.hint()
    await setTimeout(400)
    const together = hints
    from.hint()
    await from.close()
    await setTimeout(300)

    expect([together, hints]).toEqual([1, 1])
  })

  test('makes its private folder anew where somebody swept it away', async () => {
    const swept = join(folder.path, 'tmp')
    mkdirSync(swept)
    vi.stubEnv('TMPDIR', swept)
    const from = await create()
    const before = await from.look(undefined, NEVER)
    rmSync(swept, { recursive: true })
    mkdirSync(swept)

    await expect(from.look(undefined, NEVER)).rejects.toThrow()
    const after = await from.look(undefined, NEVER)
    vi.unstubAllEnvs()

    expect([before.outcome, after.outcome]).toEqual(['Revision', 'Revision'])
  })
})
