// The moment in which CRM begins to sign in with another certificate. Everything that must know it knows it by then.
import type { DeploymentState } from '../crm-server/deployment.ts'
import type { Dependency, Key, Observed, Projection, Read, Reason, Wish } from '../engine/index.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { attempt } from './trust/attempt.ts'
import { heldAsExternal, isTheirsToKnow } from './trust/external.ts'
import { type Asking, deploymentFact, issuerRows, serversOf } from './trust/facts.ts'
import { knownCertificates, reviewedCertificate } from './trust/local-certificate.ts'
import {
  type CertifiedDeployment,
  certifiedDeployments,
  credentialKey,
  isCertified,
  organizationsOn,
  tenantsOf,
} from './trust/members.ts'
import { isSameSubject, listed, shortName } from './trust/names.ts'
import type { DeploymentRef } from './trust/refs.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.certificateSwitch

/** SHA-256 of the certificate in the row; null where there is no row, or more than one. */
type SwitchShape = { readonly certificate: string | null }

/** Writes the S2STokenIssuer row. */
export const certificateSwitch: TrustStageOf<SwitchShape, DeploymentRef> = {
  name: NAME,
  kind: 'SigningCertificate',
  noun: { one: 'deployment', many: 'deployments' },
  scope: 'deployment',
  mode: 'writes',
  gate: 'advises',
  fields: {
    certificate: {
      effect: () => 'adjust',
      words(from, to) {
        const how = `in with certificate ${shortName(to ?? '')}${from ? ` instead of ${shortName(from)}` : ''}`
        return { group: 'switch', one: `signs ${how}`, many: `sign ${how}` }
      },
    },
  },
  async observe({ reader, desired, keys, signal }) {
    const rows = new Map<Key, Observed<SwitchShape, DeploymentRef>>()
    const unknown = new Map<Key, Reason>()
    const asking = { reader, desired, signal }
    for (const deployment of desired.deployments.values()) {
      const { name } = deployment
      if (keys !== 'all' && !keys.has(name)) continue
      const fact = await deploymentFact(asking, name)
      if (!fact) continue
      const row = fact.value ? rowOf(name, fact.value) : fact.reason
      if ('code' in row) unknown.set(name, row)
      else rows.set(name, await withHold(row, deployment, asking))
    }
    return { complete: true, rows, unknown }
  },
  desire: wishesOf,
  absent: () => ({ code: 'NotRead', message: 'the deployment was not read' }),
  unmanagedReason: () => 'have no certificate in the spec',
  async *apply({ writer, reader, desired, signal }, assignments) {
    for (const { change } of assignments) {
      yield* await attempt([change.id], async () => {
        const target = writer.deployment(change.key)
        const deployment = desired.deployments.get(change.key)
        if (!target || !deployment || !isCertified(deployment)) throw new TypeError(`${change.key} cannot be written`)
        const { sha256, der } = await reviewedCertificate(reader, deployment)
        await target.switchCertificate({ sha256, der }, signal)
      })
    }
  },
}

function rowOf(deployment: string, state: DeploymentState): Observed<SwitchShape, DeploymentRef> | Reason {
  const [first, ...others] = issuerRows(state)
  const ref = { deployment, state }
  if (!first) return { fields: { certificate: null }, ref }
  if (others.length > 0) return { fields: { certificate: null }, ref, hold: severalRows(others.length + 1) }
  if (first.sha256 !== undefined) return { fields: { certificate: first.sha256 }, ref }
  const message = `the S2STokenIssuer row of ${deployment} (${first.id}) holds no certificate that can be read; look at it with Get-CrmCertificate`
  return { code: 'RowUnreadable', message }
}

function severalRows(count: number): Reason {
  const message = `there are ${count} rows of type S2STokenIssuer where there must be one; find the wrong one with Get-CrmCertificate and remove it with Remove-CrmCertificate -Id <id> -Confirm:$false`
  return { code: 'SeveralRows', message }
}

