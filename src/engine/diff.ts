// The one diff. Desired and actual are in one comparable shape; this is the only place that decides that they differ.
import { type Change, changeId, type FieldChange } from './change.ts'
import type { Fields, FieldValue, Key, Observed } from './observation.ts'
import type { Projection } from './projection.ts'
import { type ToldTogether, tell, tellTogether } from './shared-values.ts'
import { type Consequence, type FieldRule, isStopping, type Phrase, type Stage, type Wish } from './stage.ts'

type AnyStage = Stage<never, Fields, never, never>

/** True where two values are the same by value. */
export function sameValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (a === b) return true
  if (!Array.isArray(a) || !Array.isArray(b)) return false
  return a.length === b.length && a.every((item, index) => item === b[index])
}

/** True where the actual value satisfies the desired one under the field's rule. An unreadable value (undefined) never does. */
export function isSatisfied(rule: FieldRule, desired: FieldValue, actual: FieldValue | undefined): boolean {
  if (actual === undefined) return false
  return rule.satisfied ? rule.satisfied(desired, actual) : sameValue(desired, actual)
}

/** What a wish and a row (absent: the object does not exist) come to: a change, or undefined where nothing is to be done. */
export function diff(
  scope: string,
  stage: AnyStage,
  key: Key,
  wish: Wish,
  row: Observed | undefined,
  projection: Projection,
): Change | undefined {
  if (wish.ensure === 'absent')
    return row === undefined ? undefined : draftChange(scope, stage, key, 'delete', tellTogether([]), wish)
  const draft: Record<string, FieldValue> = {}
  for (const field in wish.fields) {
    const desired = wish.fields[field]
    if (desired === undefined) continue
    if (row === undefined || !isSatisfied(ruleOf(stage, field), desired, row.fields[field])) draft[field] = desired
  }
  if (stage.entail) Object.assign(draft, stage.entail(key, draft, wish, row, projection))
  const told = Object.entries(draft).map(([field, to]) => tell(ruleOf(stage, field), field, row?.fields[field], to))
  if (row !== undefined && told.length === 0) return undefined
  const change = draftChange(scope, stage, key, row === undefined ? 'create' : 'update', tellTogether(told), wish)
  const more = stage.needs?.(key, draft, projection) ?? []
  return more.length === 0 ? change : { ...change, needs: [...change.needs, ...more] }
}

/** The part of an update that only stops; undefined where it stops nothing. It may be done where the whole is blocked. */
export function stoppingPart(
  scope: string,
  stage: AnyStage,
  { id, action, key, fields }: Change,
  wish: Wish,
): Change | undefined {
  const stopping = fields.filter(({ effect }) => isStopping([effect]))
  if (action !== 'update' || stopping.length === 0) return undefined
  return { ...draftChange(scope, stage, key, action, toldAgain(stage, stopping), wish), partOf: id }
}

/** A change with what it brings about beside its fields; its id stays what it is. */
export function withConsequences(change: Change, consequences: readonly Consequence[]): Change {
  if (consequences.length === 0) return change
  return {
    ...change,
    effects: [...new Set([...change.effects, ...consequences.flatMap(({ effect = [] }) => effect)])],
    phrases: [...change.phrases, ...consequences.map(({ phrase }) => phrase)],
  }
}

/** The rule of a field. A stage that drafts a field it has no rule for is a defect of that stage. */
export function ruleOf(stage: AnyStage, field: string): FieldRule {
  const rule = stage.fields[field]
  if (rule === undefined) throw new TypeError(`stage ${stage.name} has no rule for its field ${field}`)
  return rule
}

function draftChange(
  scope: string,
  stage: AnyStage,
  key: Key,
  action: Change['action'],
  { fields, effects, phrases, text }: ToldTogether,
  wish: Wish,
): Change {
  const isUpdate = action === 'update'
  return {
    id: changeId({ scope, stage: stage.name, key, action, fields }, text),
    stage: stage.name,
    kind: stage.kind,
    key,
    label: wish.label,
    action,
    fields,
    effects: isUpdate ? effects : [action],
    phrases: isUpdate ? phrases : [phraseOf(stage, action, wish.label)],
    origin: wish.origin,
    needs: wish.needs ?? [],
  }
}

function toldAgain(stage: AnyStage, fields: readonly FieldChange[]): ToldTogether {
  return tellTogether(fields.map(({ field, from, to }) => tell(ruleOf(stage, field), field, from, to)))
}

function phraseOf(stage: AnyStage, action: 'create' | 'delete', label: string): Phrase {
  return stage.words?.(action, label) ?? { group: action, one: `is ${action}d`, many: `are ${action}d` }
}
