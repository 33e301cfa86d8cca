// A22: where a credential could be seen while git runs, and after.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { GitCredential } from '../../src/git/credential.ts'
import { NEVER, openOver, temporaryFolder } from '../git/repository.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'

/** The processes whose arguments name this, with their arguments and environment. */
function processesOf(name: string): readonly { readonly pid: string; readonly text: string }[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        return words.includes(name) ? [{ pid, text: words + readFileSync(`/proc/${pid}/environ`, 'latin1') }] : []
      } catch {
        // It ended meanwhile.
        return []
      }
    })
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

needs('git')('A22: a credential', () => {
  let server: GitServer
  let state: ReturnType<typeof temporaryFolder>
  let secrets: ReturnType<typeof temporaryFolder>
  beforeAll(async () => {
    server = await startGitServer()
    server.push({ 'a.yaml': 'a: 1\n' })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    state = temporaryFolder()
    secrets = temporaryFolder()
    server.behaviour.intercept = undefined
    server.behaviour.authorization = undefined
  })
  afterEach(() => {
    state.remove()
    secrets.remove()
  })
  const BASIC = { type: 'Basic', userName: 'reader', password: CANARY_SECRET } as const
  const BASE64 = Buffer.from(`reader:${CANARY_SECRET}`).toString('base64')
  const open = (credential: GitCredential = BASIC) =>
    openOver(server, state.path, { credential: async () => credential, temporaryFolder: secrets.path })

  test.runIf(process.platform === 'linux')(
    'is neither an argument nor in the environment, and gone when git is stopped',
    async () => {
      const held: ServerResponse[] = []
      const asked = new Promise<void>((resolve) => {
        server.behaviour.intercept = (_, response) => {
          held.push(response)
          resolve()
          return true
        }
      })
      const repository = await open()
      const stop = new AbortController()
      const fetching = repository.fetch(stop.signal).catch((error: unknown) => error)
      await asked

      const running = processesOf(server.url)
      const files = filesBelow(secrets.path).filter((file) => readFileSync(file, 'latin1').includes(BASE64))
      const modes = files.map((file) => statSync(file).mode & 0o777)
      stop.abort(new Error('stopped'))
      const ended = await fetching
      await repository.close()

      expect(running.length).toBeGreaterThan(1)
      for (const { text } of running) {
        expect(text).not.toContain(CANARY_SECRET)
        expect(text).not.toContain(BASE64)
      }
      expect(modes).toEqual([0o600])
      expect(ended).toMatchObject({ message: 'stopped' })
      expect(filesBelow(secrets.path)).toEqual([])
      expect(processesOf(server.url)).toEqual([])
    },
  )

  test('is in no file that stays, and in no message', async () => {
    server.behaviour.authorization = 'Basic another'
    const repository = await open()

    const failed = await repository.fetch(NEVER).catch((error: unknown) => error)
    await repository.close()

    expect(failed).toMatchObject({ code: 'Unauthorized' })
    for (const text of [String(failed), ...filesBelow(state.path).map((file) => readFileSync(file, 'latin1'))]) {
      expect(text).not.toContain(CANARY_SECRET)
      expect(text).not.toContain(BASE64)
    }
  })

  test('is not repeated where the server says it', async () => {
    server.behaviour.intercept = (_, response) => {
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`no ${CANARY_SECRET} and no ${BASE64}`)
      return true
    }
    const repository = await open()

    const failed = await repository.fetch(NEVER).catch((error: unknown) => error)
    await repository.close()

    expect(failed).toMatchObject({ code: 'Unauthorized' })
    expect(String(failed)).not.toContain(CANARY_SECRET)
    expect(String(failed)).not.toContain(BASE64)
  })

  test('does not follow a server that sends elsewhere', async () => {
    const other = await startGitServer()
    server.behaviour.intercept = (request, response) => {
      response.writeHead(302, { location: `${other.origin}${request.url}` }).end()
      return true
    }
    const repository = await open()

    const failed = await repository.fetch(NEVER).catch((error: unknown) => error)
    await repository.close()
    await other.close()

    expect(failed).toMatchObject({ code: 'NotFound', message: expect.stringContaining('another address') })
    expect(other.requests).toEqual([])
  })

  test('with a line break is refused, because it would be a second header', async () => {
    const repository = await open({ type: 'Bearer', token: `${CANARY_SECRET}\r\nHost: evil.test` })
    const before = server.requests.length

    const failed = await repository.fetch(NEVER).catch((error: unknown) => error)
    await repository.close()

    expect(failed).toMatchObject({ code: 'Unauthorized' })
    expect(String(failed)).not.toContain(CANARY_SECRET)
    expect(server.requests.length).toBe(before)
  })
})