/** What keeps the row from being written, where nothing that it needs tells so. */
async function withHold(
  row: Observed<SwitchShape, DeploymentRef>,
  deployment: DesiredTrust['deployments'] extends ReadonlyMap<string, infer D> ? D : never,
  asking: Asking,
): Promise<Observed<SwitchShape, DeploymentRef>> {
  if (row.hold || !isCertified(deployment)) return row
  const hold = unknownTenant(deployment, asking) ?? (await namesakes(deployment, asking))
  return hold ? { ...row, hold } : row
}

/** A certificate that Exchange Online may not know must not become the one CRM signs in with. */
function unknownTenant({ name }: CertifiedDeployment, { reader, desired }: Asking): Reason | undefined {
  const blind = tenantsOf(desired, name).filter(
    (tenant) => !reader.tenant(tenant.name) && !tenant.external.includes(STAGE_NAMES.credential),
  )
  if (blind.length === 0) return undefined
  const message = `mailkeel.yaml does not say how to sign in to tenant ${listed(blind.map((tenant) => tenant.name))}, so nobody can tell whether it knows the certificate; name it under \`tenants\`, or add \`external: [credential]\` to the Tenant when that is done by hand`
  return { code: 'CredentialNotKnown', message }
}

/** CRM finds the certificate of the row by its subject (FindBySubjectDistinguishedName). */
async function namesakes({ name, certificate }: CertifiedDeployment, asking: Asking): Promise<Reason | undefined> {
  const subject = (await knownCertificates(asking)).get(certificate.sha256)?.subject
  if (subject === undefined) return undefined
  for (const { deployment, server, state } of await serversOf(asking, 'all')) {
    const other = state.value?.certificates.find(
      (one) => one.sha256 !== certificate.sha256 && isSameSubject(one.subject, subject),
    )
    if (deployment.name !== name || !other) continue
    const message = `${server} also holds certificate ${shortName(other.sha256)} of the same subject (${other.subject}), and CRM would find either; remove it from LocalMachine\\My if nothing uses it, or have a certificate with another subject issued`
    return { code: 'SameSubject', message }
  }
  return undefined
}

function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<SwitchShape>]> {
  const read = projection.read(NAME)
  if (!read?.complete) return
  for (const deployment of certifiedDeployments(desired)) {
    const { name, certificate, origin } = deployment
    if (!read.rows.has(name) && !read.unknown.has(name)) continue
    const needs = needsOf(desired, deployment, projection)
    const wish = { ensure: 'present', fields: { certificate: certificate.sha256 }, label: name, origin, needs } as const
    yield [name, { ...wish, ...heldAsExternal('Deployment', deployment, NAME) }]
  }
}

/** Everything that must be in order before: on all servers, in all tenants, for all organizations. */
function needsOf(
  desired: DesiredTrust,
  deployment: CertifiedDeployment,
  projection: Projection,
): readonly Dependency[] {
  const { name, certificate } = deployment
  const isTheirs = (stage: string, declaring: Parameters<typeof isTheirsToKnow>[0], key: Key) =>
    isTheirsToKnow(declaring, stage, unknownIn(projection.read(stage), key))
  const store = keysOf(projection.read(STAGE_NAMES.certificateStore)).filter((key) => key.startsWith(`${name}/`))
  const credentials = tenantsOf(desired, name).map((tenant) => credentialKey(tenant.name, certificate.sha256))
  const organizations = organizationsOn(desired, name).filter((one) => !isTheirs(STAGE_NAMES.tenantId, one, one.name))
  const settings = isTheirs(STAGE_NAMES.serverSettings, deployment, name) ? [] : [name]
  return [
    ...store.map((key) => ({ stage: STAGE_NAMES.certificateStore, key, updated: true }) as const),
    ...credentials.map((key) => ({ stage: STAGE_NAMES.credential, key, updated: true }) as const),
    ...settings.map((key) => ({ stage: STAGE_NAMES.serverSettings, key, updated: true }) as const),
    ...organizations.map((one) => ({ stage: STAGE_NAMES.tenantId, key: one.name, updated: true }) as const),
  ]
}

function keysOf(read: Read | undefined): readonly Key[] {
  return read?.complete ? [...read.rows.keys(), ...read.unknown.keys()] : []
}

function unknownIn(read: Read | undefined, key: Key): Reason | undefined {
  return read?.complete ? read.unknown.get(key) : undefined
}
