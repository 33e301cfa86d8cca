// What the stages of a trust keep with their rows, for whoever looks at a read as a whole.
import type { DeploymentState, ServerState } from '../../crm-server/deployment.ts'
import type { KeyCredential, OwnAccess, ServicePrincipal, TenantFacts } from '../../entra/tenant.ts'

/** With a ServerCertificate and an AsyncService. */
export interface ServerRef {
  readonly deployment: string
  readonly server: string
  readonly state: ServerState
}

/** With ServerSettings and a SigningCertificate. */
export interface DeploymentRef {
  readonly deployment: string
  readonly state: DeploymentState
}

/** With a Credential. */
export interface CredentialRef {
  readonly tenant: string
  /** Of the certificate, where that is known. */
  readonly sha256?: string
  /** The keys with that certificate; empty where there is none. */
  readonly keys: readonly KeyCredential[]
  /** When mailkeel changed it last; undefined where mailkeel did not create it. */
  readonly ours?: string
}

/** With a ServicePrincipal. `principal` is undefined where the tenant has none. */
export interface PrincipalRef {
  readonly tenant: string
  readonly principal?: ServicePrincipal
}

/** With the check of a tenant. */
export interface TenantCheckRef {
  readonly access?: OwnAccess
  readonly facts?: TenantFacts
  readonly ownCredentialEnd?: string
}
