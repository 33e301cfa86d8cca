// Keys of the service principal, one for each certificate that CRM signs in with. They live beside others: keys of other writers, and of a
// link to SharePoint that shares the principal, stay what they are.
import type { Key, Observed, Projection, Reason, Wish } from '../engine/index.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { attempt } from './trust/attempt.ts'
import { checkKey } from './trust/check-keys.ts'
import { heldAsExternal } from './trust/external.ts'
import { groupBy } from './trust/group-by.ts'
import { knownCertificates, reviewedCertificate } from './trust/local-certificate.ts'
import { type WantedCredential, wantedCredentials } from './trust/members.ts'
import { nameWith } from './trust/names.ts'
import type { CredentialRef } from './trust/refs.ts'
import { tenantKeys } from './trust/tenant-keys.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.credential

/**
 * How a key stands. `removed`: we added it and somebody took it away. `ended`: all of that certificate are past their end. Neither is
 * remembered where a key is looked at again, and both are absent to whoever needs it.
 */
type CredentialShape = { readonly state: 'present' | 'absent' | 'removed' | 'ended' | 'no principal' }

const WORDS: Readonly<Record<string, string>> = {
  removed: 'again, because another writer removed it',
  ended: 'again, because the one that is there has ended',
  'no principal': 'and the service principal of CRM, which is not there, is created first',
}

/** Adds keys, and never takes one away. */
export const credential: TrustStageOf<CredentialShape, CredentialRef> = {
  name: NAME,
  kind: 'Credential',
  noun: { one: 'credential', many: 'credentials' },
  scope: 'tenant',
  mode: 'writes',
  gate: 'advises',
  ownsWhatItAdds: true,
  fields: {
    state: {
      // What it was before is told, but only that it is missing counts.
      volatile: true,
      effect: () => 'adjust',
      words(from) {
        const how = WORDS[from ?? ''] ?? 'beside the others'
        return { group: 'add', one: `is added to Entra ${how}`, many: `are added to Entra ${how}` }
      },
    },
  },
  async observe({ reader, desired, keys, now, signal, changedAt }) {
    const rows = new Map<Key, Observed<CredentialShape, CredentialRef>>()
    const unknown = new Map<Key, Reason>()
    const wanted = new Map(wantedCredentials(desired).map((one) => [one.key, one]))
    const asking = { reader, desired, signal }
    const known = await knownCertificates(asking)
    const told = (ref: CredentialRef) => ({ ref, label: labelOf(desired, ref, known.get(ref.sha256 ?? '')?.subject) })
    for (const tenant of await tenantKeys(asking)) {
      const mine = [...wanted.values()].filter((one) => one.tenant.name === tenant.name)
      if (tenant.reason) for (const { key } of mine) unknown.set(key, tenant.reason)
      else {
        for (const { key, sha256 } of mine) {
          const ours = changedAt?.(key)
          const state = ours !== undefined ? 'removed' : tenant.hasPrincipal ? 'absent' : 'no principal'
          const ref = { tenant: tenant.name, sha256, keys: [], ...(ours !== undefined && { ours }) }
          if (!tenant.keys.has(key)) rows.set(key, { fields: { state }, ...told(ref) })
        }
        for (const [key, found] of tenant.keys) {
          const ours = changedAt?.(key)
          const state = found.keys.some(({ endDateTime }) => !isPast(endDateTime, now)) ? 'present' : 'ended'
          const ref = { ...found, ...(ours !== undefined && { ours }) }
          rows.set(key, { fields: { state }, ...told(ref) })
        }
      }
    }
    return { complete: true, rows: only(rows, keys), unknown: only(unknown, keys) }
  },
  desire: wishesOf,
  absent: () => 'create',
  unmanagedReason: () => 'were not added by mailkeel',
  async *apply({ writer, reader, desired, signal }, assignments) {
    const wanted = new Map(wantedCredentials(desired).map((one) => [one.key, one]))
    const byTenant = groupBy(assignments, ({ change }) => wanted.get(change.key)?.tenant.name ?? '')
    for (const [name, some] of byTenant) {
      const ids = some.map(({ change }) => change.id)
      yield* await attempt(ids, async () => {
        const target = writer.tenant(name)
        const tenant = desired.tenants.get(name)
        if (!target || !tenant) throw new TypeError(`tenant ${name} cannot be written`)
        const add = await Promise.all(some.map(({ change }) => newKey(reader, wanted.get(change.key))))
        const { appId } = tenant.servicePrincipal
        if (some.some(({ row }) => row?.fields.state === 'no principal')) {
          await target.createServicePrincipal(appId, signal)
        }
        await target.changeKeys(appId, { add, remove: [] }, signal)
      })
    }
  },
}

type Reader = Parameters<typeof reviewedCertificate>[0]

async function newKey(reader: Reader, wanted: WantedCredential | undefined) {
  const [deployment] = wanted?.deployments ?? []
  if (!deployment) throw new TypeError('a credential that nobody wishes for')
  const { der, subject, notBefore, notAfter } = await reviewedCertificate(reader, deployment)
  return { der, displayName: subject, startDateTime: notBefore, endDateTime: notAfter }
}

/** Those wanted, and those we once added: they are still ours while `credential-retire` waits, so they are not forgotten. */
function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<CredentialShape>]> {
  const read = projection.read(NAME)
  if (!read?.complete) return
  const stores = projection.read(STAGE_NAMES.certificateStore)
  const wanted = wantedCredentials(desired)
  for (const { key, tenant, sha256, deployments } of wanted) {
    const row = read.rows.get(key)
    if (!row && !read.unknown.has(key)) continue
    const needs = [
      { stage: STAGE_NAMES.trustPrerequisites, key: checkKey('tenant', tenant.name) },
      ...deployments.map(({ name }) => ({
        stage: STAGE_NAMES.trustPrerequisites,
        key: checkKey('certificate', name),
      })),
      ...(stores?.complete ? [...stores.rows.keys(), ...stores.unknown.keys()] : [])
        .filter((server) => deployments.some(({ name }) => server.startsWith(`${name}/`)))
        .map((server) => ({ stage: STAGE_NAMES.certificateStore, key: server, updated: true }) as const),
    ]
    const { origin } = deployments[0] ?? tenant
    const label = row?.label ?? labelOf(desired, { tenant: tenant.name, sha256, keys: [] })
    const hold = heldAsExternal('Tenant', tenant, NAME)
    yield [key, { ensure: 'present', fields: { state: 'present' }, label, origin, needs, ...hold }]
  }
  const keys = new Set(wanted.map(({ key }) => key))
  for (const [key, { label = key, ref }] of read.rows) {
    const { ours, tenant } = ref as CredentialRef
    if (keys.has(key) || ours === undefined) continue
    yield [key, { ensure: 'present', fields: {}, label, origin: desired.tenants.get(tenant)?.origin ?? desired.origin }]
  }
}

function labelOf(desired: DesiredTrust, { tenant, sha256, keys }: CredentialRef, subject?: string): string {
  const [first] = keys
  const id = sha256 ?? first?.thumbprint ?? first?.keyId ?? ''
  const where = desired.tenants.size === 1 ? '' : ` of ${tenant}`
  return `credential ${nameWith(id, subject ?? first?.displayName)}${where}`
}

function isPast(time: string, now: Date): boolean {
  return Date.parse(time) <= now.getTime()
}

function only<T>(map: ReadonlyMap<Key, T>, keys: 'all' | ReadonlySet<Key>): ReadonlyMap<Key, T> {
  return keys === 'all' ? map : new Map([...map].filter(([key]) => keys.has(key)))
}
