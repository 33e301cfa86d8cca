// A28: an old state that comes back by a force-push, or by history that is not the one we know.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RepositoryOptions } from '../../src/git/open.ts'
import type { GitRepository } from '../../src/git/repository.ts'
import { contentsOf, NEVER, openOver, temporaryFolder } from '../git/repository.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'

needs('git')('A28: a branch that is set back', () => {
  let server: GitServer
  let state: ReturnType<typeof temporaryFolder>
  let repository: GitRepository | undefined
  let first: string
  let second: string
  beforeAll(async () => {
    server = await startGitServer()
    first = server.push({ 'a.yaml': 'a: 1\n' })
    second = server.push({ 'a.yaml': 'a: 2\n' })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    state = temporaryFolder()
    server.git('push', '--quiet', '--force', 'origin', `${second}:refs/heads/main`)
  })
  afterEach(async () => {
    await repository?.close()
    state.remove()
  })
  const open = async (more: Partial<RepositoryOptions> = {}) => {
    repository = await openOver(server, state.path, more)
    return repository
  }
  const setBack = (to: string) => server.git('push', '--quiet', '--force', 'origin', `${to}:refs/heads/main`)

  test('is refused, and what was taken stays readable', async () => {
    const from = await open()
    const taken = await from.fetch(NEVER)
    setBack(first)

    const old = await from.fetch(NEVER)

    expect(old.id).toBe(first)
    expect(await from.judge(old, taken.id, NEVER)).toMatchObject({
      code: 'NotFastForward',
      message: expect.stringContaining(`allowRewind: ${first}`),
    })
    expect(await contentsOf(from, taken)).toEqual({ 'a.yaml': 'a: 2\n' })
  })

  test('is refused by a process that knows no more than what was taken', async () => {
    setBack(first)
    const from = await open()

    expect(await from.judge(await from.fetch(NEVER), second, NEVER)).toMatchObject({ code: 'NotFastForward' })
  })

  test('is taken where a person allowed this one commit', async () => {
    setBack(first)
    const from = await open({ allowRewind: first })

    expect(await from.judge(await from.fetch(NEVER), second, NEVER)).toBeUndefined()
  })

  test('is not taken where a person allowed another', async () => {
    setBack(first)
    const from = await open({ allowRewind: second })

    expect(await from.judge(await from.fetch(NEVER), 'f'.repeat(40), NEVER)).toMatchObject({ code: 'NotFastForward' })
  })

  test('what was remembered is never a word of a command', async () => {
    const from = await open()

    expect(await from.judge(await from.fetch(NEVER), '--output=/tmp/x', NEVER)).toMatchObject({
      code: 'NotFastForward',
    })
  })
})
