// One SSH server as Windows runs it: keys of administrators, passwords, and a default shell that gets the command line as it is.
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'

/** A key pair in the forms that SSH uses. */
export interface KeyPair {
  /** OpenSSH PEM. */
  readonly privateKey: string
  /** One line, as in authorized_keys. */
  readonly publicKey: string
}

/** A command that came in; whoever gets it ends it. */
export interface SshCommand {
  readonly userName: string
  readonly isPassword: boolean
  readonly commandLine: string
  readonly channel: ServerChannel
  /** Ends the connection without another word. */
  cut(): void
}

/** How an SSH server behaves. */
export interface SshServerOptions {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly hostKey: KeyPair
  /** Shown instead where `connecting` says so. */
  readonly otherHostKey: KeyPair
  readonly authorizedKey: KeyPair
  /** What becomes of a connection. */
  connecting(): 'refuse' | 'other-host-key' | 'refuse-sign-in' | 'accept'
  /** Whether a user of this name exists; with a password, whether it is right. */
  knows(userName: string, password?: string): boolean
  run(command: SshCommand): void
}

/** An SSH server that listens. */
export interface SshServer {
  readonly port: number
  close(): Promise<void>
}

/** A new ed25519 key pair. The library now and then writes one that it cannot read itself; then another one is made. */
export function makeKeyPair(comment: string): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    const read = ssh2.utils.parseKey(pair.private)
    const blob = pair.public.split(' ')[1]
    if (!(read instanceof Error) && read.getPublicSSH().toString('base64') === blob)
      return { privateKey: pair.private, publicKey: pair.public }
  }
}

/** Fingerprint as `ssh-keygen -l` prints it. */
export function fingerprintOf({ publicKey }: KeyPair): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** Listens. Rejects where the port is taken. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  /** By the port of the other side. */
  const open = new Map<number, { readonly socket: Socket; readonly isRefused: boolean }>()
  const usual = sshOn(options, options.hostKey, open)
  const strange = sshOn(options, options.otherHostKey, open)
  const net = createServer({ noDelay: true }, (socket) => {
    const port = socket.remotePort ?? 0
    const outcome = options.connecting()
    open.set(port, { socket, isRefused: outcome === 'refuse-sign-in' })
    socket.on('close', () => open.delete(port)).on('error', () => undefined)
    if (outcome === 'refuse') return void socket.destroy()
    const server = outcome === 'other-host-key' ? strange : usual
    server.injectSocket(socket)
  })
  await listening(net, options)
  const address = net.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        net.close(() => resolve())
        for (const { socket } of open.values()) socket.destroy()
      }),
  }
}

function listening(net: NetServer, { host, port }: SshServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    net.once('error', reject)
    net.listen(port, host, () => resolve())
  })
}

type Open = ReadonlyMap<number, { readonly socket: Socket; readonly isRefused: boolean }>

function sshOn(options: SshServerOptions, hostKey: KeyPair, open: Open) {
  return new ssh2.Server({ hostKeys: [hostKey.privateKey], ident: 'OpenSSH_for_Windows_8.1' }, (client, { port }) => {
    const connection = open.get(port)
    serve(client, options, connection?.isRefused === true, () => connection?.socket.destroy())
  })
}

function serve(client: Connection, options: SshServerOptions, isRefused: boolean, cut: () => void): void {
  let signedIn = { userName: '', isPassword: false }
  client.on('error', () => undefined)
  client.on('authentication', (context) => {
    const isRight = !isRefused && signsIn(context, options)
    if (!isRight) return context.reject(['publickey', 'password'])
    signedIn = { userName: context.username, isPassword: context.method === 'password' }
    context.accept()
  })
  client.on('session', (accept) => {
    accept().on('exec', (acceptExec, _reject, { command }) => {
      const channel = acceptExec()
      channel.on('error', () => undefined)
      options.run({ ...signedIn, commandLine: command, channel, cut })
    })
  })
}

function signsIn(context: AuthContext, { knows, authorizedKey }: SshServerOptions): boolean {
  if (context.method === 'password') return knows(context.username, context.password)
  if (context.method !== 'publickey' || !knows(context.username)) return false
  const allowed = ssh2.utils.parseKey(authorizedKey.publicKey)
  if (allowed instanceof Error) return false
  const blob = allowed.getPublicSSH()
  if (context.key.data.length !== blob.length || !timingSafeEqual(context.key.data, blob)) return false
  const { signature, blob: signed } = context
  return signature === undefined || signed === undefined || allowed.verify(signed, signature, context.hashAlgo) === true
}
