// The certificate on every server, with a key that the services may read. CRM finds it by its subject, so a second one of the same subject
// is told before it is made.
import type { StoredCertificate } from '../crm-server/deployment.ts'
import type { Key, Observed, Projection, Reason, Reply, Wish } from '../engine/index.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { canAllRead, missingAccounts } from './trust/accounts.ts'
import { asyncServices } from './trust/async-services.ts'
import { attempt } from './trust/attempt.ts'
import { checkKey } from './trust/check-keys.ts'
import { heldAsExternal } from './trust/external.ts'
import { type ServerFact, serversOf } from './trust/facts.ts'
import { wrongKeySpec } from './trust/key-spec.ts'
import { knownCertificates, reviewedCertificate } from './trust/local-certificate.ts'
import { type CertifiedDeployment, certifiedDeployments, isCertified, serverLabel } from './trust/members.ts'
import { isSameSubject, listed, shortName } from './trust/names.ts'
import type { ServerRef } from './trust/refs.ts'
import type { TrustStageOf } from './trust/trust-stage.ts'

const NAME = STAGE_NAMES.certificateStore

/** The wished certificate on one server. */
type StoreShape = {
  /** SHA-256 where it is there and CRM can use its key; else null. */
  readonly certificate: string | null
  /** Who may read its key. */
  readonly readers: readonly string[]
}

/** Imports certificates and grants access to their keys. */
export const certificateStore: TrustStageOf<StoreShape, ServerRef> = {
  name: NAME,
  kind: 'ServerCertificate',
  noun: { one: 'server', many: 'servers' },
  scope: 'deployment',
  mode: 'writes',
  gate: 'advises',
  fields: {
    certificate: {
      effect: () => 'adjust',
      words: (_, to) => ({
        group: 'import',
        one: `gets certificate ${shortName(to ?? '')}`,
        many: `get certificate ${shortName(to ?? '')}`,
      }),
    },
    readers: {
      satisfied: canAllRead,
      effect: () => 'adjust',
      words(from, to) {
        const who = listed(missingAccounts(to, from ?? []))
        return { group: 'import', one: `lets ${who} read its key`, many: `let ${who} read its key` }
      },
    },
  },
  async observe({ reader, desired, keys, signal }) {
    const asking = { reader, desired, signal }
    const [servers, known] = await Promise.all([serversOf(asking, keys), knownCertificates(asking)])
    const rows = new Map<Key, Observed<StoreShape, ServerRef>>()
    const unknown = new Map<Key, Reason>()
    for (const fact of servers) {
      const row = rowOf(desired, fact, (sha256) => known.get(sha256)?.subject)
      if ('code' in row) unknown.set(fact.key, row)
      else rows.set(fact.key, row)
    }
    return { complete: true, rows, unknown }
  },
  desire: wishesOf,
  absent: () => ({ code: 'NotRead', message: 'the server was not read' }),
  unmanagedReason: () => 'belong to a deployment without a certificate in the spec',
  async *apply({ writer, reader, desired, signal }, assignments) {
    // Servers wait for nobody: each is its own machine.
    const replies = assignments.map(
      async ({ change: { id, key }, fields, row }): Promise<readonly Reply[]> =>
        attempt([id], async () => {
          const { deployment, server } = refOf(row, key)
          const wished = desired.deployments.get(deployment)
          const target = writer.deployment(deployment)
          if (!target || !wished || !isCertified(wished)) throw new TypeError(`nothing is wished for ${key}`)
          const { sha256, thumbprint } = await reviewedCertificate(reader, wished)
          const pfx = () => writer.openCertificate(wished.certificate.name)
          const readers = fields.readers ?? accountsOn(wished, row?.ref)
          await target.ensureCertificate(server, { sha256, thumbprint, pfx, readers }, signal)
        }),
    )
    for (const reply of replies) yield* await reply
  },
}

function refOf(row: Observed<StoreShape, ServerRef> | undefined, key: Key): ServerRef {
  if (!row) throw new TypeError(`${key} was not read`)
  return row.ref
}

function rowOf(
  desired: DesiredTrust,
  { deployment, server, state }: ServerFact,
  subjectOf: (sha256: string) => string | undefined,
): Observed<StoreShape, ServerRef> | Reason {
  if (state.reason) return state.reason
  const label = serverLabel(desired, deployment.name, server)
  const ref = { deployment: deployment.name, server, state: state.value }
  if (!isCertified(deployment)) return { fields: { certificate: null, readers: [] }, ref, label }
  const { sha256 } = deployment.certificate
  const found = state.value.certificates.find((stored) => stored.sha256 === sha256)
  if (!found?.hasPrivateKey) {
    const hold = found ? undefined : namesake(sha256, subjectOf(sha256), server, state.value.certificates)
    return { fields: { certificate: null, readers: [] }, ref, label, ...(hold && { hold }) }
  }
  const wrong = wrongKeySpec(found, server)
  if (wrong) return { fields: { certificate: null, readers: found.readers ?? [] }, ref, label, hold: wrong }
  if (!found.readers) return readersUnread(sha256, server)
  return { fields: { certificate: sha256, readers: [...found.readers].sort() }, ref, label }
}

/** Two certificates of one subject: whoever looks by subject finds either (Microsoft, troubleshooting server-based authentication). */
function namesake(
  sha256: string,
  subject: string | undefined,
  server: string,
  stored: readonly StoredCertificate[],
): Reason | undefined {
  const other = stored.find((one) => subject !== undefined && isSameSubject(one.subject, subject))
  if (!other) return undefined
  const message = `${server} holds certificate ${shortName(other.sha256)} of the same subject (${other.subject}) as ${shortName(sha256)}, and CRM finds certificates by subject; have the new one issued with another subject, or remove the other from LocalMachine\\My if nothing uses it`
  return { code: 'SameSubject', message }
}

function readersUnread(sha256: string, server: string): Reason {
  const message = `who may read the key of certificate ${shortName(sha256)} on ${server} could not be read; look at its permissions there`
  return { code: 'ReadersUnknown', message }
}

function* wishesOf(desired: DesiredTrust, projection: Projection): Iterable<readonly [Key, Wish<StoreShape>]> {
  const read = projection.read(NAME)
  if (!read?.complete) return
  for (const deployment of certifiedDeployments(desired)) {
    const { name, certificate, origin } = deployment
    const base = { ensure: 'present', origin, ...heldAsExternal('Deployment', deployment, NAME) } as const
    const needs = [{ stage: STAGE_NAMES.trustPrerequisites, key: checkKey('certificate', name) }]
    for (const [key, row] of [...read.rows, ...read.unknown]) {
      if (!key.startsWith(`${name}/`)) continue
      const host = key.slice(name.length + 1)
      const label = serverLabel(desired, name, host)
      const on = 'fields' in row ? accountsOn(deployment, row.ref as ServerRef) : certificate.serviceAccounts
      const readers = on.length === 0 ? {} : { readers: on }
      const more = [{ stage: STAGE_NAMES.trustPrerequisites, key: checkKey('administrator', key) }]
      yield [
        key,
        { ...base, fields: { certificate: certificate.sha256, ...readers }, label, needs: [...needs, ...more] },
      ]
    }
  }
}

/** Who must be able to read the key: whom the spec names, else the accounts that the asynchronous services really run as. */
function accountsOn({ certificate }: CertifiedDeployment, ref: ServerRef | undefined): readonly string[] {
  if (certificate.serviceAccounts.length > 0) return certificate.serviceAccounts
  const accounts = ref ? asyncServices(ref.state).map(({ account }) => account) : []
  return [...new Set(accounts)].sort()
}
