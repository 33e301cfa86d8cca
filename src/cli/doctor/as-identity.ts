// To ask what the identity that writes may do, it is put where the one that reads stands: so it is given readers only, and can write nothing.
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'

/** Who is looked at. `both`: one identity reads and writes. */
export type Purpose = 'reading' | 'writing' | 'both'

/** An identity, and what for. */
export interface Role {
  readonly purpose: Purpose
  readonly identity: string
}

/** The identities of an endpoint: one where the same reads and writes. */
export function rolesOf(
  { reading, writing }: { readonly reading: string; readonly writing?: string | undefined },
  policy: 'Observe' | 'Enforce',
): readonly Role[] {
  const isOther = writing !== undefined && writing !== reading
  if (isOther) {
    return [
      { purpose: 'reading', identity: reading },
      { purpose: 'writing', identity: writing },
    ]
  }
  return [{ purpose: policy === 'Enforce' ? 'both' : 'reading', identity: reading }]
}

/** As people read it: `reading, identity crm`. */
export function roleInWords({ purpose, identity }: Role): string {
  return `${purpose === 'both' ? 'reading and writing' : purpose}, identity ${identity}`
}

/** The configuration in which this identity reads the organization, and nobody writes. */
export function organizationAs(configuration: RuntimeConfiguration, name: string, identity: string) {
  const { organizations } = configuration.spec
  const { writing: _, ...endpoint } = organizations[name] ?? { url: '', reading: identity }
  return withSpec(configuration, { organizations: { ...organizations, [name]: { ...endpoint, reading: identity } } })
}

/** The same for a tenant. */
export function tenantAs(configuration: RuntimeConfiguration, name: string, identity: string) {
  const { tenants } = configuration.spec
  const { writing: _, ...endpoint } = tenants[name] ?? { reading: identity, preflight: false }
  return withSpec(configuration, { tenants: { ...tenants, [name]: { ...endpoint, reading: identity } } })
}

/** The same for some servers of a deployment, by their place in the list. */
export function serversAs(configuration: RuntimeConfiguration, name: string, chosen: readonly number[], role: Role) {
  const { deployments } = configuration.spec
  const endpoint = deployments[name]
  if (!endpoint) return configuration
  const servers = endpoint.servers
    .filter((_, index) => chosen.includes(index))
    .map(({ writingIdentity, ...server }) => {
      const writes = role.purpose === 'writing' && writingIdentity !== undefined
      return writes ? { ...server, identity: writingIdentity } : server
    })
  return withSpec(configuration, { deployments: { ...deployments, [name]: { ...endpoint, servers } } })
}

function withSpec(
  configuration: RuntimeConfiguration,
  changed: Partial<RuntimeConfiguration['spec']>,
): RuntimeConfiguration {
  return { ...configuration, spec: { ...configuration.spec, ...changed } }
}
