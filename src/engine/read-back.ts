// After a write the object is observed again; the answer of the server is not trusted. A 204 that changed nothing is found here.
import { isSatisfied, ruleOf } from './diff.ts'
import type { Fields, Read, Reason } from './observation.ts'
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
  if (isEffective(stage, assignment, after)) return { result: 'Applied' }
  if (reply === undefined || reply.outcome === 'unknown') return withReason('Unknown', reply?.reason)
  return { result: 'WriteNotEffective', reason: notEffective(assignment) }
}

function isEffective(
  stage: Stage<never, Fields, never, never>,
  { change, fields, row }: Assignment,
  after: Extract<Read, { complete: true }>,
): boolean {
  const now = after.rows.get(change.key)
  if (change.action === 'delete') return now === undefined
  if (now === undefined) return false
  return Object.entries(fields).every(([field, to]) => {
    const actual = now.fields[field]
    if (to === undefined || actual === undefined) return false
    const rule = ruleOf(stage, field)
    return rule.effective ? rule.effective(to, row?.fields[field], actual) : isSatisfied(rule, to, actual)
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
