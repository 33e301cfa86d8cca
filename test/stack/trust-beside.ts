// A second deployment, or a second tenant, in the world of a stack, each with an organization that depends on it.
import { seedTenant, startEntra } from '../../src/simulator/entra/index.ts'
import { seedDeployment, startServers } from '../../src/simulator/servers/index.ts'
import type { SimulatedDeployment, SimulatedTenant } from '../../src/simulator/trust/model.ts'
import { trustProblemOf } from '../../src/simulator/trust/trust-problem.ts'
import { hookScripts, type TrustStack, type TrustStackOptions } from './trust.ts'

/** What keeps the organization from signing in to Exchange now; undefined where it can. */
export type Problem = () => ReturnType<typeof trustProblemOf>

/** An organization on the first deployment, in the first tenant. */
export function addOrganization(stack: TrustStack, name: string): Problem {
  const { simulator } = stack
  stack.organizations.set(name, simulator.addOrganization({ name, mailboxes: 3, queues: 0, holds: false }))
  return () => stack.problem(name)
}

/** A deployment of two servers that signs in to the first tenant. */
export async function addDeployment(
  stack: TrustStack,
  name: string,
  organization: string,
  hooks: Pick<TrustStackOptions, 'beforeScript'> = {},
): Promise<Problem> {
  const { simulator } = stack
  const nowMs = () => simulator.world.now().getTime()
  const deployment = seedDeployment({
    nowMs: nowMs(),
    name,
    servers: [`${name}-1.contoso.com`, `${name}-2.contoso.com`],
  })
  const servers = await startServers({ deployment, now: nowMs })
  hookScripts(servers, hooks)
  stack.besides.push(servers)
  stack.deployments.set(name, servers)
  return place(stack, organization, deployment, simulator.trust.tenant)
}

/** A tenant that an organization of the first deployment belongs to. */
export async function addTenant(stack: TrustStack, name: string, organization: string): Promise<Problem> {
  const { simulator } = stack
  const tenant = seedTenant({ now: simulator.world.now(), seed: 7, displayName: name, domains: ['contoso.com'] })
  const entra = await startEntra({ tenant, now: () => simulator.world.now() })
  stack.besides.push(entra)
  stack.tenants.set(name, entra)
  return place(stack, organization, simulator.trust.deployment, tenant)
}

/** Puts a new organization on a deployment, in a tenant. */
function place(stack: TrustStack, name: string, deployment: SimulatedDeployment, tenant: SimulatedTenant): Problem {
  const { simulator } = stack
  addOrganization(stack, name)
  const { organizations } = simulator.trust.deployment
  const placed = organizations.get(name)
  const one = stack.organizations.get(name)
  if (!placed || !one) throw new Error(`${name} was not placed`)
  organizations.delete(name)
  deployment.organizations.set(name, placed)
  const problem = () =>
    trustProblemOf({ tenant, deployment, organization: name, nowMs: simulator.world.now().getTime() })
  one.world.setTrust(problem)
  return problem
}
