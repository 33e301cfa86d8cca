import { generateKeyPairSync, sign, verify } from 'node:crypto'
import type { SimulatedApplication } from '../../trust/model.ts'
import { jwtParts, jwtToSign } from './jwt.ts'

/** Whom a token speaks for. */
export interface TokenSubject {
  readonly clientId: string
  readonly roles: ReadonlySet<string>
}

/** What is wrong with a token, or who it is. */
export type TokenVerdict =
  | { readonly subject: TokenSubject }
  | { readonly refusal: 'malformed' | 'audience' | 'signature' | 'expired' | 'revoked' }

/** A person of whom an id token tells. */
export interface TokenPerson {
  readonly userPrincipalName: string
  readonly appRoles?: readonly string[]
}

/** Gives tokens and reads them again. */
export interface Tokens {
  /** A token with the roles that the application has now; a later grant shows only in a later token. */
  issue(
    application: SimulatedApplication,
    audience: string,
  ): { readonly token: string; readonly lifetimeSeconds: number }
  /** Who signed in to the application, for nobody else (Microsoft, ID token claims reference). */
  issueIdToken(clientId: string, person: TokenPerson, nonce: string | undefined): string
  read(token: string, audiences: readonly string[]): TokenVerdict
  /** Every token given so far is challenged from now on (Microsoft, continuous access evaluation). */
  revoke(): void
  /** The public key as a JSON Web Key Set. */
  keySet(): object
}

/** What tokens say of where they come from, and how long they live. */
export interface TokenOptions {
  readonly tenantId: string
  readonly login: string
  readonly nowMs: () => number
  readonly newId: () => string
  /** An hour less one second in the product. */
  readonly lifetimeSeconds: number
}

const KEY_ID = 'simulated-signing-key'

/** Signs with an elliptic key where the product has RSA: that one is made in no time, and no client looks at the signature. */
export function createTokens(options: TokenOptions): Tokens {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let firstGood = 0
  let given = 0
  const signed = (payload: object) => {
    const content = jwtToSign({ typ: 'JWT', alg: 'ES256', kid: KEY_ID }, payload)
    const signature = sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${content}.${signature.toString('base64url')}`
  }
  return {
    issue(application, audience) {
      const at = Math.floor(options.nowMs() / 1000)
      given += 1
      const payload = { ...payloadOf(application, audience, options), uti: `${given}`, iat: at, nbf: at }
      const { lifetimeSeconds } = options
      return { token: signed({ ...payload, exp: at + lifetimeSeconds }), lifetimeSeconds }
    },
    issueIdToken(clientId, { userPrincipalName, appRoles = [] }, nonce) {
      const at = Math.floor(options.nowMs() / 1000)
      return signed({
        aud: clientId,
        iss: `${options.login}/${options.tenantId}/v2.0`,
        iat: at,
        nbf: at,
        exp: at + options.lifetimeSeconds,
        name: userPrincipalName.split('@')[0],
        preferred_username: userPrincipalName,
        oid: options.newId(),
        sub: options.newId(),
        tid: options.tenantId,
        ver: '2.0',
        ...(nonce !== undefined && { nonce }),
        // The claim is absent and not empty where nothing was assigned.
        ...(appRoles.length > 0 && { roles: appRoles }),
      })
    },
    read(token, audiences) {
      const parts = jwtParts(token)
      if (parts === undefined) return { refusal: 'malformed' }
      const { payload, signed, signature } = parts
      if (!audiences.includes(String(payload['aud']))) return { refusal: 'audience' }
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
      if (!verify('sha256', signed, key, signature)) return { refusal: 'signature' }
      if (Number(payload['exp']) * 1000 <= options.nowMs()) return { refusal: 'expired' }
      if (Number(payload['uti']) < firstGood) return { refusal: 'revoked' }
      const roles = Array.isArray(payload['roles']) ? payload['roles'].map(String) : []
      return { subject: { clientId: String(payload['appid']), roles: new Set(roles) } }
    },
    revoke() {
      firstGood = given + 1
    },
    keySet: () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', kid: KEY_ID }] }),
  }
}

function payloadOf(application: SimulatedApplication, audience: string, { tenantId, login, newId }: TokenOptions) {
  return {
    aud: audience,
    iss: `${login}/${tenantId}/v2.0`,
    app_displayname: application.displayName,
    appid: application.clientId,
    appidacr: '1',
    idtyp: 'app',
    oid: newId(),
    tid: tenantId,
    ver: '1.0',
    ...(application.roles.length === 0 ? {} : { roles: application.roles }),
  }
}
