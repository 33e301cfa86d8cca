// Whether mailboxes work: results of tests, classed by cause. It writes nothing and blocks nothing.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { Key, Observed, Stage, Verdict } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { type MailboxEntry, mailboxDirectory, readOf, wishedKeys } from '../mailbox-directory.ts'
import { NOT_IN_CRM } from '../mailbox-waiting.ts'
import { usesServerSide } from '../test-summary.ts'
import { type Alerts, explain } from './explain.ts'
import { type Failure, healthyVerdicts, isFailure, judge } from './verdict.ts'

/** Nothing of a result is wished for; it is only told. */
type ResultFields = Readonly<Record<never, never>>

const NO_FIELDS: ResultFields = {}

type ResultStage = Stage<DesiredOrganization, ResultFields, OrganizationReader, OrganizationWriter, MailboxEntry>

const NAME = 'test-result'

/** Results of tests. */
export const testResult: ResultStage = {
  name: NAME,
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  scope: 'organization',
  mode: 'checks',
  gate: 'advises',
  fields: {},
  async observe(context) {
    const { reader, desired, signal } = context
    const [directory, organization] = await Promise.all([mailboxDirectory(context), reader.organization(signal)])
    const healthy = healthyVerdicts()
    const failures: (readonly [Key, Failure])[] = []
    const read = readOf<ResultFields>(directory, wishedKeys(context), (entry, key) => {
      const judged = judge(entry, organization, usesServerSide(desired.mailboxes.get(key) ?? {}), healthy)
      if (!isFailure(judged)) return observed(entry, judged)
      failures.push([key, judged])
      return observed(entry, undefined)
    })
    const entries = failures.flatMap(([key]) => directory.entries.get(key) ?? [])
    const alerts = await readAlerts(reader, new Set(entries.map(({ mailbox }) => mailbox.id)), signal)
    const rows = new Map(read.rows)
    for (const [key, failure] of failures) {
      const entry = directory.entries.get(key)
      if (entry) rows.set(key, observed(entry, explain(failure, entry, alerts)))
    }
    return { ...read, rows }
  },
  // A mailbox that is not there or cannot be told is the business of the stages before; it is not told again here.
  *desire(desired, projection) {
    const read = projection.read(NAME)
    for (const [key, { origin }] of desired.mailboxes) {
      if (read?.complete && !read.rows.has(key)) continue
      yield [key, { ensure: 'present', fields: NO_FIELDS, label: key, origin }]
    }
  },
  absent: () => NOT_IN_CRM,
}

function observed(entry: MailboxEntry, ready: Verdict | undefined): Observed<ResultFields, MailboxEntry> {
  const label = entry.mailbox.name
  return ready ? { fields: NO_FIELDS, ref: entry, label, ready } : { fields: NO_FIELDS, ref: entry, label }
}

/** Alerts of these mailboxes; undefined where the account may not read them, which makes no result unknown. */
async function readAlerts(reader: OrganizationReader, ids: ReadonlySet<string>, signal: AbortSignal): Promise<Alerts> {
  if (ids.size === 0) return new Map()
  try {
    return await reader.alerts(ids, signal)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'PrivilegeMissing' || code === 'Forbidden') return undefined
    throw error
  }
}
