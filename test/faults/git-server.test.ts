// B20: the git server is away, slow, or refuses. What was fetched stays readable, and the next fetch works as if nothing had been.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Commit, GitRepository } from '../../src/git/repository.ts'
import { contentsOf, NEVER, openOver, temporaryFolder } from '../git/repository.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'

type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean

/** Begins as a server of git would, and ends in the middle. */
const truncated: Intercept = (request, response) => {
  if (request.method !== 'POST') return false
  response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
  response.write('000dpackfile\n2004\u0001PACK')
  setImmediate(() => response.destroy())
  return true
}

needs('git')('B20: the git server', () => {
  const state = temporaryFolder()
  let server: GitServer
  let repository: GitRepository
  let taken: Commit
  beforeAll(async () => {
    server = await startGitServer()
    server.push({ 'a.yaml': 'a: 1\n' })
    repository = await openOver(server, state.path, { limits: { stallSeconds: 1, timeoutMs: 20_000 } })
    taken = await repository.fetch(NEVER)
  })
  afterAll(async () => {
    await repository.close()
    await server.close()
    state.remove()
  })
  beforeEach(() => {
    server.behaviour.intercept = undefined
  })

  test.each<{ reason: string; intercept: Intercept; code: string }>([
    { reason: 'hangs up', intercept: (request) => Boolean(request.destroy()), code: 'Unreachable' },
    { reason: 'answers 401', intercept: (_, response) => Boolean(response.writeHead(401).end()), code: 'Unauthorized' },
    { reason: 'answers 404', intercept: (_, response) => Boolean(response.writeHead(404).end()), code: 'NotFound' },
    { reason: 'answers 429', intercept: (_, response) => Boolean(response.writeHead(429).end()), code: 'Unreachable' },
    { reason: 'answers 503', intercept: (_, response) => Boolean(response.writeHead(503).end()), code: 'Unreachable' },
    {
      reason: 'answers with a page',
      intercept: (_, response) => Boolean(response.writeHead(200).end('<html>')),
      code: 'ReferenceMissing',
    },
    { reason: 'breaks off in the middle', intercept: truncated, code: 'Unreachable' },
    { reason: 'says nothing', intercept: () => true, code: 'TimedOut' },
  ])('$reason: $code, and the next fetch works', async ({ intercept, code }) => {
    const next = server.push({ 'a.yaml': `a: ${code}\n` })
    server.behaviour.intercept = intercept

    const failed = await repository.fetch(NEVER).catch((error: unknown) => error)
    const kept = await contentsOf(repository, taken)
    server.behaviour.intercept = undefined
    const commit = await repository.fetch(NEVER)

    expect(failed).toMatchObject({ code, message: expect.stringContaining(server.url) })
    expect(kept).toEqual({ 'a.yaml': 'a: 1\n' })
    expect(commit.id).toBe(next)
  })

  test('takes longer than a fetch may take', async () => {
    const slow = await openOver(server, `${state.path}/slow`, { limits: { timeoutMs: 300 } })
    server.behaviour.intercept = () => true

    await expect(slow.fetch(NEVER)).rejects.toMatchObject({ code: 'TimedOut' })
    await slow.close()
  })

  test('has a certificate that nobody vouches for', async () => {
    const other = await openOver({ ...server, caPem: '' }, `${state.path}/other`, {
      authorities: async () => undefined,
    })

    await expect(other.fetch(NEVER)).rejects.toMatchObject({ code: 'CertificateRefused' })
    await other.close()
  })

  test('no longer has the branch', async () => {
    const other = await openOver(server, `${state.path}/branch`, { reference: { branch: 'gone' } })

    await expect(other.fetch(NEVER)).rejects.toMatchObject({ code: 'ReferenceMissing' })
    await other.close()
  })

  test('sends more than may be taken', async () => {
    const noise = Array.from({ length: 200_000 }, (_, index) => ((index * 2654435761) % 4294967296).toString(36)).join(
      '',
    )
    server.push({ 'large.txt': noise })
    const small = await openOver(server, `${state.path}/small`, { limits: { mostPackBytes: 64 * 1024 } })

    await expect(small.fetch(NEVER)).rejects.toMatchObject({ code: 'TooLarge' })
    await small.close()
  })

  test('git itself is missing', async () => {
    const opening = openOver(server, `${state.path}/missing`, { environment: { PATH: '/nonexistent' } })

    await expect(opening).rejects.toMatchObject({ code: 'GitMissing' })
  })
})
