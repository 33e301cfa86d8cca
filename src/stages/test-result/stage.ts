// Whether mailboxes work: results of tests, classed by cause. It writes nothing and blocks nothing.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { Key, Link, Observed, Read, Stage, Verdict } from '../../engine/index.ts'
import type { MailboxFact } from '../../entra/tenant.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { OrganizationSurroundings } from '../../trust/view.ts'
import { type MailboxEntry, readOf, wishedKeys } from '../mailboxes/mailbox-directory.ts'
import { NOT_IN_CRM } from '../mailboxes/mailbox-waiting.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { exchangeLinks } from '../testing/exchange-preflight.ts'
import type { Explained } from '../testing/test-alerts.ts'
import { testHealth } from '../testing/test-health.ts'
import { linksOfProfile, linksOfTest } from './explain.ts'

/** Nothing of a result is wished for; it is only told. */
type ResultFields = Readonly<Record<never, never>>

const NO_FIELDS: ResultFields = {}

/** A mailbox, with why its test failed, and what Exchange Online says of it where that was asked. */
export type ResultEntry = MailboxEntry & { readonly explained?: Explained; readonly exchange?: MailboxFact }

type Reader = OrganizationReader & OrganizationSurroundings
type ResultStage = Stage<DesiredOrganization, ResultFields, Reader, OrganizationWriter, ResultEntry>

/** Results of tests. */
export const testResult: ResultStage = {
  name: STAGE_NAMES.testResult,
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  scope: 'organization',
  mode: 'checks',
  gate: 'advises',
  fields: {},
  async observe(context) {
    const { directory, verdicts, failed, exchange } = await testHealth(context)
    return readOf<ResultFields>(directory, wishedKeys(context), (entry, key) =>
      observed(withCause(entry, failed.get(key)?.explained, exchange.get(key)), verdicts.get(key)),
    )
  },
  // A mailbox that is not there or cannot be told is the business of the stages before; it is not told again here.
  *desire(desired, projection) {
    const read = projection.read(STAGE_NAMES.testResult)
    for (const [key, { origin }] of desired.mailboxes) {
      if (read?.complete && !read.rows.has(key)) continue
      yield [key, { ensure: 'present', fields: NO_FIELDS, label: key, origin }]
    }
  },
  absent: () => NOT_IN_CRM,
  explain({ kind, key }, { reads, now, desired }) {
    if (kind === 'Mailbox') return [...exchangeOf(key, reads), ...linksOfTest(key, { reads, now, desired })]
    return kind === 'EmailServerProfile' ? linksOfProfile(key, reads) : []
  },
}

function exchangeOf(key: Key, reads: ReadonlyMap<string, Read>): readonly Link[] {
  const read = reads.get(STAGE_NAMES.testResult)
  const entry = read?.complete ? (read.rows.get(key)?.ref as ResultEntry | undefined) : undefined
  return exchangeLinks(entry?.exchange, key)
}

function withCause(
  entry: MailboxEntry,
  explained: Explained | undefined,
  exchange: MailboxFact | undefined,
): ResultEntry {
  return explained || exchange ? { ...entry, ...(explained && { explained }), ...(exchange && { exchange }) } : entry
}

function observed(entry: ResultEntry, ready: Verdict | undefined): Observed<ResultFields, ResultEntry> {
  const label = entry.mailbox.name
  return ready ? { fields: NO_FIELDS, ref: entry, label, ready } : { fields: NO_FIELDS, ref: entry, label }
}
