// Where everything is put together: from a configuration and a desired state to the scopes a pass works on. Nothing is sent here.
import { readFile } from 'node:fs/promises'
import {
  type Authenticator,
  bearer,
  createOrganizationClient,
  none,
  type OnEvent,
  type OrganizationClient,
} from '../crm/index.ts'
import type { Guard } from '../engine/index.ts'
import type { HttpClient } from '../network/http.ts'
import { createHttpClient } from '../network/http-client.ts'
import type { OrganizationScope } from '../reconcile/contract.ts'
import { guardsOf } from '../reconcile/guards.ts'
import {
  identityFor,
  organizationEndpoint,
  type RuntimeConfiguration,
  resolvePath,
  secretReference,
} from '../spec/configuration/load.ts'
import { resolveSecret, SecretError } from '../spec/configuration/secret.ts'
import type { DesiredOrganization } from '../spec/desired.ts'
import { parseDuration } from '../spec/duration.ts'
import type { Identity } from '../spec/generated/types.ts'
import { organizationStages } from '../stages/index.ts'
import { suspensionReason } from '../stages/mailbox-policy.ts'
import type { AccountUse } from '../stages/prerequisites/checks.ts'
import type { Machine } from './machine.ts'
import { packageVersion } from './package-version.ts'
import { UsageError } from './verb.ts'

/** What the scopes are made from. */
export interface ComposeInput {
  readonly configuration: RuntimeConfiguration
  readonly organizations: readonly DesiredOrganization[]
  /** Only then the scopes get a writer. */
  readonly writing: boolean
  readonly machine: Machine
  /** Told what the client of an organization does. */
  readonly onEvent?: (organization: string, event: Parameters<OnEvent>[0]) => void
}

/** Scopes with their connections. */
export interface Composition {
  readonly scopes: readonly OrganizationScope[]
  /** The guards of a scope, with its limits. */
  guards(scope: string): readonly Guard[]
  close(): Promise<void>
}

/** Puts the scopes together. Throws UsageError where the configuration does not say how to reach an organization. */
export async function compose(input: ComposeInput): Promise<Composition> {
  const { configuration, organizations, machine, writing } = input
  await checkSecrets(input)
  const http = await httpClient(configuration, organizations, machine)
  const clients: OrganizationClient[] = []
  const { tests, rollout } = configuration.spec
  const stages = organizationStages({
    accountUse: (name) => accountUse(name, input),
    resolveSecret: (name) => specSecret(configuration, machine, name),
    proofMaxAgeMs: parseDuration(configuration.spec.proofMaxAge),
    pace: { maximumInFlight: tests.maximumInFlight, ...(rollout ? { rollout } : {}) },
  })
  const scopes = organizations.map((desired): OrganizationScope => {
    const client = clientOf(desired.name, http, input)
    clients.push(client)
    const scope = {
      scope: scopeOf(desired.name),
      desired,
      newReader: client.reader,
      stages,
      holdAt: (now: Date) => suspensionReason(desired.suspend, now),
    }
    return writing ? { ...scope, writer: client.writer() } : scope
  })
  const guards = new Map(organizations.map(({ name }) => [scopeOf(name), guardsOf(configuration.spec, name)]))
  return {
    scopes,
    guards: (scope) => guards.get(scope) ?? [],
    async close() {
      await Promise.all(clients.map((client) => client.close()))
      await http.close()
    },
  }
}

/** Whether the account that reads writes too: where no other is named, and the policy lets anybody write. */
function accountUse(name: string, { configuration, writing }: ComposeInput): AccountUse {
  const endpoint = endpointOf(configuration, name)
  const isSame = identityFor(configuration, endpoint, 'writing') === identityFor(configuration, endpoint, 'reading')
  if (!isSame || configuration.spec.policy === 'Observe') return 'Reads'
  return writing ? 'Writes' : 'WillWrite'
}

/** The scope of an organization; plans, journal and memory know it by that. */
export function scopeOf(organization: string): string {
  return `organization/${organization}`
}

/** Looks whether the tokens that will be needed are there, so that a missing one is told as what it is. */
async function checkSecrets({ configuration, organizations, writing, machine }: ComposeInput): Promise<void> {
  for (const { name } of organizations) {
    const endpoint = endpointOf(configuration, name)
    for (const purpose of writing ? (['reading', 'writing'] as const) : (['reading'] as const)) {
      const identity = identityFor(configuration, endpoint, purpose)
      if (identity?.type !== 'Bearer' || identity.token === undefined) continue
      const use = `the token of identity ${endpoint[purpose] ?? endpoint.reading}`
      await secretOf(identity.token, use, configuration, machine).catch((error: unknown) => {
        throw error instanceof SecretError ? new UsageError(error.message, { cause: error }) : error
      })
    }
  }
}

async function httpClient(
  configuration: RuntimeConfiguration,
  organizations: readonly DesiredOrganization[],
  machine: Machine,
): Promise<HttpClient> {
  const { network } = configuration.spec
  const { proxy, caFile } = network
  const password =
    proxy?.password && (await secretOf(proxy.password, 'the password of the proxy', configuration, machine))
  return createHttpClient({
    allowedOrigins: [...new Set(organizations.map(({ name }) => new URL(endpointOf(configuration, name).url).origin))],
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
    connectionsPerOrigin: network.maximumConcurrency,
    connectTimeoutMs: parseDuration(network.connectTimeout),
    deadlineMs: parseDuration(network.requestTimeout),
    headersTimeoutMs: parseDuration(network.requestTimeout),
  })
}

function endpointOf(configuration: RuntimeConfiguration, name: string) {
  const endpoint = organizationEndpoint(configuration, name)
  if (endpoint) return endpoint
  throw new UsageError(`${configuration.file} does not say how to reach ${name}; add it below \`organizations\``)
}

function clientOf(name: string, http: HttpClient, input: ComposeInput): OrganizationClient {
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
  return createOrganizationClient({
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
  })
}

/** Secrets are read at the moment of use and kept nowhere. */
function authenticatorOf(
  identity: Identity | undefined,
  name: string,
  url: string,
  { configuration, machine }: ComposeInput,
): Authenticator {
  if (identity?.type === 'None') return none(url)
  const token = identity?.type === 'Bearer' ? identity.token : undefined
  if (token) return bearer(() => secretOf(token, `the token of identity ${name}`, configuration, machine))
  throw new UsageError(`identity ${name} cannot sign in to CRM: this version knows the types Bearer and None`)
}

async function specSecret(configuration: RuntimeConfiguration, machine: Machine, name: string): Promise<string> {
  const reference = secretReference(configuration, name)
  if (!reference) throw new SecretError(`${configuration.file} has no secret ${name}; add it below \`secrets\``)
  return secretOf(reference, `the secret ${name}`, configuration, machine)
}

function secretOf(
  reference: Parameters<typeof resolveSecret>[0],
  use: string,
  { folder }: RuntimeConfiguration,
  { environment }: Machine,
): Promise<string> {
  return resolveSecret(reference, use, { folder, environment })
}
