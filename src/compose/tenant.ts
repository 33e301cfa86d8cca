// Tenants of a run: who signs in, and where.
import type { KeyObject } from 'node:crypto'
import { CertificateError } from '../certificate/certificate.ts'
import {
  type Credential,
  createTenantClient,
  createTokenSource,
  EntraError,
  endpointsOf,
  type TenantClient,
  type TenantClientOptions,
  type TokenSource,
} from '../entra/index.ts'
import { resolvePath, tenantEndpoint } from '../spec/configuration/load.ts'
import { SecretError } from '../spec/configuration/secret.ts'
import type { DesiredTenant, DesiredTrust } from '../spec/desired.ts'
import { parseDuration } from '../spec/duration.ts'
import type { Identity } from '../spec/generated/types.ts'
import { certificateSource } from './certificates.ts'
import type { ComposeInput } from './compose.ts'
import { type SecretUse, secretOf } from './secrets.ts'
import type { ComposeTrustInput } from './trust.ts'
import { UsageError } from './usage-error.ts'

/** What the HTTP client must be allowed to speak to: sign-in and Microsoft Graph of every tenant that somebody signs in to. */
export function trustOrigins(trusts: readonly DesiredTrust[], { configuration }: ComposeInput): readonly string[] {
  return trusts.flatMap(({ tenants }) =>
    [...tenants.values()].flatMap(({ name, cloud, tenantId }) => {
      const endpoint = tenantEndpoint(configuration, name)
      return endpoint ? endpointsOf(cloud, tenantId, endpoint.endpoints).origins : []
    }),
  )
}

/** The client of a tenant; undefined where nobody signs in to it. Throws UsageError where an identity cannot be used. */
export async function composeTenant(
  { name, cloud, tenantId }: DesiredTenant,
  input: ComposeTrustInput,
): Promise<TenantClient | undefined> {
  const options = await tenantOptionsOf({ name, cloud, tenantId }, input)
  return options && createTenantClient(options)
}

/** How a tenant is reached, and as whom; undefined where nobody signs in to it. Throws UsageError where an identity cannot be used. */
export async function tenantOptionsOf(
  { name, cloud, tenantId }: Pick<DesiredTenant, 'name' | 'cloud' | 'tenantId'>,
  input: ComposeTrustInput,
): Promise<TenantClientOptions | undefined> {
  const { configuration, http, machine, writing } = input
  const endpoint = tenantEndpoint(configuration, name)
  if (!endpoint) return undefined
  const where = { http, cloud, tenantId, ...(endpoint.endpoints ? { endpoints: endpoint.endpoints } : {}) }
  const sourceOf = (identity: string) => tokensOf(identity, where, input)
  const reading = await sourceOf(endpoint.reading)
  const isSame = (endpoint.writing ?? endpoint.reading) === endpoint.reading
  return {
    ...where,
    reading,
    ...(writing ? { writing: isSame ? reading : await sourceOf(endpoint.writing ?? endpoint.reading) } : {}),
    now: machine.now,
    random: machine.random,
    newId: machine.newId,
    wait: machine.sleep,
    patienceMs: parseDuration(configuration.spec.network.totalTimeout),
  }
}

type Where = Pick<Parameters<typeof createTokenSource>[0], 'http' | 'cloud' | 'tenantId' | 'endpoints'>

async function tokensOf(name: string, where: Where, input: ComposeTrustInput): Promise<TokenSource> {
  const { configuration, machine } = input
  const { identities } = configuration.spec
  const identity = Object.hasOwn(identities, name) ? identities[name] : undefined
  if (identity?.type !== 'Entra' || identity.clientId === undefined) {
    throw new UsageError(`identity ${name} cannot sign in to Entra ID: it is of another type than Entra`)
  }
  try {
    const credential = await credentialOf(name, identity, input)
    return createTokenSource({ ...where, clientId: identity.clientId, credential, now: machine.now })
  } catch (error) {
    const isTold = error instanceof EntraError || error instanceof CertificateError || error instanceof SecretError
    throw isTold ? new UsageError(`identity ${name}: ${error.message}`, { cause: error }) : error
  }
}

/**
 * The credential of an identity, read now: the token library holds it for as long as the run takes. Throws UsageError, CertificateError or
 * SecretError.
 */
export async function credentialOf(name: string, identity: Identity, input: SecretUse): Promise<Credential> {
  const { clientSecret, certificate, federatedTokenFile } = identity
  if (clientSecret) {
    return { type: 'Secret', secret: await secretOf(clientSecret, `the secret of identity ${name}`, input) }
  }
  if (federatedTokenFile !== undefined) {
    return { type: 'FederatedToken', file: resolvePath(input.configuration, federatedTokenFile) }
  }
  if (certificate === undefined) {
    throw new UsageError(
      `identity ${name} cannot sign in to Entra ID: it has no certificate, clientSecret or federatedTokenFile`,
    )
  }
  const { leaf, privateKey } = await certificateSource(input).unlock(certificate)
  if (!privateKey) {
    const message = `the private key of certificate ${certificate} could not be taken out of its file; export it again with a password of plain letters`
    throw new CertificateError('Unreadable', message)
  }
  return { type: 'Certificate', privateKeyPem: pemOf(privateKey), sha256: leaf.fingerprint256 }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
