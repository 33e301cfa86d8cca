// What must be in order before anything is written: version, channel, clocks, privileges. Every check carries its evidence. It writes
// nothing; a check that is not in order blocks the stages that would fail because of it, and no others.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { OrganizationRow } from '../../crm/rows.ts'
import type { Observed, Stage } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { OrganizationSurroundings, TrustView } from '../../trust/view.ts'
import { checkWishes, type NoFields } from '../check-wishes.ts'
import { trustIn } from '../trust-dependence.ts'
import { NAME } from './cannot-write.ts'
import { linksOfChecks } from './check-links.ts'
import { type AccountUse, type Check, checksOf } from './checks.ts'
import { organizationLink } from './explain.ts'
import { trustChecks, USUAL_PROOF_AGE_MS } from './trust-check.ts'
import { linksOfTrust } from './trust-links.ts'

type Reader = OrganizationReader & OrganizationSurroundings
type PrerequisitesStage = Stage<DesiredOrganization, NoFields, Reader, OrganizationWriter, Surveyed>

/** What the checks looked at. */
interface Surveyed {
  readonly organization: OrganizationRow
  readonly trust: TrustView | undefined
}

/** What the checks need from outside. */
export interface PrerequisitesOptions {
  /** What the account that reads an organization is for. Default: another one writes. */
  readonly accountUse?: (organization: string) => AccountUse
  /** How long mailboxes are worked on after the trust was last seen working, while it cannot be read. Default: a day. */
  readonly proofMaxAgeMs?: number
}

/** Checks of the organization as a whole. */
export function prerequisites({
  accountUse,
  proofMaxAgeMs = USUAL_PROOF_AGE_MS,
}: PrerequisitesOptions): PrerequisitesStage {
  return {
    ...CHECKS,
    async observe({ reader, desired, now, signal }) {
      const [probe, organization, uniqueName] = await Promise.all([
        reader.probe(signal),
        reader.organization(signal),
        reader.uniqueName(signal),
      ])
      const trust = trustIn(reader)
      const checks = [
        ...checksOf(desired, { probe, organization, uniqueName }, accountUse?.(desired.name)),
        ...trustChecks(trust, { now, proofMaxAgeMs }),
      ]
      return {
        complete: true,
        rows: new Map(checks.map((check) => [check.key, observed(check, { organization, trust })])),
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
  desire: (desired, projection) => checkWishes(NAME, projection, desired.origin),
  explain(subject, context) {
    const { kind, key } = subject
    const read = context.reads.get(NAME)
    const [row] = read?.complete ? read.rows.values() : []
    const { organization, trust } = (row?.ref ?? {}) as Partial<Surveyed>
    const checks = [...linksOfChecks(NAME, subject, context), ...linksOfTrust(subject, trust, context)]
    if (kind !== 'Mailbox' && kind !== 'EmailSettings') return checks
    if (read && !read.complete) return [{ name: 'organization', state: 'unknown', words: read.reason.message }]
    if (!organization) return checks
    // It says of the channel what its check says, and more.
    const link = organizationLink(organization, context.desired, kind === 'Mailbox' ? key : undefined)
    return [...checks.filter(({ name }) => name !== 'channel'), link]
  },
  absent: () => ({ code: 'NotChecked', message: 'not checked' }),
}

function observed({ label, verdict, gates, forbidsAll }: Check, surveyed: Surveyed): Observed<NoFields, Surveyed> {
  const row = { fields: {}, ref: surveyed, label, ready: verdict }
  return { ...row, ...(gates && { gates }), ...(forbidsAll && { forbidsAll }) }
}
