// Just before writing, a change is held against the object as it is now. What moved since the plan is refused, not overwritten.
import type { Change, FieldChange } from './change.ts'
import { isSatisfied, ruleOf, sameValue } from './diff.ts'
import type { Fields, FieldValue, Observed, Read, Reason } from './observation.ts'
import type { Result } from './outcome.ts'
import type { Assignment, Stage } from './stage.ts'

/** What the fresh look at an object says: write this, or leave it for a reason. */
export type Verified = { readonly assignment: Assignment } | { readonly result: Result; readonly reason?: Reason }

/** Holds a change against the object as it was read just before writing. */
export function verify(stage: Stage<never, Fields, never, never>, change: Change, read: Read): Verified {
  if (!read.complete) return { result: 'Unknown', reason: read.reason }
  const unknown = read.unknown.get(change.key)
  if (unknown) return { result: 'Unknown', reason: unknown }
  const row = read.rows.get(change.key)
  if (change.action === 'create') return verifyCreate(stage, change, row)
  if (row === undefined) return change.action === 'delete' ? { result: 'AlreadyDone' } : moved(change, 'is gone')
  if (row.hold) return { result: 'Blocked', reason: row.hold }
  if (change.action === 'delete') return { assignment: assign(change, change.fields, row) }
  return verifyUpdate(stage, change, row)
}

function verifyCreate(stage: Stage<never, Fields, never, never>, change: Change, row: Observed | undefined): Verified {
  if (row === undefined) return { assignment: assign(change, change.fields, undefined) }
  const there = change.fields.every(({ field, to }) => isSatisfied(ruleOf(stage, field), to, row.fields[field]))
  return there ? { result: 'AlreadyDone' } : moved(change, 'was created by somebody else')
}

// A field whose value was not known when it was planned (the object is created by an earlier stage of the same plan) cannot have moved.
// A field that was satisfied when it was planned is there because another field brings it along (a test after a move): it is written as
// long as one of the others is.
function verifyUpdate(stage: Stage<never, Fields, never, never>, change: Change, row: Observed): Verified {
  const done = new Set<FieldChange>()
  const carried = new Set<FieldChange>()
  for (const field of change.fields) {
    const rule = ruleOf(stage, field.field)
    const actual = row.fields[field.field]
    if (!isSatisfied(rule, field.to, actual)) {
      if (!rule.volatile && field.from !== undefined && !sameValue(field.from, actual))
        return moved(change, `has another ${field.field} now`)
    } else if (isSatisfied(rule, field.to, field.from)) carried.add(field)
    else done.add(field)
  }
  if (done.size + carried.size === change.fields.length) return { result: 'AlreadyDone' }
  return {
    assignment: assign(
      change,
      change.fields.filter((field) => !done.has(field)),
      row,
    ),
  }
}

function assign(change: Change, fields: readonly FieldChange[], row: Observed | undefined): Assignment {
  const values: Record<string, FieldValue> = {}
  for (const { field, to } of fields) values[field] = to
  return { change, fields: values, row, origin: change.origin }
}

function moved(change: Change, how: string): Verified {
  return {
    result: 'Moved',
    reason: { code: 'Moved', message: `${change.label} ${how}; nothing was written, the next pass plans it anew` },
  }
}
