// Where servers are examined, and the clients that examinations share: a password that is refused is tried once on each server and not once for
// every check, or the account would be locked.

import { composeDeployment } from '../../compose/deployment.ts'
import type { DeploymentReader } from '../../crm-server/deployment.ts'
import type { DeploymentEndpoint } from '../../spec/configuration/load.ts'
import type { DesiredDeployment, DesiredTrust } from '../../spec/desired.ts'
import type { TrustReader } from '../../trust/contract.ts'
import { type Role, serversAs } from './as-identity.ts'
import type { Patient } from './patient.ts'
import type { ServerCase } from './server-remedies.ts'

/** Where an examination happens. */
export interface ServerPlace {
  readonly deployment: DesiredDeployment
  readonly trust: DesiredTrust
  readonly endpoint: DeploymentEndpoint
  /** Places of servers in the list of the deployment. */
  readonly chosen: readonly number[]
  readonly role: Role
  readonly servers: SharedServers
}

/** Servers as one identity sees them, read once for all examinations. */
export interface SharedServers {
  /** Connects where nobody did yet. The last of those announced closes the connections. Throws UsageError where an identity cannot be used. */
  use<T>(work: (reader: DeploymentReader) => Promise<T>): Promise<T>
}

/** Shares a client among so many examinations. */
export function shareServers(
  { deployment, chosen, role }: Pick<ServerPlace, 'deployment' | 'chosen' | 'role'>,
  patient: Patient,
  users: number,
): SharedServers {
  let left = users
  let opened: { readonly reader: DeploymentReader; close(): Promise<void> } | undefined
  const open = () => {
    const configuration = serversAs(patient.configuration, deployment.name, chosen, role)
    const { machine, organizations, trusts } = patient
    const input = { configuration, machine, organizations, trusts, writing: false, http: NOBODY, clients: new Map() }
    const client = composeDeployment(deployment.name, input)
    if (!client) throw new TypeError(`nobody says how to reach deployment ${deployment.name}`)
    return { reader: client.reader(), close: () => client.close() }
  }
  return {
    async use(work) {
      try {
        opened ??= open()
        return await work(opened.reader)
      } finally {
        left -= 1
        if (left === 0) await opened?.close()
      }
    },
  }
}

const NOBODY = { send: () => Promise.reject(new Error('servers are not asked over HTTP')), close: async () => {} }

/** What checks of a trust are asked with, where only these servers of this deployment are looked at. */
export function askingServers(
  { deployment, trust }: Pick<ServerPlace, 'deployment' | 'trust'>,
  shared: DeploymentReader,
  servers: readonly string[],
  signal: AbortSignal,
) {
  const only: DeploymentReader = { ...shared, servers }
  const reader: TrustReader = {
    tenant: () => undefined,
    deployment: (name) => (name === deployment.name ? only : undefined),
    certificate: () => Promise.reject(new Error('no certificate is asked for here')),
    proof: async () => undefined,
  }
  return { reader, desired: { ...trust, deployments: new Map([[deployment.name, deployment]]) }, signal }
}

/** What remedies are made for. */
export function caseOf(
  server: string,
  place: ServerPlace,
  { configuration }: Patient,
  offered: string | undefined,
): ServerCase {
  const { endpoint, role, chosen } = place
  const [chosenServer] = chosen.map((index) => endpoint.servers[index])
  const own =
    role.purpose === 'writing' ? (chosenServer?.writingIdentity ?? chosenServer?.identity) : chosenServer?.identity
  const { identities } = configuration.spec
  const signIn = own !== undefined && Object.hasOwn(identities, own) ? identities[own] : undefined
  return {
    server,
    identity: own ?? role.identity,
    signIn,
    account: endpoint.credential?.userName,
    offered,
    configurationFile: configuration.file,
  }
}
