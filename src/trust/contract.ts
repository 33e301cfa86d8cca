// What the stages of a trust see: the tenants, the deployments and the certificates that belong together, each behind its client.
import type { LocalCertificate } from '../certificate/certificate.ts'
import type { DeploymentReader, DeploymentWriter } from '../crm-server/deployment.ts'
import type { TenantReader, TenantWriter } from '../entra/tenant.ts'

/** Whether a certificate that was switched to works: the newest test that a mailbox of an organization passed. */
export interface OrganizationProof {
  /** ISO 8601 in UTC; undefined where no mailbox passed one. */
  readonly lastPassedOn?: string
}

/** Reads one trust. A member that the runtime configuration does not say how to reach is undefined: nothing is checked there. */
export interface TrustReader {
  tenant(name: string): TenantReader | undefined
  deployment(name: string): DeploymentReader | undefined
  /** A certificate of the runtime configuration. Throws CertificateError, also for a name there is none of. */
  certificate(name: string): Promise<LocalCertificate>
  /** By metadata.name of the organization; undefined where it cannot be reached. */
  proof(organization: string, signal: AbortSignal): Promise<OrganizationProof | undefined>
}

/** Writes one trust. */
export interface TrustWriter {
  tenant(name: string): TenantWriter | undefined
  deployment(name: string): DeploymentWriter | undefined
  /** The bytes and the password of a certificate, read at the moment of use. Throws CertificateError. */
  openCertificate(name: string): Promise<{ readonly bytes: Uint8Array; readonly password: string }>
}
