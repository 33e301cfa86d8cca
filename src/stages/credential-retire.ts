// The previous credential goes: only one that mailkeel added, only when nothing signs in with its certificate any more, and only when the
// one that followed it has proven itself for a while. Whatever cannot be told keeps it.
import type { Key, Observed, Projection, Reason, Wish } from '../engine/index.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { attempt } from './trust/attempt.ts'
import { checkKey } from './trust/check-keys.ts'
import { heldAsExternal } from './trust/external.ts'
import { groupBy } from './trust/group-by.ts'
import { credentialKey, wantedCredentials } from './trust/members.ts'
import { nameWith } from './trust/names.ts'
import type { CredentialRef } from './trust/refs.ts'
import { type Followed, keptInWords, successionsOf } from './trust/succession.ts'
import { type TenantKey, tenantKeys } from './trust/tenant-keys.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.credentialRetire

/** It is there, or it is not: nothing of it can be changed. */
type RetireShape = Readonly<Record<never, never>>

/** With a credential that nobody wants any more. */
interface RetireRef extends CredentialRef {
  /** What it still waits for. */
  readonly waits?: Reason
}

/** Removes credentials that mailkeel added and that nothing needs any more. */
export const credentialRetire: TrustStageOf<RetireShape, RetireRef> = {
  name: NAME,
  kind: 'Credential',
  noun: { one: 'credential', many: 'credentials' },
  scope: 'tenant',
  mode: 'writes',
  gate: 'advises',
  fields: {},
  async observe({ reader, desired, keys, now, signal, changedAt }) {
    const rows = new Map<Key, Observed<RetireShape, RetireRef>>()
    const unknown = new Map<Key, Reason>()
    const asking = { reader, desired, signal }
    const wanted = new Set(wantedCredentials(desired).map(({ key }) => key))
    const tenants = await tenantKeys(asking)
    for (const { name, reason } of tenants) {
      if (!reason || keys === 'all') continue
      // A key that cannot be looked for is not one that is gone.
      for (const key of keys) if (key.startsWith(credentialKey(name, ''))) unknown.set(key, reason)
    }
    const candidates = tenants.flatMap((tenant) =>
      [...(tenant.reason ? [] : tenant.keys)].filter(([key]) => {
        if (wanted.has(key)) return false
        return keys === 'all' ? changedAt?.(key) !== undefined : keys.has(key)
      }),
    )
    if (candidates.length === 0) return { complete: true, rows, unknown }
    const followed = await successionsOf(asking, now)
    for (const [key, found] of candidates) {
      const state = stateOf(found, followed.get(found.tenant))
      const ours = changedAt?.(key)
      const ref = { ...found, ...(ours !== undefined && { ours }) }
      if (state?.isUnknown) unknown.set(key, state.reason)
      // Just before it is removed nobody asks for wishes any more: what it waits for must hold it then.
      else if (state && keys !== 'all') rows.set(key, { fields: {}, ref, hold: state.reason })
      else rows.set(key, { fields: {}, ref: { ...ref, ...(state && { waits: state.reason }) } })
    }
    return { complete: true, rows, unknown }
  },
  desire: wishesOf,
  absent: () => ({ code: 'NotThere', message: 'it is gone already' }),
  words: () => ({ group: 'remove', one: 'is removed from Entra', many: 'are removed from Entra' }),
  async *apply({ writer, desired, signal }, assignments) {
    for (const [name, some] of groupBy(assignments, ({ row }) => row?.ref.tenant ?? '')) {
      const ids = some.map(({ change }) => change.id)
      yield* await attempt(ids, async () => {
        const target = writer.tenant(name)
        const tenant = desired.tenants.get(name)
        if (!target || !tenant) throw new TypeError(`tenant ${name} cannot be written`)
        const remove = some.flatMap(({ row }) => row?.ref.keys.map(({ keyId }) => keyId) ?? [])
        await target.changeKeys(tenant.servicePrincipal.appId, { add: [], remove }, signal)
      })
    }
  },
}

/** Why a credential stays. Undefined: it may go. */
function stateOf(
  { keys, sha256 }: TenantKey,
  followed: Followed | undefined,
): { readonly reason: Reason; readonly isUnknown?: true } | undefined {
  if (!followed || sha256 === undefined) return { reason: NO_SUCCESSOR }
  if (followed.unknown) return { reason: followed.unknown, isUnknown: true }
  if (followed.inUse.has(sha256)) return { reason: inUse(followed) }
  if (!followed.stored.has(sha256)) return { reason: NOT_A_PREDECESSOR }
  if (keys.length > 1) return { reason: severalKeys(keys.length) }
  return followed.waits ? { reason: followed.waits } : undefined
}

const NO_SUCCESSOR: Reason = {
  code: 'NoSuccessor',
  message: 'stays, because no deployment signs in to this tenant with a certificate that follows it',
}

/** mailkeel added it, perhaps for a deployment that the spec names no more: that one was released, and goes on signing in. */
const NOT_A_PREDECESSOR: Reason = {
  code: 'NotAPredecessor',
  message:
    'stays, because no server that the spec names has its certificate, so another deployment may sign in with it; where none does, remove it by hand',
}

function inUse({ keepPreviousForMs }: Followed): Reason {
  const message = `stays beside the new one as long as CRM signs in with its certificate, and for a while after that (${keptInWords(keepPreviousForMs)})`
  return { code: 'InUse', message }
}

function severalKeys(count: number): Reason {
  const message = `stays, because ${count} keys hold its certificate, and which of them mailkeel added cannot be told; remove them by hand`
  return { code: 'SeveralKeys', message }
}

function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<RetireShape>]> {
  const read = projection.read(NAME)
  if (!read?.complete) return
  for (const [key, { ref }] of read.rows) {
    const { tenant: name, sha256 = '', keys, waits } = ref as RetireRef
    const tenant = desired.tenants.get(name)
    if (!tenant) continue
    const where = desired.tenants.size === 1 ? '' : ` of ${name}`
    const label = `credential ${nameWith(sha256, keys[0]?.displayName)}${where}`
    const hold = waits ? { hold: waits } : heldAsExternal('Tenant', tenant, NAME)
    const needs = [{ stage: STAGE_NAMES.trustPrerequisites, key: checkKey('tenant', name) }]
    yield [key, { ensure: 'absent', fields: {}, label, origin: tenant.origin, needs, ...hold }]
  }
  for (const key of read.unknown.keys()) {
    const label = `credential ${nameWith(key.slice(key.indexOf('/') + 1), undefined)}`
    yield [key, { ensure: 'absent', fields: {}, label, origin: desired.origin }]
  }
}
