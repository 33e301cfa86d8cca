import type { Key, Observed, Read, Reason } from '../../engine/index.ts'
import type { DesiredDeployment, DesiredTenant, DesiredTrust, TrustMember } from '../../spec/desired.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { checkKey } from './check-keys.ts'
import { credentialKey } from './members.ts'
import type { CredentialRef, DeploymentRef, PrincipalRef, ServerRef, TenantCheckRef } from './refs.ts'

/** One object as a read tells it: a row, or why it cannot be told. Undefined where nobody looks at it. */
export type Told<Ref> =
  | { readonly row: Observed; readonly ref: Ref; readonly reason?: never }
  | { readonly row?: never; readonly ref?: never; readonly reason: Reason }
  | undefined

/** What is known of one server. */
export type ServerTold = NonNullable<Told<ServerRef>> & { readonly key: Key }

/** Everything that the links of one organization are made of. */
export interface ViewFacts {
  readonly organization: TrustMember
  readonly tenant?: DesiredTenant
  readonly deployment?: DesiredDeployment
  readonly tenantIsRead: boolean
  readonly deploymentIsRead: boolean
  /** SHA-256 of the certificate CRM signs in with. */
  readonly certificate?: string
  readonly issuer: Told<DeploymentRef>
  readonly servers: readonly ServerTold[]
  readonly services: readonly ServerTold[]
  readonly credential: Told<CredentialRef>
  /** Why the credentials of the tenant cannot be told, where none of them can. */
  readonly credentialsUnread?: Reason
  readonly principal: Told<PrincipalRef>
  readonly settings: Told<DeploymentRef>
  readonly tenantId: Told<undefined>
  readonly tenantCheck: Told<TenantCheckRef>
}

/** What reads tell of one organization. Undefined where the spec does not know it. */
export function factsOf({
  reads,
  desired,
  organization: name,
}: {
  readonly reads: ReadonlyMap<string, Read>
  readonly desired: DesiredTrust
  readonly organization: string
}): ViewFacts | undefined {
  const organization = desired.organizations.get(name)
  if (!organization) return undefined
  const tenant = desired.tenants.get(organization.tenant ?? '')
  const deployment = desired.deployments.get(organization.deployment ?? '')
  const at = <Ref>(stage: string, key: Key | undefined) => told<Ref>(reads.get(stage), key)
  const issuer = at<DeploymentRef>(STAGE_NAMES.certificateSwitch, deployment?.name)
  const certificate = issuer?.row?.fields['certificate']
  const sha256 = typeof certificate === 'string' ? certificate : undefined
  const principal = at<PrincipalRef>(STAGE_NAMES.servicePrincipalNames, tenant?.name)
  const tenantCheck = at<TenantCheckRef>(STAGE_NAMES.trustPrerequisites, tenant && checkKey('tenant', tenant.name))
  const servers = allOf(reads.get(STAGE_NAMES.certificateStore), deployment)
  return {
    organization,
    ...(tenant && { tenant }),
    ...(deployment && { deployment }),
    tenantIsRead: principal !== undefined || tenantCheck !== undefined,
    deploymentIsRead: issuer !== undefined || servers.length > 0,
    ...(sha256 !== undefined && { certificate: sha256 }),
    issuer,
    servers,
    services: allOf(reads.get(STAGE_NAMES.serviceRestart), deployment),
    credential: at(STAGE_NAMES.credential, tenant && sha256 ? credentialKey(tenant.name, sha256) : undefined),
    // One request tells the principal with its names and its keys.
    ...(principal?.reason && { credentialsUnread: principal.reason }),
    principal,
    settings: at(STAGE_NAMES.serverSettings, deployment?.name),
    tenantId: at(STAGE_NAMES.tenantId, name),
    tenantCheck,
  }
}

function told<Ref>(read: Read | undefined, key: Key | undefined): Told<Ref> {
  if (!read || key === undefined) return undefined
  if (!read.complete) return { reason: read.reason }
  const reason = read.unknown.get(key)
  if (reason) return { reason }
  const row = read.rows.get(key)
  return row && { row, ref: row.ref as Ref }
}

function allOf(read: Read | undefined, deployment: DesiredDeployment | undefined): readonly ServerTold[] {
  if (!read?.complete || !deployment) return []
  const keys = [...read.rows.keys(), ...read.unknown.keys()].filter((key) => key.startsWith(`${deployment.name}/`))
  return keys.flatMap((key) => {
    const one = told<ServerRef>(read, key)
    return one ? [{ ...one, key }] : []
  })
}
