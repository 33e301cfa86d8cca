import type { SimulatedTenant } from '../../trust/model.ts'
import { CLOUD_HOSTS, GRAPH_APP_ID } from '../clouds.ts'
import type { TokenSubject, Tokens } from '../login/tokens.ts'
import { GraphRefusal } from './refusal.ts'

/** What a token is checked against. */
export interface SignInCheck {
  readonly tenant: SimulatedTenant
  readonly tokens: Tokens
  readonly origin: () => string
  readonly now: () => Date
}

const MESSAGES = {
  malformed: 'CompactToken parsing failed with error code: 80049217',
  audience: 'Access token validation failure. Invalid audience.',
  signature: 'Access token validation failure. Invalid signature.',
  expired: 'Lifetime validation failed, the token is expired.',
} as const

/** Who calls. Throws GraphRefusal 401; a token of another cloud has another audience. */
export function callerOf(
  { tenant, tokens, origin, now }: SignInCheck,
  authorization: string | undefined,
): TokenSubject {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) throw unauthorized('Access token is empty.')
  const verdict = tokens.read(token, [CLOUD_HOSTS[tenant.cloud].graph, `${origin()}/graph`, GRAPH_APP_ID])
  if ('subject' in verdict) return verdict.subject
  if (verdict.refusal === 'revoked') throw claimsChallenge(tenant, now())
  throw unauthorized(MESSAGES[verdict.refusal])
}

/** 401 that wants a token with these claims (Microsoft, claims challenges, claims requests and client capabilities). */
export function claimsChallenge({ cloud }: SimulatedTenant, now: Date): GraphRefusal {
  const value = String(Math.floor(now.getTime() / 1000))
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value } } })
  const challenge = [
    'Bearer realm=""',
    `authorization_uri="${CLOUD_HOSTS[cloud].login}/common/oauth2/authorize"`,
    `client_id="${GRAPH_APP_ID}"`,
    'error="insufficient_claims"',
    `claims="${Buffer.from(claims).toString('base64')}"`,
  ].join(', ')
  const message =
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp'
  return new GraphRefusal(401, 'InvalidAuthenticationToken', message, { 'WWW-Authenticate': challenge })
}

function unauthorized(message: string): GraphRefusal {
  const challenge = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="${GRAPH_APP_ID}"`
  return new GraphRefusal(401, 'InvalidAuthenticationToken', message, { 'WWW-Authenticate': challenge })
}
