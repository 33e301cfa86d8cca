// Where everything is put together: from a configuration and a desired state to the scopes a pass works on. Nothing is sent here.
import type { OrganizationClient } from '../crm/index.ts'
import type { Guard } from '../engine/index.ts'
import type { OrganizationScope, ViewedTrust } from '../reconcile/contract.ts'
import { guardsOf, trustGuardsOf } from '../reconcile/guards.ts'
import { identityFor, isTrustReachable, organizationEndpoint, policyOf } from '../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredTrust } from '../spec/desired.ts'
import { parseDuration } from '../spec/duration.ts'
import { organizationStages } from '../stages/index.ts'
import { suspensionReason } from '../stages/mailboxes/mailbox-policy.ts'
import type { AccountUse } from '../stages/prerequisites/checks.ts'
import type { Carried } from './carried.ts'
import { type ConnectionInput, clientOf, endpointOf, httpClientTo } from './connections.ts'
import { checkSecrets, organizationSecrets, specSecret } from './secrets.ts'

/** What the scopes are made from. With `writing`, and only then, they get a writer. */
export interface ComposeInput extends ConnectionInput {
  readonly organizations: readonly DesiredOrganization[]
  readonly trusts: readonly DesiredTrust[]
}

/** Scopes with their connections. */
export interface Composition {
  readonly scopes: readonly OrganizationScope[]
  /** What they depend on, as far as the configuration says how to reach it. */
  readonly trusts: readonly ViewedTrust[]
  /** Servers that people carry scripts to. Absent where there are none. */
  readonly carried?: Carried
  /** The guards of a scope, with its limits. */
  guards(scope: string): readonly Guard[]
  close(): Promise<void>
}

/**
 * Puts the scopes together. Throws UsageError where the configuration does not say how to reach an organization. `connect` makes the HTTP client
 * of the run.
 */
export async function compose(input: ComposeInput, connect = httpClientTo): Promise<Composition> {
  const { configuration, organizations, writing } = input
  const reachable = input.trusts.filter((trust) => isTrustReachable(configuration, trust))
  const trusted = reachable.length > 0 ? await import('./trust.ts') : undefined
  const needed = organizations.flatMap(({ name }) => organizationSecrets(name, writing, input))
  await checkSecrets([...needed, ...(trusted?.trustSecrets(reachable, input) ?? [])], input)
  const names = new Set([...organizations.map(({ name }) => name), ...witnessesOf(reachable, input)])
  const origins = [...names].map((name) => new URL(endpointOf(configuration, name).url).origin)
  const http = await connect([...origins, ...(trusted?.trustOrigins(reachable, input) ?? [])], input)
  const isOurs = (name: string) => organizations.some((one) => one.name === name)
  const clients = new Map(
    [...names].map((name) => [name, clientOf(name, http, isOurs(name) ? input : { ...input, writing: false })]),
  )
  const trusts = await trusted?.composeTrusts(reachable, { ...input, http, clients })
  const guards = new Map([
    ...organizations.map(({ name }) => [scopeOf(name), guardsOf(configuration.spec, name)] as const),
    ...reachable.map(({ name }) => [trustScopeOf(name), trustGuardsOf(configuration.spec)] as const),
  ])
  return {
    scopes: organizationScopes(clients, reachable, input, trusts?.surround),
    trusts: trusts?.scopes ?? [],
    ...(trusts?.carried ? { carried: trusts.carried } : {}),
    guards: (scope) => guards.get(scope) ?? [],
    async close() {
      await Promise.all([...clients.values(), ...(trusts ? [trusts] : [])].map((client) => client.close()))
      await http.close()
    },
  }
}

/** Organizations that this run is not about, whose mailboxes tell all the same whether their trust works. */
function witnessesOf(trusts: readonly DesiredTrust[], { configuration }: ComposeInput): readonly string[] {
  const names = trusts.flatMap(({ organizations }) => [...organizations.keys()])
  return names.filter((name) => organizationEndpoint(configuration, name) !== undefined)
}

function organizationScopes(
  clients: ReadonlyMap<string, OrganizationClient>,
  trusts: readonly DesiredTrust[],
  input: ComposeInput,
  surround:
    | ((desired: DesiredOrganization, newReader: OrganizationScope['newReader']) => OrganizationScope['newReader'])
    | undefined,
): readonly OrganizationScope[] {
  const { configuration, organizations, writing } = input
  const { tests, rollout } = configuration.spec
  const stages = organizationStages({
    accountUse: (name) => accountUse(name, input),
    resolveSecret: (name) => specSecret(name, input),
    proofMaxAgeMs: parseDuration(configuration.spec.proofMaxAge),
    pace: { maximumInFlight: tests.maximumInFlight, ...(rollout ? { rollout } : {}) },
  })
  return organizations.flatMap((desired): readonly OrganizationScope[] => {
    const client = clients.get(desired.name)
    if (!client) return []
    const trust = trusts.find((one) => one.organizations.has(desired.name))
    const scope = {
      scope: scopeOf(desired.name),
      desired,
      newReader: surround?.(desired, client.reader) ?? client.reader,
      stages,
      holdAt: (now: Date) => suspensionReason(desired.suspend, now),
      ...(trust ? { trust: trustScopeOf(trust.name) } : {}),
    }
    const isObserved = organizationEndpoint(configuration, desired.name)?.policy === 'Observe'
    return [writing && !isObserved ? { ...scope, writer: client.writer() } : scope]
  })
}

/** Whether the account that reads writes too: where no other is named, and the policy lets anybody write. */
function accountUse(name: string, { configuration, writing }: ComposeInput): AccountUse {
  const endpoint = endpointOf(configuration, name)
  const isSame = identityFor(configuration, endpoint, 'writing') === identityFor(configuration, endpoint, 'reading')
  if (!isSame || policyOf(configuration, name) === 'Observe') return 'Reads'
  return writing ? 'Writes' : 'WillWrite'
}

/** The scope of an organization; plans, journal and memory know it by that. */
export function scopeOf(organization: string): string {
  return `organization/${organization}`
}

/** The scope of a trust. */
export function trustScopeOf(trust: string): string {
  return `trust/${trust}`
}
