// The other end of the channel: a small SSH server that runs one command as the test says.
import { createServer } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'
import { fingerprintOf } from '../../src/crm-server/ssh-connection.ts'

/** A command that runs. `stdin` resolves when its end arrived. */
export interface Run {
  readonly command: string
  readonly stream: ServerChannel
  readonly connection: Connection
  readonly stdin: Promise<string>
}

/** A running server with what it saw. */
export interface SshPeer {
  readonly port: number
  readonly hostKeySha256: string
  /** Methods that were tried, `none` included. */
  readonly tried: string[]
  readonly commands: string[]
  connections: number
  close(): Promise<void>
}

export const USER = 'svc-mailkeel'
export const PASSWORD = 'right-password'

/** A new key pair in the OpenSSH form. The library now and then writes one that it cannot read itself; then another one is made. */
export function sshKey(passphrase?: string): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(
      'ed25519',
      passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 4 },
    )
    const isRead = !(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)
    if (isRead) return pair
  }
}

/** A server that lets USER in with PASSWORD or the public key, and leaves each command to `run`. */
export async function startSshPeer(run: (run: Run) => void, publicKey?: string): Promise<SshPeer> {
  const hostKey = sshKey().private
  const parsed = ssh2.utils.parseKey(hostKey)
  if (parsed instanceof Error) throw parsed
  const peer = { port: 0, hostKeySha256: fingerprintOf(parsed.getPublicSSH()), tried: [], commands: [], connections: 0 }
  const seen: SshPeer = { ...peer, close: async () => undefined }
  const open = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    seen.connections += 1
    open.add(connection)
    connection.on('error', () => undefined)
    connection.on('close', () => open.delete(connection))
    connection.on('authentication', (context) => {
      seen.tried.push(context.method)
      if (isAllowed(context, publicKey)) context.accept()
      else context.reject(['password', 'publickey'])
    })
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        seen.commands.push(command)
        const stream = acceptExec()
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('error', () => undefined)
        const stdin = new Promise<string>((resolve) => {
          stream.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')))
        })
        run({ command, stream, connection, stdin })
      })
    })
  })
  // A socket of its own, because that of ssh2 lets small packets wait.
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', () => resolve()))
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return Object.assign(seen, {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        for (const connection of open) connection.end()
        listener.close(() => resolve())
      }),
  })
}

function isAllowed(context: AuthContext, publicKey: string | undefined): boolean {
  if (context.username !== USER) return false
  if (context.method === 'password') return context.password === PASSWORD
  if (context.method !== 'publickey' || publicKey === undefined) return false
  const allowed = ssh2.utils.parseKey(publicKey)
  if (allowed instanceof Error || !context.key.data.equals(allowed.getPublicSSH())) return false
  if (!context.signature || !context.blob) return true
  return allowed.verify(context.blob, context.signature, context.hashAlgo) === true
}

/** The payload on standard input. */
export function payloadOf(stdin: string): {
  readonly token: string
  readonly script: { readonly id: string; readonly sha256: string; readonly body: string }
  readonly input: Record<string, unknown>
} {
  return JSON.parse(Buffer.from(stdin, 'base64').toString('utf8'))
}

/** A document in its frame. */
export function framed(token: string, document: unknown): string {
  return `BEGIN-${token}${Buffer.from(JSON.stringify(document)).toString('base64')}END-${token}\r\n`
}

/** A document that says that all went well. */
export function good(result: unknown): unknown {
  return { v: 1, ok: true, result, changed: false, warnings: [] }
}
