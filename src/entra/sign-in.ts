// Sign-in of people: authorization code flow with PKCE ("Microsoft identity platform and OAuth 2.0 authorization code flow"). We ask for an
// id token and nothing else: it says who the person is and which app roles they have, and is thrown away with everything else at once.
// It comes from the token endpoint itself over TLS, so its signature need not be looked at (OpenID Connect Core, 3.1.3.7, 6); whom it is
// for, who issued it, when, and for which attempt is looked at here.
import { createHash, randomBytes } from 'node:crypto'
import type { HttpClient } from '../network/http.ts'
import { toMessage } from '../network/redact.ts'
import { type Cloud, endpointsOf, isGuid, type TenantEndpoints } from './clouds.ts'
import { type Credential, fitCredential } from './credential.ts'
import { asEntraError, jsonOf, malformed } from './failure.ts'
import { asRecord } from './fields.ts'
import { EntraError } from './tenant.ts'
import { loadLibrary } from './token-application.ts'
import { type TokenAnswer, tokenFault } from './token-faults.ts'

/** What one try to sign in is known by. All of it is random; it is bound to the browser that began it. */
export interface SignInAttempt {
  /** Comes back with the code: proves that this browser began it. */
  readonly state: string
  /** Comes back in the id token: proves that it was made for this attempt. */
  readonly nonce: string
  /** Proves to the token endpoint that whoever redeems the code also asked for it (RFC 7636). */
  readonly verifier: string
}

/** Somebody who signed in. */
export interface Person {
  /** As the directory calls them, made fit to be shown. */
  readonly name: string
  /** App roles of our application. */
  readonly roles: readonly string[]
}

/** Signs people in. */
export interface PeopleSignIn {
  /** Where the browser is sent. */
  address(attempt: SignInAttempt): Promise<string>
  /** Who came back with this code. Throws EntraError. */
  person(code: string, attempt: SignInAttempt): Promise<Person>
}

/** The application that people sign in to. */
export interface PeopleSignInOptions {
  /** Belongs to the caller. */
  readonly http: HttpClient
  readonly cloud: Cloud
  /** Another sign-in, on loopback only. */
  readonly endpoint?: string
  readonly tenantId: string
  readonly clientId: string
  readonly credential: Credential
  /** Exactly as it is registered; asked when somebody comes. */
  readonly redirectUri: () => string
  readonly now: () => Date
}

/** Difference of clocks that is forgiven. */
const TOLERANCE_MS = 5 * 60_000
const SCOPES = ['openid', 'profile']

/** A new attempt. */
export function newSignInAttempt(): SignInAttempt {
  const word = () => randomBytes(32).toString('base64url')
  return { state: word(), nonce: word(), verifier: word() }
}

/** Creates the sign-in. Nothing is sent or loaded before the first person comes. Throws EntraError `Invalid` for what cannot work. */
export function createPeopleSignIn(options: PeopleSignInOptions): PeopleSignIn {
  const { tenantId, clientId, endpoint, redirectUri } = options
  if (!isGuid(clientId)) throw new EntraError('Invalid', 'the client id of the identity is not a GUID')
  const loopback = endpoint === undefined ? undefined : { login: endpoint, graph: endpoint }
  const endpoints = endpointsOf(options.cloud, tenantId, loopback)
  const credential = fitCredential(options.credential)
  const doing = `signing a person in to tenant ${tenantId}`
  // One application object per step: it would keep the tokens of everybody who ever came.
  const load = () => loadLibrary(options, endpoints, credential)
  return {
    async address({ state, nonce, verifier }) {
      const { library } = await load()
      const codeChallenge = createHash('sha256').update(verifier).digest('base64url')
      const address = await library.getAuthCodeUrl({
        scopes: SCOPES,
        redirectUri: redirectUri(),
        state,
        nonce,
        codeChallenge,
        codeChallengeMethod: 'S256',
        responseMode: 'query',
        prompt: 'select_account',
      })
      // The library knows the address of the cloud; a simulated tenant has another.
      const ofCloud = `${endpoints.authority}/oauth2/v2.0/authorize?`
      if (address.startsWith(ofCloud)) return `${endpoints.authorizeEndpoint}?${address.slice(ofCloud.length)}`
      throw new EntraError('Invalid', `${doing}: the browser was about to be sent to another address than the sign-in`)
    },
    async person(code, { nonce, verifier }) {
      const { library, network } = await load()
      network.listen()
      const request = { code, scopes: SCOPES, redirectUri: redirectUri(), codeVerifier: verifier, nonce }
      const outcome = await library.acquireTokenByCode(request).catch((error: unknown) => ({ error }))
      const heard = network.heard()
      if (!heard) throw new EntraError('Invalid', `${doing}: the sign-in could not be prepared`, { cause: outcome })
      if ('error' in heard) throw asEntraError(heard.error, doing, new AbortController().signal)
      return personOf(heard, { ...options, endpoints, nonce, doing })
    },
  }
}

interface Expected extends PeopleSignInOptions {
  readonly endpoints: TenantEndpoints
  readonly nonce: string
  readonly doing: string
}

/** What the token endpoint said counts, not what the library makes of it. */
function personOf(answer: TokenAnswer, expected: Expected): Person {
  const { doing } = expected
  const body = answer.response.status === 200 ? asRecord(jsonOf(answer.response.body)) : undefined
  if (!body || body['error'] !== undefined) throw tokenFault(answer, doing)
  const claims = claimsOf(body['id_token'])
  if (!claims) throw malformed(doing, 'Entra ID answered without an id token that can be read')
  const wrong = complaintAbout(claims, expected)
  if (wrong) throw new EntraError('SignInRefused', `${doing}: ${wrong}`)
  const { roles } = claims
  const shown = [claims['preferred_username'], claims['name']].find((text) => typeof text === 'string' && text !== '')
  return {
    name: toMessage(typeof shown === 'string' ? shown : 'somebody', 100),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  }
}

function claimsOf(token: unknown): Readonly<Record<string, unknown>> | undefined {
  const parts = typeof token === 'string' ? token.split('.') : []
  return parts.length === 3 ? asRecord(jsonOf(Buffer.from(parts[1] ?? '', 'base64url'))) : undefined
}

/** "ID token claims reference" and "Validate tokens" (Microsoft identity platform). */
function complaintAbout(claims: Readonly<Record<string, unknown>>, expected: Expected): string | undefined {
  const { tenantId, clientId, nonce, endpoints, now } = expected
  const nowMs = now().getTime()
  if (String(claims['aud']).toLowerCase() !== clientId.toLowerCase()) return 'the id token is for another application'
  if (String(claims['tid']).toLowerCase() !== tenantId.toLowerCase()) return 'the person is of another tenant'
  if (String(claims['iss']).toLowerCase() !== `${endpoints.authority}/v2.0`.toLowerCase()) {
    return 'the id token was issued by somebody else'
  }
  if (claims['nonce'] !== nonce) return 'the id token was made for another attempt'
  if (!(Number(claims['exp']) * 1000 > nowMs - TOLERANCE_MS)) return 'the id token is over; is the clock right?'
  const from = Math.max(Number(claims['nbf'] ?? 0), Number(claims['iat'] ?? 0)) * 1000
  if (!(from <= nowMs + TOLERANCE_MS)) return 'the id token is not valid yet; is the clock right?'
  return undefined
}
