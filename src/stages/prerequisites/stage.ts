// What must be in order before anything is written: version, channel, clocks, privileges. Every check carries its evidence. It writes
// nothing; a check that is not in order blocks the stages that would fail because of it, and no others.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { Key, Observed, Stage, Wish } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { type Check, checksOf } from './checks.ts'
import { explainChecks } from './explain.ts'

/** Checks have no fields, only verdicts. */
type NoFields = Readonly<Record<never, never>>
type PrerequisitesStage = Stage<DesiredOrganization, NoFields, OrganizationReader, OrganizationWriter, undefined>

const NAME = 'prerequisites'

/** Checks of the organization as a whole. */
export const prerequisites: PrerequisitesStage = {
  name: NAME,
  kind: 'Prerequisite',
  noun: { one: 'prerequisite', many: 'prerequisites' },
  scope: 'organization',
  mode: 'checks',
  gate: 'blocks',
  fields: {},
  async observe({ reader, desired, signal }) {
    const [probe, organization, uniqueName] = await Promise.all([
      reader.probe(signal),
      reader.organization(signal),
      reader.uniqueName(signal),
    ])
    const checks = checksOf(desired, { probe, organization, uniqueName })
    return { complete: true, rows: new Map(checks.map((check) => [check.key, observed(check)])), unknown: new Map() }
  },
  desire(desired, projection) {
    const read = projection.read(NAME)
    const wishes = new Map<Key, Wish<NoFields>>()
    if (!read?.complete) return wishes
    for (const [key, { label = key }] of read.rows) {
      wishes.set(key, { ensure: 'present', fields: {}, label, origin: desired.origin })
    }
    return wishes
  },
  absent: () => ({ code: 'NotChecked', message: 'not checked' }),
  explain: (subject, context) => explainChecks(NAME, subject, context),
}

function observed({ label, verdict, gates, forbidsAll }: Check): Observed<NoFields, undefined> {
  const row = { fields: {}, ref: undefined, label, ready: verdict }
  return { ...row, ...(gates && { gates }), ...(forbidsAll && { forbidsAll }) }
}
