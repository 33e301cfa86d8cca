// What is kept of a simulated trust when its simulator closes: the same tenant, servers, keys and certificate are there again afterwards.
import type { MadeCertificate, ServerKeys } from '../servers/index.ts'
import type { SimulatedDeployment, SimulatedTenant } from './model.ts'

/** The parts of a trust that outlive a process. */
export interface TrustState {
  readonly tenant: SimulatedTenant
  readonly deployment: SimulatedDeployment
  readonly keys: ServerKeys
  /** The certificate that was made at the start. */
  readonly certificate: MadeCertificate
}

/** A trust as plain JSON. */
export function savedTrust({ tenant, deployment, keys, certificate }: TrustState): unknown {
  return {
    format: 1,
    tenant: {
      ...tenant,
      applications: [...tenant.applications],
      principals: [...tenant.principals],
      users: [...tenant.users],
    },
    deployment: { ...deployment, organizations: [...deployment.organizations] },
    keys,
    certificate: { ...certificate, pfx: Buffer.from(certificate.pfx).toString('base64') },
  }
}

/** A trust from what was saved. Throws an Error where it cannot be read. */
export function restoredTrust(saved: unknown): TrustState {
  const { format, tenant, deployment, keys, certificate } = saved as Saved
  if (format !== 1)
    throw new Error('the saved trust is of another version of the simulator; delete the file to start anew')
  return {
    tenant: {
      ...tenant,
      applications: new Map(tenant.applications),
      principals: new Map(tenant.principals),
      users: new Map(tenant.users),
    },
    deployment: { ...deployment, organizations: new Map(deployment.organizations) },
    keys,
    certificate: { ...certificate, pfx: Buffer.from(certificate.pfx, 'base64') },
  }
}

type Entries<T> = T extends ReadonlyMap<infer K, infer V> ? readonly (readonly [K, V])[] : never

/** What `savedTrust` writes. */
interface Saved {
  readonly format: unknown
  readonly tenant: Omit<SimulatedTenant, 'applications' | 'principals' | 'users'> & {
    readonly applications: Entries<SimulatedTenant['applications']>
    readonly principals: Entries<SimulatedTenant['principals']>
    readonly users: Entries<SimulatedTenant['users']>
  }
  readonly deployment: Omit<SimulatedDeployment, 'organizations'> & {
    readonly organizations: Entries<SimulatedDeployment['organizations']>
  }
  readonly keys: ServerKeys
  readonly certificate: Omit<MadeCertificate, 'pfx'> & { readonly pfx: string }
}
