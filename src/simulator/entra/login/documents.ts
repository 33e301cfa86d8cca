import type { Answer } from '../../wire/http.ts'
import { CLOUD_HOSTS } from '../clouds.ts'
import type { LoginOptions } from './token-endpoint.ts'

/** The OpenID configuration of the tenant; every address in it is this simulator's (OpenID Connect Discovery 1.0). */
export function openIdConfiguration({ tenant, origin }: LoginOptions): Answer {
  const base = `${origin()}/${tenant.tenantId}`
  const document = {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(CLOUD_HOSTS[tenant.cloud].login).hostname.replace(/^login\./, ''),
  }
  return documentAnswer(document)
}

/** What instance discovery says: this host is the only one. */
export function instanceDiscovery({ tenant, origin }: LoginOptions): Answer {
  const { host } = new URL(origin())
  return documentAnswer({
    tenant_discovery_endpoint: `${origin()}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  })
}

/** A public document. */
export function documentAnswer(value: object): Answer {
  return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) }
}
