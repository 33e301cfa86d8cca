// Names of the service principal. They are a union: what is declared is added, and what others wrote is never taken away.
import type { Key, Observed, Projection, Reason, Wish } from '../engine/index.ts'
import type { DesiredTenant, DesiredTrust } from '../spec/desired.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { attempt } from './trust/attempt.ts'
import { checkKey } from './trust/check-keys.ts'
import { heldAsExternal } from './trust/external.ts'
import { factOf } from './trust/facts.ts'
import { listed } from './trust/names.ts'
import type { PrincipalRef } from './trust/refs.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.servicePrincipalNames

/** Null where the tenant has no principal: it gets names of its own when it is created. */
type NamesShape = { readonly names: readonly string[] | null }

/** Adds names to the principal, and creates it where nothing before did. */
export const servicePrincipalNames: TrustStageOf<NamesShape, PrincipalRef> = {
  name: NAME,
  kind: 'ServicePrincipal',
  noun: { one: 'service principal', many: 'service principals' },
  scope: 'tenant',
  mode: 'writes',
  gate: 'advises',
  fields: {
    names: {
      // What others add or take away meanwhile changes nothing of what is added here.
      volatile: true,
      satisfied: (desired, actual) => actual !== null && missingNames(desired, actual).length === 0,
      effect: () => 'adjust',
      words(from, to) {
        const names = listed(missingNames(to, from))
        return { group: 'add', one: `also answers to ${names}`, many: `also answer to ${names}` }
      },
    },
  },
  async observe({ reader, desired, keys, signal }) {
    const rows = new Map<Key, Observed<NamesShape, PrincipalRef>>()
    const unknown = new Map<Key, Reason>()
    for (const { name, servicePrincipal } of desired.tenants.values()) {
      const client = keys === 'all' || keys.has(name) ? reader.tenant(name) : undefined
      if (!client) continue
      const { value, reason } = await factOf(() => client.servicePrincipal(servicePrincipal.appId, signal), signal)
      if (reason) unknown.set(name, reason)
      else rows.set(name, rowOf(name, value))
    }
    return { complete: true, rows, unknown }
  },
  desire: wishesOf,
  absent: () => ({ code: 'NotRead', message: 'the tenant was not read' }),
  async *apply({ writer, desired, signal }, assignments) {
    for (const { change, fields, row } of assignments) {
      yield* await attempt([change.id], async () => {
        const target = writer.tenant(change.key)
        const tenant = desired.tenants.get(change.key)
        if (!target || !tenant) throw new TypeError(`tenant ${change.key} cannot be written`)
        const { appId } = tenant.servicePrincipal
        if (!row?.ref.principal) await target.createServicePrincipal(appId, signal)
        await target.addNames(appId, missingNames(fields.names, row?.fields.names), signal)
      })
    }
  },
}

function rowOf(tenant: string, principal: PrincipalRef['principal']): Observed<NamesShape, PrincipalRef> {
  if (!principal) return { fields: { names: null }, ref: { tenant } }
  return { fields: { names: [...principal.names].sort() }, ref: { tenant, principal } }
}

function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<NamesShape>]> {
  const read = projection.read(NAME)
  if (!read?.complete) return
  for (const tenant of desired.tenants.values()) {
    const { name, origin } = tenant
    if (!read.rows.has(name) && !read.unknown.has(name)) continue
    const needs = [{ stage: STAGE_NAMES.trustPrerequisites, key: checkKey('tenant', name) }]
    const label = `the service principal of ${name}`
    const wish = { ensure: 'present', fields: { names: namesOf(tenant) }, label, origin, needs } as const
    yield [name, { ...wish, ...heldAsExternal('Tenant', tenant, NAME) }]
  }
}

/** The bare id, and one name for each declared domain, as the procedure of 2017 wrote it. */
function namesOf({ servicePrincipal: { appId, domains } }: DesiredTenant): readonly string[] {
  return [appId, ...domains.map((domain) => `${appId}/${domain}`)].sort()
}

/** Whether the directory minds case is not documented; adding a name twice in another case would be refused. */
function missingNames(wanted: readonly string[] | null = [], there: readonly string[] | null = []): readonly string[] {
  const known = new Set(there?.map((name) => name.toLowerCase()))
  return (wanted ?? []).filter((name) => !known.has(name.toLowerCase()))
}
