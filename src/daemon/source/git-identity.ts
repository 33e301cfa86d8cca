// Who mailkeel is towards the git server, and the proxy on the way there, as the configuration says. Secrets are read for each fetch.
import { readFile } from 'node:fs/promises'
import { httpClientTo } from '../../compose/connections.ts'
import { secretOf } from '../../compose/secrets.ts'
import { parseAddress } from '../../git/address.ts'
import type { GitCredential, GitProxy } from '../../git/credential.ts'
import { gitHubApi, gitHubAppCredential } from '../../git/github-app.ts'
import { GitError } from '../../git/repository.ts'
import type { Machine } from '../../machine.ts'
import type { HttpClient } from '../../network/http.ts'
import { createNoProxy } from '../../network/no-proxy.ts'
import { type RuntimeConfiguration, resolvePath } from '../../spec/configuration/load.ts'
import type { Configuration, Identity } from '../../spec/generated/types.ts'

type GitFields = NonNullable<Configuration['spec']['source']['git']>

/** What identities are resolved with. */
export interface GitIdentityUse {
  readonly configuration: RuntimeConfiguration
  readonly machine: Pick<Machine, 'environment' | 'now'>
  /** Told of a connection that was made, so that it is closed in the end. */
  readonly onConnect: (http: HttpClient) => void
}

/** Resolves a credential. Throws GitError and SecretError. */
type AskCredential = (signal: AbortSignal) => Promise<GitCredential>

/** Secrets are read at the moment of use, for each fetch. */
export function credentialOf(git: GitFields, using: GitIdentityUse): AskCredential {
  const name = git.identity
  const identity = name === undefined ? undefined : using.configuration.spec.identities[name]
  if (identity?.type === 'GitHubApp') return gitHubApp(git, identity, using)
  return () => plainCredential(git, identity, using)
}

async function plainCredential(
  git: GitFields,
  identity: Identity | undefined,
  using: GitIdentityUse,
): Promise<GitCredential> {
  const of = (what: string) => `the ${what} of identity ${git.identity}`
  const { type, token, password, userName = '', privateKey, passphrase } = identity ?? {}
  if (type === 'Bearer' && token) return { type, token: await secretOf(token, of('token'), using) }
  if (type === 'Basic' && password) return { type, userName, password: await secretOf(password, of('password'), using) }
  if (type !== 'Ssh') return { type: 'None' }
  if (!privateKey) {
    throw new GitError(
      'Unauthorized',
      `identity ${git.identity} signs in to a git server with a password, which ssh asks a person for; give it a \`privateKey\``,
    )
  }
  return {
    type,
    userName,
    privateKey: await secretOf(privateKey, of('private key'), using),
    ...(passphrase ? { passphrase: await secretOf(passphrase, of('passphrase'), using) } : {}),
    knownHosts: await knownHostsOf(git, using),
  }
}

async function knownHostsOf({ knownHostsFile }: GitFields, { configuration }: GitIdentityUse): Promise<string> {
  const file = resolvePath(configuration, knownHostsFile ?? '')
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new GitError('HostUnknown', `\`source.git.knownHostsFile\`: the file ${file} cannot be read`, { cause })
  }
}

function gitHubApp(
  git: GitFields,
  { appId = '', installationId = '', privateKey }: Identity,
  using: GitIdentityUse,
): AskCredential {
  const address = parseAddress(git.url)
  let asking: Promise<AskCredential> | undefined
  async function connect(): Promise<AskCredential> {
    const http = await httpClientTo([new URL(gitHubApi(address)).origin], using)
    using.onConnect(http)
    const use = `the private key of identity ${git.identity}`
    const key = () => secretOf(privateKey ?? {}, use, using)
    return gitHubAppCredential({ appId, installationId, privateKey: key }, { address, http, now: using.machine.now })
  }
  return async (signal) => {
    asking ??= connect()
    asking.catch(() => {
      asking = undefined
    })
    return (await asking)(signal)
  }
}

/** The proxy of the configuration, where the server does not stand among those that are reached directly. */
export async function proxyOf(git: GitFields, using: GitIdentityUse): Promise<GitProxy | undefined> {
  const { proxy } = using.configuration.spec.network
  if (!proxy || createNoProxy(proxy.noProxy)(new URL(git.url))) return undefined
  return {
    url: proxy.url,
    ...(proxy.userName === undefined ? {} : { userName: proxy.userName }),
    ...(proxy.password ? { password: await secretOf(proxy.password, 'the password of the proxy', using) } : {}),
  }
}
