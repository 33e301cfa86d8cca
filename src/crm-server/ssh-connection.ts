// One SSH connection to one server: signed in, its host key verified, ready to run a command. Everything that goes wrong here happens before
// a script was sent, so it has no effect on the server.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Client, ClientErrorExtensions, ConnectConfig } from 'ssh2'
import { CrmServerError } from './deployment.ts'
import type { Schedule } from './schedule.ts'

/** How a user proves to be who they say. Read at the moment of use. */
export type SshSignIn =
  | {
      readonly type: 'Key'
      readonly privateKey: () => Promise<string>
      readonly passphrase?: () => Promise<string>
    }
  | { readonly type: 'Password'; readonly password: () => Promise<string> }

/** Where to connect, and as whom. */
export interface SshTarget {
  /** Host name or address. */
  readonly host: string
  readonly port: number
  /** As in messages and keys: the host, with its port where that is not 22. */
  readonly name: string
  /** `SHA256:` and 43 characters, as `ssh-keygen -l` prints it. */
  readonly hostKeySha256: string
  readonly userName: string
  readonly signIn: SshSignIn
}

/** Another host key than the pinned one. Nothing was sent. */
export class HostKeyError extends CrmServerError {
  /** Fingerprint of the key that was shown, as `ssh-keygen -l` prints it. Whoever stands in between shows one too. */
  readonly offered: string

  constructor(host: string, message: string, offered: string) {
    super('HostKeyChanged', host, message)
    this.offered = offered
  }
}

/** A signed-in connection. The caller ends it. Throws CrmServerError; credentials are sent only to the pinned host key. */
export async function openConnection(
  target: SshTarget,
  { deadlineMs, schedule, signal }: { deadlineMs: number; schedule: Schedule; signal: AbortSignal },
): Promise<Client> {
  const { default: ssh2 } = await import('ssh2')
  const credentials = await credentialsFor(target, ssh2.utils.parseKey)
  if (signal.aborted) throw cancelled(target.name)
  let presented: string | undefined
  const config: ConnectConfig = {
    host: target.host,
    port: target.port,
    username: target.userName,
    ...credentials,
    hostVerifier: (key: Buffer) => {
      presented = fingerprintOf(key)
      return isSame(presented, target.hostKeySha256)
    },
    // The deadline is ours, over everything from the first packet to the sign-in.
    readyTimeout: 0,
    keepaliveInterval: 20_000,
    keepaliveCountMax: 3,
  }
  const client = new ssh2.Client()
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      callOff()
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const fail = (error: CrmServerError) =>
      settle(() => {
        client.destroy()
        reject(error)
      })
    const onAbort = () => fail(cancelled(target.name))
    const callOff = schedule(deadlineMs, () =>
      fail(
        new CrmServerError(
          'TimedOut',
          target.name,
          `no SSH connection to ${target.name} within ${seconds(deadlineMs)}; look whether the server runs, and whether its SSH port can be reached from here`,
        ),
      ),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    // Signing in is a handful of small packets, each of which would wait for the one before to be acknowledged.
    client.once('connect', () => client.setNoDelay(true))
    client.once('ready', () => settle(() => resolve(client)))
    client.on('error', (error) => fail(connectionError(error, target, presented)))
    client.once('close', () => fail(connectionError(undefined, target, presented)))
    client.connect(config)
  })
}

type Credentials = Pick<ConnectConfig, 'authHandler' | 'privateKey' | 'passphrase' | 'password'>

/** Only the one method that is configured is ever tried: a wrong guess counts towards the lock-out of an account. */
async function credentialsFor(
  { name, signIn }: SshTarget,
  parseKey: (data: string, passphrase?: string) => unknown,
): Promise<Credentials> {
  if (signIn.type === 'Password') return { authHandler: ['password'], password: await signIn.password() }
  const privateKey = await signIn.privateKey()
  const passphrase = await signIn.passphrase?.()
  // The reason of the parser is left out: it may quote the file.
  if (parseKey(privateKey, passphrase) instanceof Error) {
    const hint = passphrase === undefined ? 'give its passphrase if it has one' : 'does the passphrase fit?'
    throw new CrmServerError('SignInRefused', name, `the private key for ${name} cannot be read: ${hint}`)
  }
  return { authHandler: ['publickey'], privateKey, ...(passphrase === undefined ? {} : { passphrase }) }
}

function connectionError(
  error: (Error & ClientErrorExtensions) | undefined,
  { name, hostKeySha256, userName, signIn }: SshTarget,
  presented: string | undefined,
): CrmServerError {
  if (presented !== undefined && !isSame(presented, hostKeySha256)) {
    const what = `the host key of ${name} is ${presented} and not the one in the configuration`
    return new HostKeyError(
      name,
      `${what}, so nothing was sent; ask whether the server was set up anew, and only then write the new key to \`hostKeySha256\``,
      presented,
    )
  }
  if (error?.level === 'client-authentication') {
    const by = signIn.type === 'Key' ? 'key' : 'password'
    const message = `${name} refused the ${by} of ${userName}; check the identity of this server in the configuration`
    return new CrmServerError('SignInRefused', name, message)
  }
  const reason = reasonOf(error)
  return new CrmServerError(
    'Unreachable',
    name,
    `no SSH connection to ${name}: ${reason}; look whether the server runs, and whether its SSH port can be reached from here`,
    { cause: error },
  )
}

/** Codes and names of our own side only: an error may quote what the server sent. */
function reasonOf(error: (Error & ClientErrorExtensions & { code?: unknown }) | undefined): string {
  if (error === undefined) return 'it was closed before the sign-in'
  if (typeof error.code === 'string') return error.code
  if (error.message === 'Connection lost before handshake') return 'it was closed at once'
  if (error.level === 'protocol' || error.level === 'handshake') return 'the two sides found no common way to talk'
  return 'it was closed before the sign-in'
}

/** The fingerprint of a host key as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other.replace(/=+$/, ''))]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A call that its signal ended. */
export function cancelled(name: string, effect: 'none' | 'possible' = 'none'): CrmServerError {
  return new CrmServerError('Cancelled', name, `the call to ${name} was cancelled`, { effect })
}

/** A time for a message. */
export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
