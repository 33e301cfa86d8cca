// Which tenant an organization of CRM belongs to. A wrong id shows only when mail stops, so spec, sign-in and directory must agree first
// (a check does that), and a guard asks a person.
import type { Key, Observed, Projection, Reason, Wish } from '../engine/index.ts'
import type { DesiredTrust, TrustMember } from '../spec/desired.ts'
import type { TrustReader } from '../trust/contract.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { attempt } from './trust/attempt.ts'
import { checkKey } from './trust/check-keys.ts'
import { heldAsExternal } from './trust/external.ts'
import { deploymentFact } from './trust/facts.ts'
import { settingValue } from './trust/s2s-values.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.tenantId

/** Lower case; null: not set. */
type TenantIdShape = { readonly tenantId: string | null }

/** Writes S2STenantId of organizations. */
export const tenantId: TrustStageOf<TenantIdShape, undefined> = {
  name: NAME,
  kind: 'TenantId',
  noun: { one: 'organization', many: 'organizations' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: {
    tenantId: {
      effect: () => 'adjust',
      words: (from, to) => ({
        group: 'set',
        one: from ? `goes from tenant ${from} to tenant ${to}` : `belongs to tenant ${to}`,
        many: from ? `go from tenant ${from} to tenant ${to}` : `belong to tenant ${to}`,
      }),
    },
  },
  async observe({ reader, desired, keys, signal }) {
    const rows = new Map<Key, Observed<TenantIdShape, undefined>>()
    const unknown = new Map<Key, Reason>()
    for (const organization of desired.organizations.values()) {
      const { name, uniqueName, deployment, tenant } = organization
      if ((keys !== 'all' && !keys.has(name)) || deployment === undefined || tenant === undefined) continue
      const fact = await deploymentFact({ reader, desired, signal }, deployment)
      const setting = fact?.value?.tenantIds.get(uniqueName.toLowerCase())
      const id = setting && settingValue(setting)
      if (fact?.reason) unknown.set(name, fact.reason)
      else if (id !== undefined) rows.set(name, rowOf(reader, organization, id))
      else if (fact) unknown.set(name, unread(uniqueName, setting?.state === 'Unknown' ? setting.why : undefined))
    }
    return { complete: true, rows, unknown }
  },
  desire: wishesOf,
  absent: () => ({ code: 'NotRead', message: 'the organization was not read' }),
  async *apply({ writer, desired, signal }, assignments) {
    for (const { change, fields } of assignments) {
      yield* await attempt([change.id], async () => {
        const organization = desired.organizations.get(change.key)
        const target = writer.deployment(organization?.deployment ?? '')
        if (!target || !organization || !fields.tenantId) throw new TypeError(`${change.key} cannot be written`)
        await target.writeTenantId(organization.uniqueName, fields.tenantId, signal)
      })
    }
  },
}

/** Where nobody can ask the directory, the spec alone is no witness. */
function rowOf(
  reader: TrustReader,
  { tenant = '' }: TrustMember,
  id: string | null,
): Observed<TenantIdShape, undefined> {
  const row = { fields: { tenantId: id === null ? null : id.toLowerCase() }, ref: undefined }
  if (reader.tenant(tenant)) return row
  const message = `mailkeel.yaml does not say how to sign in to tenant ${tenant}, so nothing confirms its id; name it under \`tenants\`, or set S2STenantId by hand`
  return { ...row, hold: { code: 'NotConfirmed', message } }
}

function unread(uniqueName: string, why = 'the servers say nothing of it'): Reason {
  const next = 'where people look after it, add `external: [tenant-id]` to the Organization'
  return { code: 'SettingUnknown', message: `S2STenantId of ${uniqueName} could not be read: ${why}; ${next}` }
}

function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<TenantIdShape>]> {
  const read = projection.read(NAME)
  if (!read?.complete) return
  for (const organization of desired.organizations.values()) {
    const { name, origin, deployment = '' } = organization
    const tenant = desired.tenants.get(organization.tenant ?? '')
    if (!tenant || (!read.rows.has(name) && !read.unknown.has(name))) continue
    const needs = [
      { stage: STAGE_NAMES.trustPrerequisites, key: checkKey('tenant', tenant.name) },
      { stage: STAGE_NAMES.trustPrerequisites, key: checkKey('deployment', deployment) },
    ]
    const wish = { ensure: 'present', fields: { tenantId: tenant.tenantId }, label: name, origin, needs } as const
    yield [name, { ...wish, ...heldAsExternal('Organization', organization, NAME) }]
  }
}
