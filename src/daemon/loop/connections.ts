// The connections of one scope. Each scope composes its own, so that a mistake in the configuration of one is nobody else's failure; they are
// kept from pass to pass for as long as the same is asked of them.
import { type ComposeInput, type Composition, compose } from '../../compose/compose.ts'
import type { Fence } from '../../compose/connections.ts'
import type { Machine } from '../../machine.ts'
import type { PassResult } from '../../reconcile/contract.ts'
import { type RuntimeConfiguration, tenantEndpoint } from '../../spec/configuration/load.ts'
import type { DesiredTrust } from '../../spec/desired.ts'
import type { OrganizationWork, ScopeWork } from './work.ts'

/** Puts one scope together; tests and meters put something between. */
export type Compose = (input: ComposeInput, scope: string) => Promise<Composition>

/** What connections are made with. */
export interface ConnectionsInput {
  readonly configuration: RuntimeConfiguration
  readonly machine: Machine
  /** Asked before every single write. */
  readonly fence: Fence
  readonly compose?: Compose
}

/** The connections of one scope. */
export interface Connections {
  /** Throws UsageError where the configuration does not say enough, SecretError where a secret is missing. */
  of(work: ScopeWork, writing: boolean): Promise<Composition>
  /** Closes them; the next ones are made anew, with the secrets and files of then. */
  drop(): Promise<void>
}

/** No connection is made yet. */
export function createConnections({ configuration, machine, fence, ...input }: ConnectionsInput): Connections {
  const make: Compose = input.compose ?? ((one) => compose(one))
  let made: { readonly desired: unknown; readonly writing: boolean; readonly composition: Composition } | undefined
  async function drop(): Promise<void> {
    const before = made
    made = undefined
    await before?.composition.close()
  }
  return {
    drop,
    async of(work, writing) {
      if (made?.desired === work.desired && made.writing === writing) return made.composition
      await drop()
      const parts = partsOf(work, configuration)
      const fenced = writing ? { fence } : {}
      const composition = await make({ configuration, machine, writing, ...fenced, ...parts }, work.scope)
      made = { desired: work.desired, writing, composition }
      return composition
    },
  }
}

/**
 * True where the next pass needs new connections: some secrets and files (of Entra ID, of the proxy, authorities) are read when connections are
 * made and not again, and what failed or stayed unknown may be because these were replaced since. What people carried is taken once.
 */
export function areOutworn({ carried, trusts }: Pick<Composition, 'carried' | 'trusts'>, result: PassResult): boolean {
  const { failure, plan, outcomes = [] } = result
  if (carried || failure || plan.stages.some(({ incomplete }) => incomplete !== undefined)) return true
  if (outcomes.some(({ result: came }) => came === 'Failed' || came === 'Unknown')) return true
  // Of an organization alone most of what is unknown is in its own rows, and stays so.
  return trusts.length > 0 && plan.exceptions.some(({ state }) => state === 'Unknown')
}

function partsOf(work: ScopeWork, configuration: RuntimeConfiguration): Pick<ComposeInput, 'organizations' | 'trusts'> {
  if (work.kind === 'trust') return { organizations: [], trusts: [work.desired] }
  return { organizations: [work.desired], trusts: tenantsToAsk(work, configuration) }
}

/**
 * An organization is told of its trust by the loop of the trust. Only where it may ask the tenant for mailboxes it reaches there itself, and
 * then needs nothing of servers and certificates.
 */
function tenantsToAsk(
  { desired, trust }: OrganizationWork,
  configuration: RuntimeConfiguration,
): readonly DesiredTrust[] {
  const { tenant = '' } = desired
  const found = trust?.tenants.get(tenant)
  if (!trust || !found || tenantEndpoint(configuration, tenant)?.preflight !== true) return []
  const organizations = new Map([...trust.organizations].filter(([name]) => name === desired.name))
  return [{ ...trust, tenants: new Map([[tenant, found]]), deployments: new Map(), organizations }]
}
