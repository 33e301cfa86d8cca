// The git server of the demo: the two requests of a fetch in the smart protocol (git, gitprotocol-http), answered by git itself. So the demo
// follows its repository by the same way as a real one, and nothing in the git source knows of a demo. People push by the path on the disk.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { createGunzip } from 'node:zlib'
import { createLoopbackCertificate } from '../../../certificate/loopback.ts'

/** A server that listens at 127.0.0.1. */
export interface DemoGitServer {
  /** Of the repository. */
  readonly url: string
  /** PEM of the certificate that vouches for it. */
  readonly authority: string
  close(): Promise<void>
}

/** What is served. */
export interface DemoGitServerInput {
  /** The bare repository. */
  readonly repository: string
  /** Of git; nothing but where programs are is passed on. */
  readonly path: string | undefined
  readonly now: Date
}

const SERVICE = 'git-upload-pack'
const ROOT = '/mail.git'
/** The first line of the first answer: its length in four digits, and an end. */
const ANNOUNCEMENT = `001e# service=${SERVICE}\n0000`

/** Serves one repository for reading. */
export async function startGitServer({ repository, path, now }: DemoGitServerInput): Promise<DemoGitServer> {
  const { certificate, privateKey } = await createLoopbackCertificate(now)
  const children = new Set<ChildProcess>()
  const uploadPack = (words: readonly string[], protocol: unknown) => {
    const child = spawn('git', ['upload-pack', '--strict', '--stateless-rpc', ...words, repository], {
      env: {
        ...(path === undefined ? {} : { PATH: path }),
        ...(protocol === 'version=2' ? { GIT_PROTOCOL: protocol } : {}),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    children.add(child)
    child.once('close', () => children.delete(child))
    // Whoever asked is told nothing; git on the other side says that the answer is incomplete.
    child.once('error', () => children.delete(child))
    child.stdin.on('error', () => {})
    return child
  }
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const { 'git-protocol': protocol, 'content-encoding': encoding } = request.headers
    const asked = `${request.method} ${request.url}`
    if (asked === `GET ${ROOT}/info/refs?service=${SERVICE}`) {
      response.writeHead(200, { 'content-type': `application/x-${SERVICE}-advertisement`, 'cache-control': 'no-cache' })
      response.write(ANNOUNCEMENT)
      uploadPack(['--advertise-refs'], protocol).stdout.pipe(response)
    } else if (asked === `POST ${ROOT}/${SERVICE}`) {
      response.writeHead(200, { 'content-type': `application/x-${SERVICE}-result`, 'cache-control': 'no-cache' })
      const child = uploadPack([], protocol)
      const body = encoding === 'gzip' ? request.pipe(createGunzip().on('error', () => child.kill())) : request
      body.pipe(child.stdin)
      child.stdout.pipe(response)
    } else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the git server of the demo has no port')
  return {
    url: `https://127.0.0.1:${address.port}${ROOT}`,
    authority: certificate,
    async close() {
      for (const child of children) child.kill()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
