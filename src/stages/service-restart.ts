// The services load the certificate when they start. A server whose services started before the marker was set still runs with what was
// before, and is restarted, whoever changed what and however many passes ago.
import type { Key, Observed, Projection, Reason, Wish } from '../engine/index.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { asyncServices, loadState } from './trust/async-services.ts'
import { attempt } from './trust/attempt.ts'
import { heldAsExternal } from './trust/external.ts'
import { deploymentFact, type Fact, issuerRows, type ServerFact, serversOf } from './trust/facts.ts'
import { certifiedDeployments, serverLabel } from './trust/members.ts'
import { shortName } from './trust/names.ts'
import type { ServerRef } from './trust/refs.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.serviceRestart

/** SHA-256 of the certificate the services run with, as far as that can be told; null: an older one, or none. */
type RestartShape = { readonly loaded: string | null }

/** Restarts asynchronous services that run with an older certificate. */
export const serviceRestart: TrustStageOf<RestartShape, ServerRef> = {
  name: NAME,
  kind: 'AsyncService',
  noun: { one: 'server', many: 'servers' },
  scope: 'deployment',
  mode: 'writes',
  gate: 'advises',
  fields: {
    loaded: {
      // The switch that is planned before makes every running service one with an older certificate.
      volatile: true,
      effect: () => 'adjust',
      words: (_, to) => ({
        group: 'restart',
        one: `restarts its asynchronous services, which then load certificate ${shortName(to ?? '')}`,
        many: `restart their asynchronous services one after the other, which then load certificate ${shortName(to ?? '')}`,
      }),
    },
  },
  async observe({ reader, desired, keys, signal }) {
    const asking = { reader, desired, signal }
    const rows = new Map<Key, Observed<RestartShape, ServerRef>>()
    const unknown = new Map<Key, Reason>()
    for (const fact of await serversOf(asking, keys)) {
      const row = rowOf(desired, fact, await rowCertificate(asking, fact.deployment.name))
      if (row && 'code' in row) unknown.set(fact.key, row)
      else if (row) rows.set(fact.key, row)
    }
    return { complete: true, rows, unknown }
  },
  // Whatever is done to the key of a server makes its services ones that know nothing of it.
  project(actual, earlier) {
    if (!actual.complete) return actual
    const rows = [...actual.rows].map(([key, row]): [Key, typeof row] =>
      earlier.change(STAGE_NAMES.certificateStore, key) ? [key, { ...row, fields: { loaded: null } }] : [key, row],
    )
    return { ...actual, rows: new Map(rows) }
  },
  desire: wishesOf,
  absent: () => ({ code: 'NotRead', message: 'the server was not read' }),
  unmanagedReason: () => 'belong to a deployment without a certificate in the spec',
  async *apply({ writer, signal }, assignments) {
    // One after the other: while one restarts, the others work.
    for (const { change, row } of assignments) {
      yield* await attempt([change.id], async () => {
        const target = writer.deployment(row?.ref.deployment ?? '')
        if (!target || !row) throw new TypeError(`${change.key} cannot be written`)
        await target.restartAsyncServices(row.ref.server, signal)
      })
    }
  },
}

/** The certificate in the one row of the deployment; null where there is none. */
async function rowCertificate(
  asking: Parameters<typeof deploymentFact>[0],
  deployment: string,
): Promise<Fact<string | null>> {
  const fact = await deploymentFact(asking, deployment)
  if (!fact?.value) return { reason: fact?.reason ?? { code: 'NotRead', message: `${deployment} was not read` } }
  const rows = issuerRows(fact.value)
  return { value: (rows.length === 1 ? rows[0]?.sha256 : undefined) ?? null }
}

/** Undefined for a server without asynchronous services: nothing there loads a certificate. */
function rowOf(
  desired: DesiredTrust,
  { deployment, server, state }: ServerFact,
  row: Fact<string | null>,
): Observed<RestartShape, ServerRef> | Reason | undefined {
  if (state.reason) return state.reason
  if (row.reason) return row.reason
  if (asyncServices(state.value).length === 0) return undefined
  const label = serverLabel(desired, deployment.name, server)
  const ref = { deployment: deployment.name, server, state: state.value }
  const loads = loadState(state.value)
  if (loads !== 'unknown') return { fields: { loaded: loads === 'loaded' ? row.value : null }, ref, label }
  return { code: 'StartUnknown', message: `when the asynchronous services of ${label} started could not be read` }
}

function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<RestartShape>]> {
  const read = projection.read(NAME)
  const switched = projection.read(STAGE_NAMES.certificateSwitch)
  if (!read?.complete) return
  for (const deployment of certifiedDeployments(desired)) {
    const { name, origin } = deployment
    const row = switched?.complete ? switched.rows.get(name)?.fields['certificate'] : undefined
    const fields = typeof row === 'string' ? { loaded: row } : {}
    // Who switches by hand restarts by hand.
    const hold = heldAsExternal('Deployment', deployment, STAGE_NAMES.certificateSwitch)
    for (const key of [...read.rows.keys(), ...read.unknown.keys()]) {
      if (!key.startsWith(`${name}/`)) continue
      const needs = [
        { stage: STAGE_NAMES.certificateStore, key, updated: true },
        { stage: STAGE_NAMES.certificateSwitch, key: name, updated: true },
      ] as const
      const label = serverLabel(desired, name, key.slice(name.length + 1))
      yield [key, { ensure: 'present', fields, label, origin, needs, ...hold }]
    }
  }
}
