import { EntraError } from './tenant.ts'

/** A national cloud. Tokens of one are refused by every other. */
export type Cloud = 'Global' | 'UsGovHigh' | 'UsGovDoD' | 'China'

/** Other addresses than those of the cloud, on loopback only: a simulated tenant. */
export interface LoopbackEndpoints {
  /** Of the sign-in, without the tenant. */
  readonly login: string
  /** Of Microsoft Graph, without the version. */
  readonly graph: string
}

/** Where one tenant signs in and where its directory is. Addresses end without a slash. */
export interface TenantEndpoints {
  /** Always of a cloud: the token library takes no plain http here, and a cloud's host it knows without asking anybody. */
  readonly authority: string
  readonly tokenEndpoint: string
  /** Where a person's browser is sent to sign in. */
  readonly authorizeEndpoint: string
  /** With the version. */
  readonly graph: string
  readonly scope: string
  /** What the HTTP client must be allowed to speak to. */
  readonly origins: readonly string[]
}

// "National cloud deployments" (Microsoft Graph) and "Azure AD authentication endpoints" (Microsoft identity platform).
const CLOUDS = {
  Global: { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' },
  UsGovHigh: { login: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' },
  UsGovDoD: { login: 'https://login.microsoftonline.us', graph: 'https://dod-graph.microsoft.us' },
  China: { login: 'https://login.partner.microsoftonline.cn', graph: 'https://microsoftgraph.chinacloudapi.cn' },
} as const satisfies Record<Cloud, LoopbackEndpoints>

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The addresses of a tenant. Throws EntraError `Invalid` for a tenant id that is no GUID, and for endpoints that are not on this machine: a
 * credential is not sent to a host that somebody wrote into a file.
 */
export function endpointsOf(cloud: Cloud, tenantId: string, endpoints?: LoopbackEndpoints): TenantEndpoints {
  if (!isGuid(tenantId))
    throw new EntraError('Invalid', 'the tenant id is not a GUID; a domain name cannot stand for it')
  const ofCloud = CLOUDS[cloud]
  const login = endpoints ? onLoopback('login', endpoints.login) : ofCloud.login
  const graph = endpoints ? onLoopback('graph', endpoints.graph) : ofCloud.graph
  return {
    authority: `${ofCloud.login}/${tenantId}`,
    tokenEndpoint: `${login}/${tenantId}/oauth2/v2.0/token`,
    authorizeEndpoint: `${login}/${tenantId}/oauth2/v2.0/authorize`,
    graph: `${graph}/v1.0`,
    scope: `${ofCloud.graph}/.default`,
    origins: [new URL(login).origin, new URL(graph).origin],
  }
}

/** Whether the text is a GUID in its usual form. */
export function isGuid(text: string): boolean {
  return GUID.test(text)
}

function onLoopback(name: string, address: string): string {
  const url = URL.parse(address)
  const isLoopback = url !== null && /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname)
  if (!isLoopback || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    throw new EntraError(
      'Invalid',
      `the endpoint "${name}" is not an address on this machine; the cloud decides all others`,
    )
  }
  return address.replace(/\/+$/, '')
}
