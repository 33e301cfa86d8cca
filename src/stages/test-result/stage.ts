// Whether mailboxes work: results of tests, classed by cause. It writes nothing and blocks nothing.
import type { OrganizationReader, OrganizationWriter } from '../../crm/organization.ts'
import type { Key, Stage, Verdict } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { type MailboxEntry, mailboxDirectory, readOf, wishedKeys } from '../mailbox-directory.ts'
import { NOT_IN_CRM } from '../mailbox-waiting.ts'
import { usesServerSide } from '../test-summary.ts'
import { type Alerts, explain } from './explain.ts'
import { type Failure, healthyVerdicts, isFailure, judge } from './verdict.ts'

/** Nothing of a result is wished for; it is only told. */
type ResultFields = Readonly<Record<never, never>>

type ResultStage = Stage<DesiredOrganization, ResultFields, OrganizationReader, OrganizationWriter, MailboxEntry>

const NAME = 'test-result'
const NO_FIELDS: ResultFields = {}

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
    const keys = [...wishedKeys(context)]
    const judged = new Map<Key, Verdict | Failure>()
    const healthy = healthyVerdicts()
    const failed = new Set<string>()
    for (const key of keys) {
      const entry = directory.entries.get(key)
      if (!entry) continue
      const verdict = judge(entry, organization, usesServerSide(desired.mailboxes.get(key) ?? {}), healthy)
      judged.set(key, verdict)
      if (isFailure(verdict)) failed.add(entry.mailbox.id)
    }
    const alerts = await readAlerts(reader, failed, signal)
    return readOf<ResultFields>(directory, keys, (entry, key) => {
      const { name: label } = entry.mailbox
      const verdict = judged.get(key)
      if (!verdict) return { fields: NO_FIELDS, ref: entry, label }
      const ready = isFailure(verdict) ? explain(verdict, entry, alerts) : verdict
      return { fields: NO_FIELDS, ref: entry, label, ready }
    })
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
