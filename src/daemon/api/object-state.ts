// How each object of a report is, and how many are how. An object is in one state only; what is told first is what a person must look at.
import type { Exception, ObjectConditions, Plan } from '../../engine/index.ts'
import { READY_SOON } from '../../reconcile/conditions.ts'
import { NOT_CHECKED, statesOf } from '../../report/health.ts'
import { MAILBOX_KIND } from '../../report/people.ts'
import type { ScopeReport } from '../board.ts'
import type { MailboxCounts, ObjectState } from './shapes.ts'

/** What a write came to that the object is to blame for, or CRM. */
const FAILED: ReadonlySet<string> = new Set(['Failed', 'WriteNotEffective'])

/** Not tested, because what is planned for it was not written: once it is, a test tells. */
const PENDING: ReadonlySet<string> = new Set(['NotBegun', 'TestNotRun', 'TestStale'])

/** The state of an object; `excepted` is why the plan could not settle it, where it could not. */
export function stateOf(
  { kind, synced, ready }: ObjectConditions,
  excepted: Exception['state'] | undefined,
): ObjectState {
  if (FAILED.has(synced.code)) return 'failing'
  // What the spec or a person holds is left alone: that its test failed is nobody's trouble now, and the headline calls it held too.
  if (excepted === 'Held') return 'waiting'
  if (ready.status === 'False') return 'failing'
  if (excepted !== undefined) return excepted === 'Unknown' ? 'unknown' : 'waiting'
  if (ready.status === 'True') return 'healthy'
  if (READY_SOON.has(ready.code) || (PENDING.has(ready.code) && synced.code === 'ChangesPlanned')) return 'waiting'
  // Of what nothing tests, being as the spec says is all there is to know; a mailbox is there to be tested.
  if (ready.code !== NOT_CHECKED || kind === MAILBOX_KIND) return 'unknown'
  return synced.status === 'True' ? 'healthy' : synced.status === 'Unknown' ? 'unknown' : 'waiting'
}

/** Tells the state of each object of a report. */
export function statesIn({ exceptions }: Pick<Plan, 'exceptions'>): (object: ObjectConditions) => ObjectState {
  const excepted = statesOf(exceptions)
  return (object) => stateOf(object, excepted.get(object.kind)?.get(object.key))
}

/** What was changed by somebody although the spec did not change, by kind. */
export function driftedIn({ drift }: Pick<ScopeReport, 'drift'>): ReadonlyMap<string, ReadonlySet<string>> {
  const drifted = new Map<string, Set<string>>()
  for (const { kind, key } of drift) {
    const keys = drifted.get(kind) ?? new Set<string>()
    drifted.set(kind, keys.add(key))
  }
  return drifted
}

const counted = new WeakMap<ScopeReport, MailboxCounts>()

/** How many mailboxes of a report are how; worked out once per report. */
export function mailboxCounts(report: ScopeReport): MailboxCounts {
  const known = counted.get(report)
  if (known) return known
  const { result, conditions } = report
  const stateOfObject = statesIn(result.plan)
  const counts = { total: 0, healthy: 0, waiting: 0, failing: 0, unknown: 0 }
  for (const object of conditions) {
    if (object.kind !== MAILBOX_KIND) continue
    counts.total += 1
    counts[stateOfObject(object)] += 1
  }
  const ofMailboxes = result.plan.stages.filter(({ kind }) => kind === MAILBOX_KIND)
  const told = {
    ...counts,
    drifted: driftedIn(report).get(MAILBOX_KIND)?.size ?? 0,
    unmanaged: Math.max(0, ...ofMailboxes.map(({ unmanaged }) => unmanaged)),
  }
  counted.set(report, told)
  return told
}
