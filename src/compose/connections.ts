// Connections: the one HTTP client of a run, and the clients of organizations over it. Nothing is sent here.
import { readFile } from 'node:fs/promises'
import {
  type Authenticator,
  bearer,
  createOrganizationClient,
  none,
  type OnEvent,
  type OrganizationClient,
  type OrganizationClientOptions,
} from '../crm/index.ts'
import type { Machine } from '../machine.ts'
import type { HttpClient } from '../network/http.ts'
import { createHttpClient } from '../network/http-client.ts'
import {
  identityFor,
  organizationEndpoint,
  type RuntimeConfiguration,
  resolvePath,
} from '../spec/configuration/load.ts'
import { parseDuration } from '../spec/duration.ts'
import type { Identity, OrganizationEndpoint } from '../spec/generated/types.ts'
import { packageVersion } from './package-version.ts'
import { type SecretUse, secretOf } from './secrets.ts'
import { UsageError } from './usage-error.ts'

/** Says whether we may still write; a Lease is one. */
export interface Fence {
  /** Throws where we may not. Asked before every single write, so it must be cheap. */
  check(): void
}

/** What connections are made with. */
export interface ConnectionInput {
  readonly configuration: RuntimeConfiguration
  /** Only then an organization is connected with the identity that writes. */
  readonly writing: boolean
  readonly machine: Machine
  /** Asked before anything that may write is handed to the network or to a server. Absent: nobody else can be writing. */
  readonly fence?: Fence
  /** Folder with answers that a person brought back from servers that nobody connects to. */
  readonly readResults?: string
  /** Told what the client of an organization does. */
  readonly onEvent?: (organization: string, event: Parameters<OnEvent>[0]) => void
}

/** The HTTP client of a run. It speaks to these origins and to no other. */
export async function httpClientTo(
  origins: Iterable<string>,
  { configuration, machine, fence }: SecretUse & Pick<ConnectionInput, 'fence'>,
): Promise<HttpClient> {
  const { network } = configuration.spec
  const { proxy, caFile } = network
  const password =
    proxy?.password && (await secretOf(proxy.password, 'the password of the proxy', { configuration, machine }))
  return createHttpClient({
    allowedOrigins: [...new Set(origins)],
    userAgent: `mailkeel/${packageVersion()}`,
    ...(proxy
      ? {
          proxy: {
            url: proxy.url,
            ...(proxy.userName === undefined ? {} : { username: proxy.userName }),
            ...(password === undefined ? {} : { password }),
          },
          noProxy: proxy.noProxy,
        }
      : {}),
    ...(caFile === undefined ? {} : { caPem: await readFile(resolvePath(configuration, caFile), 'utf8') }),
    ...(fence ? { fence: () => fence.check() } : {}),
    connectionsPerOrigin: network.maximumConcurrency,
    connectTimeoutMs: parseDuration(network.connectTimeout),
    deadlineMs: parseDuration(network.requestTimeout),
    headersTimeoutMs: parseDuration(network.requestTimeout),
  })
}

/** How to reach an organization. Throws UsageError where the configuration does not say. */
export function endpointOf(configuration: RuntimeConfiguration, name: string): OrganizationEndpoint {
  const endpoint = organizationEndpoint(configuration, name)
  if (endpoint) return endpoint
  throw new UsageError(`${configuration.file} does not say how to reach ${name}; add it below \`organizations\``)
}

/** The client of an organization. Throws UsageError. */
export function clientOf(name: string, http: HttpClient, input: ConnectionInput): OrganizationClient {
  return createOrganizationClient(clientOptionsOf(name, http, input))
}

/** How an organization is reached, and as whom. Throws UsageError. */
export function clientOptionsOf(name: string, http: HttpClient, input: ConnectionInput): OrganizationClientOptions {
  const { configuration, machine, writing, onEvent } = input
  const { network } = configuration.spec
  const endpoint = endpointOf(configuration, name)
  const authenticator = (purpose: 'reading' | 'writing') =>
    authenticatorOf(
      identityFor(configuration, endpoint, purpose),
      endpoint[purpose] ?? endpoint.reading,
      endpoint.url,
      input,
    )
  return {
    http,
    baseUrl: endpoint.url,
    reading: authenticator('reading'),
    ...(writing ? { writing: authenticator('writing') } : {}),
    ...(endpoint.version === undefined ? {} : { versionPin: endpoint.version }),
    now: machine.now,
    random: machine.random,
    wait: machine.sleep,
    maximumConcurrency: network.maximumConcurrency,
    patienceMs: parseDuration(network.totalTimeout),
    ...(onEvent ? { onEvent: (event) => onEvent(name, event) } : {}),
  }
}

/** Secrets are read at the moment of use and kept nowhere. */
function authenticatorOf(
  identity: Identity | undefined,
  name: string,
  url: string,
  input: ConnectionInput,
): Authenticator {
  if (identity?.type === 'None') return none(url)
  const token = identity?.type === 'Bearer' ? identity.token : undefined
  if (token) return bearer(() => secretOf(token, `the token of identity ${name}`, input))
  throw new UsageError(`identity ${name} cannot sign in to CRM: this version knows the types Bearer and None`)
}
