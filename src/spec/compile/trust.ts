import type { DesiredDeployment, DesiredOrganization, DesiredTenant, DesiredTrust, TrustMember } from '../desired.ts'

/** One group of tenants and deployments, under way. */
interface Group {
  readonly tenants: Map<string, DesiredTenant>
  readonly deployments: Map<string, DesiredDeployment>
  readonly organizations: Map<string, TrustMember>
}

/** The trusts of a spec: tenants and deployments that any organization names together are in one. Pure. */
export function trustsOf(
  organizations: ReadonlyMap<string, DesiredOrganization>,
  tenants: ReadonlyMap<string, DesiredTenant>,
  deployments: ReadonlyMap<string, DesiredDeployment>,
): ReadonlyMap<string, DesiredTrust> {
  const groups = new Set<Group>()
  for (const [name, tenant] of tenants) groups.add(newGroup({ tenants: new Map([[name, tenant]]) }))
  for (const [name, deployment] of deployments) groups.add(newGroup({ deployments: new Map([[name, deployment]]) }))
  for (const organization of organizations.values()) join(groups, organization)
  const trusts = new Map<string, DesiredTrust>()
  // Those with a tenant first: their names are taken by nobody else, whatever deployments are called.
  for (const group of [...groups].sort((a, b) => Number(b.tenants.size > 0) - Number(a.tenants.size > 0))) {
    const trust = trustOf(group, (name) => trusts.has(name))
    trusts.set(trust.name, trust)
  }
  return trusts
}

function newGroup(parts: Partial<Group>): Group {
  return { tenants: new Map(), deployments: new Map(), organizations: new Map(), ...parts }
}

/** Makes one group of the tenant and the deployment that an organization names. */
function join(groups: Set<Group>, organization: DesiredOrganization): void {
  const { tenant, deployment } = organization
  const touched = [...groups].filter(
    (group) =>
      (tenant !== undefined && group.tenants.has(tenant)) ||
      (deployment !== undefined && group.deployments.has(deployment)),
  )
  const [first, second] = touched
  if (!first) return
  first.organizations.set(organization.name, memberOf(organization))
  if (!second) return
  for (const [name, one] of second.tenants) first.tenants.set(name, one)
  for (const [name, one] of second.deployments) first.deployments.set(name, one)
  for (const [name, one] of second.organizations) first.organizations.set(name, one)
  groups.delete(second)
}

function memberOf({ name, uniqueName, tenant, deployment, external, origin }: DesiredOrganization): TrustMember {
  return {
    name,
    uniqueName,
    ...(tenant === undefined ? {} : { tenant }),
    ...(deployment === undefined ? {} : { deployment }),
    external,
    origin,
  }
}

function trustOf(group: Group, isTaken: (name: string) => boolean): DesiredTrust {
  const sorted = {
    tenants: new Map([...group.tenants].sort(byName)),
    deployments: new Map([...group.deployments].sort(byName)),
    organizations: new Map([...group.organizations].sort(byName)),
  }
  const [first] = [...sorted.tenants.values(), ...sorted.deployments.values()]
  if (!first) throw new TypeError('a trust without a tenant and without a deployment')
  return { name: freeName(first.name, isTaken), ...sorted, origin: first.origin }
}

/** A tenant and a deployment that have nothing to do with each other may have one name. */
function freeName(name: string, isTaken: (name: string) => boolean): string {
  return isTaken(name) ? freeName(`${name}-deployment`, isTaken) : name
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
