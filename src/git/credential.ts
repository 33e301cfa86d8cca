import type { GitAddress } from './address.ts'
import type { Setting } from './config-text.ts'
import type { Home } from './home.ts'
import { GitError } from './repository.ts'
import { httpsSettings, setting, sshSettings } from './settings.ts'
import { plainSshKey } from './ssh-key.ts'

/** Who we are towards the server. Resolved for each fetch, and kept no longer. */
export type GitCredential =
  | { readonly type: 'None' }
  | { readonly type: 'Bearer'; readonly token: string }
  | { readonly type: 'Basic'; readonly userName: string; readonly password: string }
  | {
      readonly type: 'Ssh'
      readonly userName: string
      readonly privateKey: string
      readonly passphrase?: string
      /** Keys of the server, in the form of known_hosts. */
      readonly knownHosts: string
    }

/** A proxy that stands between us and the server. */
export interface GitProxy {
  /** `http:` or `https:`, without credentials. */
  readonly url: string
  readonly userName?: string
  readonly password?: string
}

/** What a connection needs beside the address. */
export interface Passage {
  readonly credential: GitCredential
  /** Only for https. */
  readonly proxy?: GitProxy | undefined
  /** PEM of all authorities that may vouch for the server; those of git's own where absent. */
  readonly authorities?: string | undefined
  readonly stallSeconds: number
}

/** The settings of a connection, with its files written into the home. Throws GitError Unauthorized where the credential does not fit. */
export async function connectionSettings(
  address: GitAddress,
  passage: Passage,
  home: Home,
): Promise<readonly Setting[]> {
  const { credential } = passage
  if (address.scheme === 'ssh') {
    if (credential.type !== 'Ssh') throw unfit('an ssh:// address needs an identity of type Ssh with a private key')
    return sshSettings(await sshCommand(address, credential, passage.stallSeconds, home))
  }
  if (credential.type === 'Ssh') throw unfit('an https:// address needs an identity of type Bearer, Basic or GitHubApp')
  const authorities =
    passage.authorities === undefined ? undefined : await home.write('authorities.pem', passage.authorities)
  return [
    ...httpsSettings(passage.stallSeconds),
    ...(authorities === undefined ? [] : [setting('http', 'sslCAInfo', authorities)]),
    ...(passage.proxy ? [setting('http', 'proxy', proxyAddress(passage.proxy))] : []),
    ...headerOf(address, credential),
  ]
}

/** The header goes to the origin of the address only. */
function headerOf(address: GitAddress, credential: Exclude<GitCredential, { type: 'Ssh' }>): readonly Setting[] {
  if (credential.type === 'None') return []
  const value =
    credential.type === 'Bearer'
      ? `Bearer ${credential.token}`
      : `Basic ${Buffer.from(`${credential.userName}:${credential.password}`, 'utf8').toString('base64')}`
  if (!/^[\x20-\x7e]+$/.test(value)) throw unfit('the token holds a line break or another character that none has')
  const subsection = `${new URL(address.url).origin}/`
  return [{ section: 'http', subsection, key: 'extraHeader', value: `Authorization: ${value}` }]
}

function proxyAddress({ url, userName, password }: GitProxy): string {
  const proxy = new URL(url)
  if (userName !== undefined) proxy.username = encodeURIComponent(userName)
  if (password !== undefined) proxy.password = encodeURIComponent(password)
  return proxy.href
}

async function sshCommand(
  address: GitAddress,
  credential: Extract<GitCredential, { type: 'Ssh' }>,
  stallSeconds: number,
  home: Home,
): Promise<string> {
  const { userName, knownHosts, privateKey, passphrase } = credential
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(userName)) throw unfit('the user name of the identity is none of ssh')
  if (address.user !== undefined && address.user !== userName)
    throw unfit('the address names another user than the identity; take it out of the address')
  const key = await home.write('ssh_key', plainSshKey(privateKey, passphrase))
  const known = await home.write('known_hosts', knownHosts)
  const lines = [
    `User ${userName}`,
    `IdentityFile ${inSshQuotes(key)}`,
    `UserKnownHostsFile ${inSshQuotes(known)}`,
    'GlobalKnownHostsFile none',
    'IdentitiesOnly yes',
    'IdentityAgent none',
    'BatchMode yes',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'PreferredAuthentications publickey',
    'ClearAllForwardings yes',
    'ForwardAgent no',
    'PermitLocalCommand no',
    'ControlMaster no',
    'ControlPath none',
    'LogLevel ERROR',
    `ConnectTimeout ${stallSeconds}`,
    `ServerAliveInterval ${Math.max(1, Math.floor(stallSeconds / 2))}`,
    'ServerAliveCountMax 2',
  ]
  const file = await home.write('ssh_config', `${lines.join('\n')}\n`)
  // This file in place of the user's and the system's.
  return `ssh -F '${file.replaceAll("'", `'\\''`)}'`
}

/** ssh_config(5): arguments may stand in double quotes; percent signs begin a token. */
function inSshQuotes(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}

function unfit(message: string): GitError {
  return new GitError('Unauthorized', message)
}

/** What of a credential and a proxy must never be shown. */
export function secretsOf({ credential, proxy }: Pick<Passage, 'credential' | 'proxy'>): readonly string[] {
  const password = proxy?.password === undefined ? [] : [proxy.password]
  if (credential.type === 'Bearer') return [...password, credential.token]
  if (credential.type !== 'Basic') return password
  const pair = Buffer.from(`${credential.userName}:${credential.password}`, 'utf8').toString('base64')
  return [...password, credential.password, pair]
}
