// Who belongs to whom within a trust: organizations tie deployments to tenants.
import type { Key } from '../../engine/index.ts'
import type { DesiredDeployment, DesiredTenant, DesiredTrust, TrustMember } from '../../spec/desired.ts'

/** A certificate that a tenant must know, and the deployments that sign in with it. */
export interface WantedCredential {
  readonly key: Key
  readonly tenant: DesiredTenant
  readonly sha256: string
  readonly deployments: readonly CertifiedDeployment[]
}

/** A deployment whose certificate the spec names. */
export type CertifiedDeployment = DesiredDeployment & Required<Pick<DesiredDeployment, 'certificate'>>

/** True where the spec names the certificate of a deployment. */
export function isCertified(deployment: DesiredDeployment): deployment is CertifiedDeployment {
  return deployment.certificate !== undefined
}

/** The deployments whose certificate the spec names. */
export function certifiedDeployments({ deployments }: DesiredTrust): readonly CertifiedDeployment[] {
  return [...deployments.values()].filter(isCertified)
}

/** The organizations of a deployment. */
export function organizationsOn({ organizations }: DesiredTrust, deployment: string): readonly TrustMember[] {
  return [...organizations.values()].filter((organization) => organization.deployment === deployment)
}

/** The tenants that organizations of a deployment belong to, each once. */
export function tenantsOf(desired: DesiredTrust, deployment: string): readonly DesiredTenant[] {
  const names = new Set(organizationsOn(desired, deployment).flatMap(({ tenant = [] }) => tenant))
  return [...names].flatMap((name) => desired.tenants.get(name) ?? [])
}

/** The deployments that have an organization of a tenant. */
export function deploymentsOf(desired: DesiredTrust, tenant: string): readonly DesiredDeployment[] {
  return [...desired.deployments.values()].filter(({ name }) =>
    organizationsOn(desired, name).some((organization) => organization.tenant === tenant),
  )
}

/** Every certificate that a tenant must know: those of all deployments with an organization of it. */
export function wantedCredentials(desired: DesiredTrust): readonly WantedCredential[] {
  return [...desired.tenants.values()].flatMap((tenant) => {
    const certified = deploymentsOf(desired, tenant.name).filter(isCertified)
    const all = new Set(certified.map(({ certificate }) => certificate.sha256))
    return [...all].map((sha256) => {
      const deployments = certified.filter(({ certificate }) => certificate.sha256 === sha256)
      return { key: credentialKey(tenant.name, sha256), tenant, sha256, deployments }
    })
  })
}

/** Key of a server of a deployment, and of what is on it. */
export function serverKey(deployment: string, server: string): Key {
  return `${deployment}/${server}`
}

/** Key of a credential of a tenant. `id` is the SHA-256 of its certificate where that is known. */
export function credentialKey(tenant: string, id: string): Key {
  return `${tenant}/${id}`
}

/** How a server is called: by its host, and where there are several deployments by that too. */
export function serverLabel(desired: DesiredTrust, deployment: string, server: string): string {
  return desired.deployments.size === 1 ? server : `${server} of ${deployment}`
}
