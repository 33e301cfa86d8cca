// A real git server on loopback: `git http-backend` behind HTTPS, with a repository in which a test commits.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createAuthority } from '../network/certificates.ts'
import { git } from '../setup/git.ts'

/** What a test may set while the server runs. */
export interface GitServerBehaviour {
  /** The value that `Authorization` must have; nothing is asked where undefined. */
  authorization?: string | undefined
  /** Answers in place of git where it returns true. */
  intercept?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
}

/** A server with one repository, whose branch is main. */
export interface GitServer {
  readonly url: string
  readonly origin: string
  /** The authority of its certificate. */
  readonly caFile: string
  readonly caPem: string
  /** The bare repository on the disk. */
  readonly bare: string
  /** The folder in which `push` commits. */
  readonly work: string
  readonly behaviour: GitServerBehaviour
  /** `METHOD /path` of every request, and its authorization. */
  readonly requests: readonly { readonly line: string; readonly authorization: string | undefined }[]
  /** Writes the files (null removes one), commits and pushes; tells the id of the commit. */
  push(files: Readonly<Record<string, string | null>>, message?: string): string
  /** Runs git in the work folder; tells what it printed. */
  git(...words: readonly string[]): string
  close(): Promise<void>
}

/** Starts a server. Needs the commands git and openssl. */
export async function startGitServer(): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeel-git-server-'))
  const authority = createAuthority()
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, authority.caPem)
  const bare = join(folder, 'served', 'mail.git')
  const work = createRepositories(folder, bare)
  const behaviour: GitServerBehaviour = {}
  const requests: { line: string; authorization: string | undefined }[] = []
  const children = new Set<ChildProcessWithoutNullStreams>()
  const server = createServer(authority.issue('IP:127.0.0.1,DNS:localhost'), (request, response) => {
    const { authorization } = request.headers
    requests.push({ line: `${request.method} ${request.url}`, authorization })
    if (behaviour.intercept?.(request, response)) return
    if (behaviour.authorization !== undefined && authorization !== behaviour.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return
    }
    const child = serve(request, response, join(folder, 'served'))
    children.add(child)
    child.once('close', () => children.delete(child))
  })
  authority.dispose()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const origin = `https://127.0.0.1:${address.port}`
  return {
    url: `${origin}/mail.git`,
    origin,
    caFile,
    caPem: authority.caPem,
    bare,
    work,
    behaviour,
    requests,
    push: (files, message = 'a change') => push(work, files, message),
    git: (...words) => git(work, ...words),
    async close() {
      for (const child of children) child.kill('SIGKILL')
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A bare repository and a work folder that pushes to it; tells the latter. */
export function createRepositories(folder: string, bare: string): string {
  const work = join(folder, 'work')
  mkdirSync(bare, { recursive: true })
  mkdirSync(work)
  git(bare, 'init', '--quiet', '--bare', '--initial-branch=main')
  git(bare, 'config', 'uploadpack.allowAnySHA1InWant', 'false')
  git(work, 'init', '--quiet', '--initial-branch=main')
  git(work, 'remote', 'add', 'origin', bare)
  return work
}

/** Commits and pushes from a work folder; tells the id of the commit. */
export function push(work: string, files: Readonly<Record<string, string | null>>, message: string): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(work, path)
    if (content === null) rmSync(file)
    else {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
  }
  git(work, 'add', '--all')
  git(work, 'commit', '--quiet', '--allow-empty', '--message', message)
  git(work, 'push', '--quiet', '--force', 'origin', 'HEAD:main')
  return git(work, 'rev-parse', 'HEAD').trim()
}

/** The Common Gateway Interface, as far as git-http-backend needs it (RFC 3875). */
function serve(request: IncomingMessage, response: ServerResponse, root: string): ChildProcessWithoutNullStreams {
  const url = new URL(request.url ?? '/', 'https://127.0.0.1')
  const header = (name: string) => String(request.headers[name] ?? '')
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      HTTP_GIT_PROTOCOL: header('git-protocol'),
      REMOTE_ADDR: '127.0.0.1',
    },
  })
  child.stdin.on('error', () => {})
  child.stderr.resume()
  request.pipe(child.stdin)
  let head = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const headers = Object.fromEntries(
      head
        .toString('latin1', 0, end)
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const { status, ...rest } = headers
    response.writeHead(Number.parseInt(status ?? '200', 10), rest)
    response.write(head.subarray(end + 4))
  })
  child.once('close', () => response.end())
  return child
}
