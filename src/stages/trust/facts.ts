// What stages read of servers and deployments, in one place: readers share what was read, so every stage may ask for all of it.
import type { DeploymentReader, DeploymentState, ServerState } from '../../crm-server/deployment.ts'
import { type Key, type Reason, reasonOf } from '../../engine/index.ts'
import type { DesiredDeployment, DesiredTrust } from '../../spec/desired.ts'
import type { TrustReader } from '../../trust/contract.ts'
import { organizationsOn, serverKey } from './members.ts'

/** What is asked of readers. */
export interface Asking {
  readonly reader: TrustReader
  readonly desired: DesiredTrust
  readonly signal: AbortSignal
}

/** Something that was read, or why it could not be. */
export type Fact<T> =
  | { readonly value: T; readonly reason?: never }
  | { readonly value?: never; readonly reason: Reason }

/** One server as it was read. */
export interface ServerFact {
  readonly key: Key
  readonly deployment: DesiredDeployment
  readonly server: string
  readonly state: Fact<ServerState>
}

/** The deployments that the runtime configuration says how to reach. */
export function reachableDeployments({ reader, desired }: Pick<Asking, 'reader' | 'desired'>): readonly {
  readonly deployment: DesiredDeployment
  readonly client: DeploymentReader
}[] {
  return [...desired.deployments.values()].flatMap((deployment) => {
    const client = reader.deployment(deployment.name)
    return client === undefined ? [] : [{ deployment, client }]
  })
}

/** The servers of these keys (or all), side by side. One that cannot be read leaves the others alone. */
export async function serversOf(asking: Asking, keys: 'all' | ReadonlySet<Key>): Promise<readonly ServerFact[]> {
  const asked = reachableDeployments(asking).flatMap(({ deployment, client }) =>
    client.servers.map((server) => ({ deployment, client, server, key: serverKey(deployment.name, server) })),
  )
  return Promise.all(
    asked
      .filter(({ key }) => keys === 'all' || keys.has(key))
      .map(async ({ deployment, client, server, key }) => {
        const state = await factOf(() => client.server(server, asking.signal), asking.signal)
        return { key, deployment, server, state }
      }),
  )
}

/** A deployment as a whole; undefined where nobody says how to reach it. All stages ask for the same organizations, so it is read once. */
export function deploymentFact(asking: Asking, deployment: string): Promise<Fact<DeploymentState>> | undefined {
  const client = asking.reader.deployment(deployment)
  if (!client) return undefined
  const names = organizationsOn(asking.desired, deployment).map(({ uniqueName }) => uniqueName)
  return factOf(() => client.deployment(names, asking.signal), asking.signal)
}

/** What a read came to. Only cancelling throws. */
export async function factOf<T>(read: () => Promise<T>, signal: AbortSignal): Promise<Fact<T>> {
  try {
    return { value: await read() }
  } catch (error) {
    signal.throwIfAborted()
    return { reason: reasonOf(error) }
  }
}

/** The S2STokenIssuer rows of a deployment: what CRM signs in with. There should be one. */
export function issuerRows({ rows }: Pick<DeploymentState, 'rows'>): DeploymentState['rows'] {
  return rows.filter(({ type }) => type === 'S2STokenIssuer')
}
