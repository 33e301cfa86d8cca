// Tens of thousands of changes say the same few things: from this profile to that one. What two changes have in common is made once and
// shared, because memory and its collection are most of what planning a large organization costs.
import type { FieldChange } from './change.ts'
import type { FieldValue } from './observation.ts'
import type { Effect, FieldRule, Phrase } from './stage.ts'

/** What is said of one field going from one value to another. */
export interface Told {
  readonly change: FieldChange
  readonly phrase: Phrase
}

type ByTarget = Map<FieldValue, Told>
type ByValues = Map<FieldValue | undefined, ByTarget>

const known = new WeakMap<FieldRule, Map<string, ByValues>>()

/** More values than this of one field are no few values: addresses and texts are not kept. */
const FEW = 100

/** What a rule says of a field and a pair of values, made the first time. Rules are pure: they say the same of the same each time. */
export function tell(rule: FieldRule, field: string, from: FieldValue | undefined, to: FieldValue): Told {
  if (Array.isArray(from) || Array.isArray(to)) return make(rule, field, from, to)
  const fields = entryOf(known, rule, () => new Map<string, ByValues>())
  const values = entryOf(fields, field, (): ByValues => new Map())
  if (values.size >= FEW && !values.has(from)) return make(rule, field, from, to)
  const targets = entryOf(values, from, (): ByTarget => new Map())
  if (targets.size >= FEW && !targets.has(to)) return make(rule, field, from, to)
  return entryOf(targets, to, () => make(rule, field, from, to))
}

function make(rule: FieldRule, field: string, from: FieldValue | undefined, to: FieldValue): Told {
  const change = { field, to, effect: rule.effect(from, to), ...(rule.volatile ? { volatile: true as const } : {}) }
  return { change: from === undefined ? change : { ...change, from }, phrase: rule.words(from, to) }
}

const alone = new Map<Effect, readonly Effect[]>()

/** A list of this one effect. */
export function effectAlone(effect: Effect): readonly Effect[] {
  return entryOf(alone, effect, () => [effect])
}

function entryOf<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, begin: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const begun = begin()
  map.set(key, begun)
  return begun
}
