// Tens of thousands of changes say the same few things: from this profile to that one. What two changes have in common is made once and
// shared, because memory and its collection are most of what planning a large organization costs.
import { type FieldChange, fieldsAsText } from './change.ts'
import type { FieldValue } from './observation.ts'
import type { Effect, FieldRule, Phrase } from './stage.ts'

/** What is said of one field going from one value to another. */
export interface Told {
  readonly change: FieldChange
  readonly phrase: Phrase
  /** It is one of few and will be met again. */
  readonly isShared: boolean
}

/** What is said of all fields of a change. */
export interface ToldTogether {
  readonly fields: readonly FieldChange[]
  /** Each once. */
  readonly effects: readonly Effect[]
  readonly phrases: readonly Phrase[]
  /** See `fieldsAsText`. */
  readonly text: string
}

type ByTarget = Map<FieldValue, Told>
type ByValues = Map<FieldValue | undefined, ByTarget>

const known = new WeakMap<FieldRule, Map<string, ByValues>>()

/** More values than this of one field are no few values: addresses and texts are not kept. */
const FEW = 100

/** What a rule says of a field and a pair of values, made the first time. Rules are pure: they say the same of the same each time. */
export function tell(rule: FieldRule, field: string, from: FieldValue | undefined, to: FieldValue): Told {
  if (Array.isArray(from) || Array.isArray(to)) return make(rule, field, from, to, false)
  const fields = entryOf(known, rule, () => new Map<string, ByValues>())
  const values = entryOf(fields, field, (): ByValues => new Map())
  if (values.size >= FEW && !values.has(from)) return make(rule, field, from, to, false)
  const targets = entryOf(values, from, (): ByTarget => new Map())
  if (targets.size >= FEW && !targets.has(to)) return make(rule, field, from, to, false)
  return entryOf(targets, to, () => make(rule, field, from, to, true))
}

function make(rule: FieldRule, field: string, from: FieldValue | undefined, to: FieldValue, isShared: boolean): Told {
  const change = { field, to, effect: rule.effect(from, to), ...(rule.volatile ? { volatile: true as const } : {}) }
  return { change: from === undefined ? change : { ...change, from }, phrase: rule.words(from, to), isShared }
}

/** The ways in which fields change together, as a tree: under the first field what follows it, and so on. */
interface Node {
  readonly next: WeakMap<Told, Node>
  together: ToldTogether | undefined
}

/** More ways are not kept, whatever organizations a long-lived process meets. */
const MOST_NODES = 10_000
let nodes = 0
const root = newNode()

function newNode(): Node {
  nodes += 1
  return { next: new WeakMap(), together: undefined }
}

/** What fields that change together have in common with all other objects whose fields change in the same way. */
export function tellTogether(told: readonly Told[]): ToldTogether {
  let node = root
  for (const one of told) {
    const known = node.next.get(one)
    if (!known && (!one.isShared || nodes >= MOST_NODES)) return makeTogether(told)
    node = known ?? entryOf(node.next, one, newNode)
  }
  node.together ??= makeTogether(told)
  return node.together
}

function makeTogether(told: readonly Told[]): ToldTogether {
  const fields = told.map(({ change }) => change)
  return {
    fields,
    effects: [...new Set(fields.map(({ effect }) => effect))],
    phrases: told.map(({ phrase }) => phrase),
    text: fieldsAsText(fields),
  }
}

function entryOf<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, begin: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const begun = begin()
  map.set(key, begun)
  return begun
}
