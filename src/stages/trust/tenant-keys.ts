import type { Key, Reason } from '../../engine/index.ts'
import type { KeyCredential } from '../../entra/tenant.ts'
import { type Asking, factOf } from './facts.ts'
import { knownCertificates } from './local-certificate.ts'
import { credentialKey } from './members.ts'

/** The keys of a principal with the same certificate. */
export interface TenantKey {
  readonly tenant: string
  readonly sha256?: string
  readonly keys: readonly KeyCredential[]
}

/** The keys of one tenant, or why they cannot be told. */
export type TenantKeys = { readonly name: string } & (
  | { readonly reason: Reason }
  | { readonly reason?: never; readonly hasPrincipal: boolean; readonly keys: ReadonlyMap<Key, TenantKey> }
)

/** The keys of every tenant that the runtime configuration says how to reach, by certificate. */
export async function tenantKeys(asking: Asking): Promise<readonly TenantKeys[]> {
  const { reader, desired, signal } = asking
  const certificates = await knownCertificates(asking)
  // A key whose certificate the directory did not give is known by its thumbprint where the certificate is one of the spec.
  const known = new Map([...certificates.values()].map(({ thumbprint, sha256 }) => [thumbprint, sha256]))
  const all = [...desired.tenants.values()].map(async (tenant): Promise<readonly TenantKeys[]> => {
    const { name, servicePrincipal } = tenant
    const client = reader.tenant(name)
    if (!client) return []
    const { value, reason } = await factOf(() => client.servicePrincipal(servicePrincipal.appId, signal), signal)
    if (reason) return [{ name, reason }]
    return [{ name, hasPrincipal: value !== undefined, keys: byCertificate(name, value?.keys ?? [], known) }]
  })
  return (await Promise.all(all)).flat()
}

function byCertificate(
  tenant: string,
  keys: readonly KeyCredential[],
  known: ReadonlyMap<string, string>,
): ReadonlyMap<Key, TenantKey> {
  const found = new Map<Key, { tenant: string; sha256?: string; keys: KeyCredential[] }>()
  for (const one of keys) {
    const sha256 = one.sha256 ?? known.get(one.thumbprint ?? '')
    // What cannot be told by its certificate can be told apart by its own id.
    const key = credentialKey(tenant, sha256 ?? one.keyId)
    const entry = found.get(key) ?? { tenant, ...(sha256 !== undefined && { sha256 }), keys: [] }
    entry.keys.push(one)
    found.set(key, entry)
  }
  return found
}
