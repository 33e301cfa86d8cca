// After a write the object is observed again; the answer of the server is not trusted. A 204 that changed nothing is found here.
import { isSatisfied, ruleOf } from './diff.ts'
import type { Intent } from './journal.ts'
import type { CompleteRead, Fields, FieldValue, Read, Reason } from './observation.ts'
import type { Result } from './outcome.ts'
import type { Assignment, Reply, Stage } from './stage.ts'

/** What became of an assignment, from the server's reply and the object as it is now. */
export function conclude(
  stage: Stage<never, Fields, never, never>,
  assignment: Assignment,
  reply: Reply | undefined,
  after: Read,
): { readonly result: Result; readonly reason?: Reason } {
  if (reply?.outcome === 'failed' && reply.reason?.code === 'Cancelled') return { result: 'Cancelled' }
  if (reply?.outcome === 'failed') return withReason('Failed', reply.reason)
  const key = assignment.change.key
  if (!after.complete) return { result: 'Unknown', reason: after.reason }
  const unknown = after.unknown.get(key)
  if (unknown) return { result: 'Unknown', reason: unknown }
  const { change, fields, row } = assignment
  if (isEffective(stage, change, fields, row?.fields, after)) return withReason('Applied', reply?.harm)
  if (reply === undefined || reply.outcome === 'unknown') return withReason('Unknown', reply?.reason)
  return { result: 'WriteNotEffective', reason: notEffective(assignment) }
}

/**
 * What became of an intent that has no outcome, because the pass that wrote it down was cut off: what is observed now decides.
 * NotApplied: the object does not show it; the next plan says whether it is still wanted. Unverifiable: this build no longer knows the
 * fields. Unknown: look again at the next pass.
 */
export function lookUp(
  stage: Stage<never, Fields, never, never>,
  intent: Intent,
  now: Read,
): { readonly result: 'Applied' | 'NotApplied' | 'Unverifiable' | 'Unknown'; readonly reason?: Reason } {
  if (intent.fields.some(({ field }) => !(field in stage.fields))) return { result: 'Unverifiable' }
  if (!now.complete) return { result: 'Unknown', reason: now.reason }
  const unknown = now.unknown.get(intent.key)
  if (unknown) return { result: 'Unknown', reason: unknown }
  const before: Record<string, FieldValue> = {}
  const written: Record<string, FieldValue> = {}
  for (const { field, from, to } of intent.fields) {
    written[field] = to
    if (from !== undefined) before[field] = from
  }
  return { result: isEffective(stage, intent, written, before, now) ? 'Applied' : 'NotApplied' }
}

function isEffective(
  stage: Stage<never, Fields, never, never>,
  { key, action }: Pick<Intent, 'key' | 'action'>,
  written: Partial<Fields>,
  before: Partial<Fields> | undefined,
  after: CompleteRead,
): boolean {
  const now = after.rows.get(key)
  if (action === 'delete') return now === undefined
  if (now === undefined) return false
  return Object.entries(written).every(([field, to]) => {
    const actual = now.fields[field]
    if (to === undefined || actual === undefined) return false
    const rule = ruleOf(stage, field)
    return rule.effective ? rule.effective(to, before?.[field], actual) : isSatisfied(rule, to, actual)
  })
}

function notEffective({ change }: Assignment): Reason {
  return {
    code: 'WriteNotEffective',
    message: `the server accepted the ${change.action} of ${change.label}, but reading it again shows it did not take effect`,
  }
}

function withReason(result: Result, reason: Reason | undefined): { result: Result; reason?: Reason } {
  return reason ? { result, reason } : { result }
}
