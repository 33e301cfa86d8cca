import type { Answer, WireRequest } from '../http.ts'
import type { SignInOptions } from './sign-in.ts'

/** The token endpoint of AD FS, and the tokens it has given. */
export interface TokenEndpoint {
  /** Answers a request for a token. */
  answer(request: WireRequest, origin: string): Answer
  /** The user a token speaks for; undefined for a token that is unknown, expired, for another resource, or speaks for no user. */
  userOf(token: string, resource: string): string | undefined
}

interface Client {
  /** Absent for public clients. */
  readonly secret?: string
  /** Whether it may have tokens for CRM (Microsoft: Grant-AdfsApplicationPermission). */
  readonly granted: boolean
}

interface Issued {
  /** Undefined for a client's own token. */
  readonly user: string | undefined
  readonly resource: string
  readonly expiresAtMs: number
}

const CLIENTS: Readonly<Record<string, Client>> = {
  'public-client': { granted: true },
  'confidential-client': { secret: 'simulator-secret', granted: true },
  'ungranted-client': { secret: 'simulator-secret', granted: false },
}
const HOUR_MS = 3_600_000

/** A refusal of the endpoint as AD FS answers it. */
class Refusal extends Error {
  readonly error: string

  constructor(error: string, message: string) {
    super(message)
    this.error = error
  }
}

/** An endpoint that has given no token yet. */
export function createTokenEndpoint({ adfs, accounts, now, newId }: SignInOptions): TokenEndpoint {
  const issued = new Map<string, Issued>()
  const refreshing = new Map<string, { readonly user: string; readonly generation: number }>()
  const lifetimeMs = adfs.tokenLifetimeMs ?? HOUR_MS

  function userFor(form: URLSearchParams, client: Client): string | undefined {
    switch (form.get('grant_type')) {
      case 'password':
        if (client.secret === undefined && adfs.version !== '2019') {
          throw new Refusal('unauthorized_client', 'MSIS9607: The grant is not available to a public client.')
        }
        return userByPassword(form)
      case 'refresh_token':
        return userByRefreshToken(form)
      case 'client_credentials':
        if (client.secret !== undefined) return undefined
        throw new Refusal('unauthorized_client', 'MSIS9607: The grant is not available to a public client.')
      default:
        throw new Refusal('unsupported_grant_type', 'MSIS9611: The authorization server does not support this grant.')
    }
  }
  function userByPassword(form: URLSearchParams): string {
    const user = accounts.userOf(form.get('username') ?? '')
    const password = user === undefined ? undefined : accounts.passwordOf(user)
    if (user !== undefined && password !== undefined && form.get('password') === password) return user
    throw new Refusal('invalid_grant', 'MSIS9659: Invalid username or password.')
  }
  function userByRefreshToken(form: URLSearchParams): string {
    const found = refreshing.get(form.get('refresh_token') ?? '')
    if (found !== undefined && found.generation === accounts.generationOf(found.user)) return found.user
    throw new Refusal('invalid_grant', 'MSIS9615: The refresh token is not valid.')
  }
  function grant(form: URLSearchParams, origin: string): Readonly<Record<string, unknown>> {
    const client = clientOf(form)
    const resource = form.get('resource') ?? ''
    requireResource(resource, client, origin)
    const user = userFor(form, client)
    const token = `simulated.${newId()}`
    issued.set(token, { user, resource, expiresAtMs: now().getTime() + lifetimeMs })
    const answer = { access_token: token, token_type: 'bearer', expires_in: Math.floor(lifetimeMs / 1000) }
    if (user === undefined || adfs.refreshTokens !== true) return answer
    const refresh = newId()
    refreshing.set(refresh, { user, generation: accounts.generationOf(user) })
    return { ...answer, refresh_token: refresh }
  }

  return {
    answer(request, origin) {
      if (request.method !== 'POST') return json(405, { error: 'invalid_request', error_description: 'Use POST.' })
      try {
        return json(200, grant(formOf(request), origin))
      } catch (error) {
        if (error instanceof Refusal) return json(400, { error: error.error, error_description: error.message })
        throw error
      }
    },
    userOf(token, resource) {
      const found = issued.get(token)
      const holds = found !== undefined && found.resource === resource && found.expiresAtMs > now().getTime()
      return holds ? found.user : undefined
    },
  }
}

function formOf(request: WireRequest): URLSearchParams {
  const type = request.headers['content-type'] ?? ''
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return new URLSearchParams(request.body)
  throw new Refusal('invalid_request', 'MSIS9600: The request is not a form.')
}

function clientOf(form: URLSearchParams): Client {
  const client = CLIENTS[form.get('client_id') ?? '']
  const secret = form.get('client_secret')
  const knows = client !== undefined && (secret === null ? client.secret === undefined : secret === client.secret)
  if (client !== undefined && knows) return client
  throw new Refusal('invalid_client', 'MSIS9607: The client is unknown or did not prove who it is.')
}

/** The identifier is the external address of CRM with a slash at its end. */
function requireResource(resource: string, client: Client, origin: string): void {
  if (resource === '') throw new Refusal('invalid_resource', 'MSIS9329: The request names no resource.')
  if (resource !== `${origin}/`) {
    throw new Refusal(
      'invalid_resource',
      "MSIS9602: The received 'resource' parameter is invalid. The authorization server can not find a registered resource with the specified identifier.",
    )
  }
  if (client.granted) return
  throw new Refusal('unauthorized_client', 'MSIS9605: The client is not allowed to access the requested resource.')
}

function json(status: number, value: unknown): Answer {
  const headers = { 'Content-Type': 'application/json;charset=UTF-8', 'Cache-Control': 'no-store' }
  return { status, headers, body: JSON.stringify(value) }
}
