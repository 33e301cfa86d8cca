// Signing in as a GitHub App: a token that the app signs itself is exchanged for one of its installation, which lives for an hour and may do
// nothing but read this one repository (GitHub docs, "Generating an installation access token for a GitHub App").
import { createPrivateKey, sign } from 'node:crypto'
import type { HttpClient, HttpResponse } from '../network/http.ts'
import type { GitAddress } from './address.ts'
import type { GitCredential } from './credential.ts'
import { GitError } from './repository.ts'

/** An app, and where it is installed. */
export interface GitHubApp {
  readonly appId: string
  readonly installationId: string
  /** PEM; asked at the moment of use. */
  readonly privateKey: () => Promise<string>
}

/** What the exchange needs. */
export interface GitHubAppUse {
  readonly address: Pick<GitAddress, 'host' | 'port' | 'path'>
  /** Must be allowed to speak to `gitHubApi` of the address. */
  readonly http: HttpClient
  readonly now: () => Date
}

/** The API of a GitHub: github.com, one with data residency (ghe.com), or GitHub Enterprise Server. */
export function gitHubApi({ host, port }: Pick<GitAddress, 'host' | 'port'>): string {
  const name = host.toLowerCase()
  if (name === 'github.com' || name.endsWith('.ghe.com')) return `https://api.${name}`
  return `https://${name}${port === undefined ? '' : `:${port}`}/api/v3`
}

/** Longer than a fetch may take. */
const MARGIN_MS = 15 * 60_000

/** Asks for tokens and keeps one until shortly before its end. The returned function throws GitError. */
export function gitHubAppCredential(
  app: GitHubApp,
  use: GitHubAppUse,
): (signal: AbortSignal) => Promise<GitCredential> {
  let kept: { readonly token: string; readonly untilMs: number } | undefined
  return async (signal) => {
    if (!kept || use.now().getTime() > kept.untilMs - MARGIN_MS) kept = await exchange(app, use, signal)
    return { type: 'Basic', userName: 'x-access-token', password: kept.token }
  }
}

async function exchange(app: GitHubApp, { address, http, now }: GitHubAppUse, signal: AbortSignal) {
  const api = gitHubApi(address)
  const own = ownToken(app.appId, await app.privateKey(), now())
  const response = await http
    .send({
      method: 'POST',
      url: `${api}/app/installations/${app.installationId}/access_tokens`,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${own}`,
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
      body: JSON.stringify({ repositories: [repositoryName(address.path)], permissions: { contents: 'read' } }),
      signal,
      maximumBodyBytes: 256 * 1024,
    })
    .catch((cause: unknown) => {
      signal.throwIfAborted()
      throw new GitError('Unreachable', `${api} cannot be reached, so nobody could sign in as the GitHub App`, {
        cause,
      })
    })
  return tokenIn(response, api)
}

/** The claims that GitHub asks for. A minute earlier, because clocks differ. */
function ownToken(appId: string, privateKey: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds - 60, exp: seconds + 540, iss: appId })}`
  try {
    return `${text}.${sign('sha256', Buffer.from(text), createPrivateKey(privateKey)).toString('base64url')}`
  } catch (cause) {
    throw new GitError('Unauthorized', 'the private key of the GitHub App is no key in the PEM form', { cause })
  }
}

function repositoryName(path: string): string {
  return (path.replace(/\/+$/, '').split('/').at(-1) ?? '').replace(/\.git$/, '')
}

const REFUSALS: Readonly<Record<number, string>> = {
  401: 'GitHub does not know this app by this key; look at `appId`, the private key and the clock of this machine',
  403: 'GitHub refuses the app; look whether its installation is suspended',
  404: 'the app has no such installation; look at `installationId`',
  422: 'the installation may not read this repository; give it the repository, and the app the permission Contents: read',
}

function tokenIn({ status, body }: HttpResponse, api: string) {
  if (status !== 201) {
    if (status === 429 || status >= 500)
      throw new GitError('Unreachable', `${api} answers ${status}; it is tried again`)
    throw new GitError('Unauthorized', REFUSALS[status] ?? `${api} answers ${status} where the app signs in`)
  }
  const { token, expires_at: end } = parsed(body)
  const untilMs = typeof end === 'string' ? Date.parse(end) : Number.NaN
  if (typeof token !== 'string' || token === '' || Number.isNaN(untilMs))
    throw new GitError('Broken', `${api} gave an answer without a token`)
  return { token, untilMs }
}

function parsed(body: Buffer): { readonly token?: unknown; readonly expires_at?: unknown } {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
