// Whom CRM asks for tokens. The values follow from the cloud of the tenant and from nothing else.
import type { Key, Observed, Projection, Reason, Wish } from '../engine/index.ts'
import type { DesiredDeployment, DesiredTrust } from '../spec/desired.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { attempt } from './trust/attempt.ts'
import { checkKey } from './trust/check-keys.ts'
import { heldAsExternal } from './trust/external.ts'
import { deploymentFact } from './trust/facts.ts'
import { tenantsOf } from './trust/members.ts'
import { listed } from './trust/names.ts'
import type { DeploymentRef } from './trust/refs.ts'
import { isSameSetting, s2sValuesOf, settingValue, unreadSetting } from './trust/s2s-values.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.serverSettings

/** Null: not set. */
type SettingsShape = { readonly authorizationServer: string | null; readonly metadataUrl: string | null }

/** Writes the two values of ServerSettings. */
export const serverSettings: TrustStageOf<SettingsShape, DeploymentRef> = {
  name: NAME,
  kind: 'ServerSettings',
  noun: { one: 'deployment', many: 'deployments' },
  scope: 'deployment',
  mode: 'writes',
  gate: 'advises',
  fields: {
    authorizationServer: {
      satisfied: isSameSetting,
      effect: () => 'adjust',
      words: (_, to) => ({
        group: 'set',
        one: `trusts the authorization server ${to}`,
        many: `trust the authorization server ${to}`,
      }),
    },
    metadataUrl: {
      satisfied: isSameSetting,
      effect: () => 'adjust',
      words: (_, to) => ({ group: 'set', one: `finds its keys at ${to}`, many: `find its keys at ${to}` }),
    },
  },
  async observe({ reader, desired, keys, signal }) {
    const rows = new Map<Key, Observed<SettingsShape, DeploymentRef>>()
    const unknown = new Map<Key, Reason>()
    for (const name of desired.deployments.keys()) {
      if (keys !== 'all' && !keys.has(name)) continue
      const fact = await deploymentFact({ reader, desired, signal }, name)
      const state = fact?.value
      const authorizationServer = state && settingValue(state.authorizationServer)
      const metadataUrl = state && settingValue(state.metadataUrl)
      if (fact?.reason) unknown.set(name, fact.reason)
      else if (state && authorizationServer !== undefined && metadataUrl !== undefined) {
        rows.set(name, { fields: { authorizationServer, metadataUrl }, ref: { deployment: name, state } })
      } else if (state) unknown.set(name, unreadAs(unreadSetting(state) ?? 'no reason was given'))
    }
    return { complete: true, rows, unknown }
  },
  desire: wishesOf,
  absent: () => ({ code: 'NotRead', message: 'the deployment was not read' }),
  unmanagedReason: () => 'have no organization that belongs to a tenant',
  async *apply({ writer, signal }, assignments) {
    for (const { change, fields } of assignments) {
      yield* await attempt([change.id], async () => {
        const target = writer.deployment(change.key)
        if (!target) throw new TypeError(`deployment ${change.key} cannot be written`)
        const { authorizationServer, metadataUrl } = fields
        await target.writeServerSettings(
          { ...(authorizationServer && { authorizationServer }), ...(metadataUrl && { metadataUrl }) },
          signal,
        )
      })
    }
  },
}

function unreadAs(why: string): Reason {
  const next = 'where people look after it, add `external: [server-settings]` to the Deployment'
  return { code: 'SettingUnknown', message: `a server setting could not be read: ${why}; ${next}` }
}

function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<SettingsShape>]> {
  const read = projection.read(NAME)
  if (!read?.complete) return
  for (const deployment of desired.deployments.values()) {
    const { name, origin } = deployment
    const clouds = new Set(tenantsOf(desired, name).map(({ cloud }) => cloud))
    const [cloud] = clouds
    if ((!read.rows.has(name) && !read.unknown.has(name)) || !cloud) continue
    const values = s2sValuesOf(cloud)
    const needs = [{ stage: STAGE_NAMES.trustPrerequisites, key: checkKey('deployment', name) }]
    const wish = {
      ensure: 'present',
      label: name,
      origin,
      needs,
      ...heldAsExternal('Deployment', deployment, NAME),
    } as const
    if (clouds.size > 1) yield [name, { ...wish, fields: {}, unclear: differentClouds(deployment, [...clouds]) }]
    else if (values) yield [name, { ...wish, fields: { ...values } }]
    else if (!('hold' in wish)) yield [name, { ...wish, fields: {}, unclear: cloudNotKnown(cloud) }]
  }
}

function differentClouds({ name }: DesiredDeployment, clouds: readonly string[]): Reason {
  const message = `organizations of ${name} belong to tenants of ${listed(clouds)}, and a deployment can trust one cloud only; give each cloud a deployment of its own`
  return { code: 'CloudsDiffer', message }
}

function cloudNotKnown(cloud: string): Reason {
  const message = `what CRM must be told to trust cloud ${cloud} is not published; write it by hand and add \`external: [server-settings]\` to the Deployment`
  return { code: 'CloudNotKnown', message }
}
