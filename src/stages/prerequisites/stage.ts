// What must be in order before anything is written: version, channel, clocks, privileges. Every check carries its evidence. It writes
// nothing; a check that is not in order blocks the stages that would fail because of it, and no others.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { OrganizationRow } from '../../crm/rows.ts'
import type { Key, Observed, Stage, Wish } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { NAME } from './cannot-write.ts'
import { linksOfChecks } from './check-links.ts'
import { type AccountUse, type Check, checksOf } from './checks.ts'
import { organizationLink } from './explain.ts'

/** Checks have no fields, only verdicts. */
type NoFields = Readonly<Record<never, never>>
type PrerequisitesStage = Stage<DesiredOrganization, NoFields, OrganizationReader, OrganizationWriter, OrganizationRow>

/** What the checks need from outside. */
export interface PrerequisitesOptions {
  /** What the account that reads an organization is for. Default: another one writes. */
  readonly accountUse?: (organization: string) => AccountUse
}

/** Checks of the organization as a whole. */
export function prerequisites({ accountUse }: PrerequisitesOptions): PrerequisitesStage {
  return {
    ...CHECKS,
    async observe({ reader, desired, signal }) {
      const [probe, organization, uniqueName] = await Promise.all([
        reader.probe(signal),
        reader.organization(signal),
        reader.uniqueName(signal),
      ])
      const checks = checksOf(desired, { probe, organization, uniqueName }, accountUse?.(desired.name))
      return {
        complete: true,
        rows: new Map(checks.map((check) => [check.key, observed(check, organization)])),
        unknown: new Map(),
      }
    },
  }
}

const CHECKS: Omit<PrerequisitesStage, 'observe'> = {
  name: NAME,
  kind: 'Prerequisite',
  noun: { one: 'prerequisite', many: 'prerequisites' },
  scope: 'organization',
  mode: 'checks',
  gate: 'blocks',
  fields: {},
  desire(desired, projection) {
    const read = projection.read(NAME)
    const wishes = new Map<Key, Wish<NoFields>>()
    if (!read?.complete) return wishes
    for (const [key, { label = key }] of read.rows) {
      wishes.set(key, { ensure: 'present', fields: {}, label, origin: desired.origin })
    }
    return wishes
  },
  explain(subject, context) {
    const { kind, key } = subject
    const checks = linksOfChecks(NAME, subject, context)
    if (kind !== 'Mailbox' && kind !== 'EmailSettings') return checks
    const read = context.reads.get(NAME)
    if (read && !read.complete) return [{ name: 'organization', state: 'unknown', words: read.reason.message }]
    const [row] = read?.rows.values() ?? []
    if (!row) return checks
    // It says of the channel what its check says, and more.
    const link = organizationLink(row.ref as OrganizationRow, context.desired, kind === 'Mailbox' ? key : undefined)
    return [...checks.filter(({ name }) => name !== 'channel'), link]
  },
  absent: () => ({ code: 'NotChecked', message: 'not checked' }),
}

function observed(
  { label, verdict, gates, forbidsAll }: Check,
  organization: OrganizationRow,
): Observed<NoFields, OrganizationRow> {
  const row = { fields: {}, ref: organization, label, ready: verdict }
  return { ...row, ...(gates && { gates }), ...(forbidsAll && { forbidsAll }) }
}
