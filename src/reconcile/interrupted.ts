// What earlier passes left behind: intents without an outcome, because the process was cut off, and changes that took effect while others of
// the same object did not. Both are looked up. What took effect may be the only reason for something that was never asked for, such as the
// test of a mailbox with a new approval; so it stays in the journal until a pass has nothing left to do to the object.
import {
  type FieldRule,
  type Fields,
  type Intent,
  type Key,
  lookUp,
  type Outcome,
  type Plan,
  type Read,
  type Reason,
  type Stage,
  succeeded,
  type Unfinished,
} from '../engine/index.ts'
import type { PassJournal } from './journal.ts'
import { MAY_HAVE_EFFECT, type OpenIntent } from './journal-reader.ts'
import type { LookedUp } from './journal-record.ts'
import type { ScopeMemory } from './memory-file.ts'

type AnyStage = Stage<never, Fields, never, never>

/** What became of what earlier passes left behind. */
export interface Interrupted {
  /** Intents without an outcome that can be told now. */
  readonly found: readonly LookedUp[]
  readonly stillOpen: readonly OpenIntent[]
  /** Everything that took effect and still stands, also of intents with an outcome. */
  readonly tookEffect: readonly OpenIntent[]
  /** What was left unfinished and does not stand any more: nobody needs to look at it again. */
  readonly over: readonly LookedUp[]
}

/** Looks everything up in what was observed. */
export function lookUpInterrupted(
  { interrupted, unfinished }: Pick<PassJournal, 'interrupted' | 'unfinished'>,
  stages: readonly AnyStage[],
  reads: ReadonlyMap<string, Read>,
): Interrupted {
  const found: LookedUp[] = []
  const stillOpen: OpenIntent[] = []
  const tookEffect: OpenIntent[] = []
  const over: LookedUp[] = []
  for (const [index, open] of [...interrupted, ...unfinished].entries()) {
    const isOpen = index < interrupted.length
    const result = resultOf(open.intent, stages, reads)
    const lookedUp = result === 'Unknown' ? undefined : foundAs(open, result)
    if (isOpen && lookedUp) found.push(lookedUp)
    else if (isOpen) stillOpen.push(open)
    if (result === 'Applied') tookEffect.push(open)
    else if (!isOpen && lookedUp) over.push(lookedUp)
  }
  return { found, stillOpen, tookEffect, over }
}

/** What planning is told of it. */
export function unfinishedIn({ tookEffect }: Pick<Interrupted, 'tookEffect'>): Unfinished {
  const intents = new Map(tookEffect.map((open) => [`${open.intent.stage} ${open.intent.key}`, open]))
  return (stage, key) => intents.get(`${stage} ${key}`)
}

/**
 * What is settled at the end of a pass: what took effect where nothing is left to do to the object, neither waiting nor refused nor held.
 * A pass over some objects only (`isPartial`) cannot tell.
 */
export function settledBy(
  { tookEffect }: Pick<Interrupted, 'tookEffect'>,
  plan: Plan,
  outcomes: readonly Outcome[],
  isPartial: boolean,
): readonly LookedUp[] {
  if (tookEffect.length === 0 || isPartial) return []
  const isOpen = openObjects(plan, outcomes)
  return tookEffect.filter(({ intent }) => !isOpen(intent)).map((open) => foundAs(open, 'Applied'))
}

/** Ids of what took effect in a pass while something else that was planned for the object did not, or waits. */
export function leftUnfinished(plan: Plan, outcomes: readonly Outcome[]): readonly string[] {
  const isOpen = openObjects(plan, outcomes)
  return outcomes.filter((outcome) => MAY_HAVE_EFFECT.has(outcome.result) && isOpen(outcome)).map(({ id }) => id)
}

/** True for objects to which the plan has something left to do. */
function openObjects({ steps, stages, exceptions }: Plan, outcomes: readonly Outcome[]) {
  const done = new Set(outcomes.filter(succeeded).map(({ id }) => id))
  const unread = new Set(stages.filter(({ incomplete }) => incomplete).map(({ kind }) => kind))
  const open = new Set(exceptions.map(({ kind, key }) => `${kind} ${key}`))
  for (const { changes } of steps)
    for (const { id, kind, key } of changes) if (!done.has(id)) open.add(`${kind} ${key}`)
  return ({ kind, key }: { readonly kind: string; readonly key: Key }) => unread.has(kind) || open.has(`${kind} ${key}`)
}

/**
 * When objects were changed last: what is remembered, and what the journal knows beyond that of passes that never came to remember it.
 * Changes after which everything proven still holds do not count.
 */
export function withChangesOf(
  remembered: ScopeMemory['changedAt'],
  intents: readonly OpenIntent[],
  stages: readonly { readonly name: string; readonly fields: Readonly<Record<string, FieldRule>> }[],
): ScopeMemory['changedAt'] {
  if (intents.length === 0) return remembered
  const rules = new Map(stages.map(({ name, fields }) => [name, fields]))
  const all = new Map([...remembered].map(([kind, times]) => [kind, new Map(times)]))
  for (const { time, intent } of intents) {
    // An update after which all holds, and a deletion: what comes back after one is not what we changed.
    if (intent.fields.every(({ field }) => rules.get(intent.stage)?.[field]?.keepsProof)) continue
    const times = all.get(intent.kind) ?? new Map<Key, string>()
    if (time > (times.get(intent.key) ?? '')) times.set(intent.key, time)
    all.set(intent.kind, times)
  }
  return all
}

function foundAs({ intent: { id, key, label } }: OpenIntent, result: LookedUp['result']): LookedUp {
  return { id, key, label, result }
}

/** The interrupted changes as sentences for a person. */
export function interruptedInWords({ found, stillOpen }: Pick<Interrupted, 'found' | 'stillOpen'>): readonly Reason[] {
  const count = (result: LookedUp['result']) => found.filter((one) => one.result === result).length
  const total = found.length + stillOpen.length
  if (total === 0) return []
  const parts = [
    [count('Applied'), 'took effect'],
    [count('NotApplied'), 'did not'],
    [count('Unverifiable') + stillOpen.length, 'cannot be told'],
  ].flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]))
  return [
    {
      code: 'PassInterrupted',
      message: `an earlier pass was cut off with ${total === 1 ? '1 change' : `${total} changes`} under way: ${parts.join(', ')}`,
    },
  ]
}

function resultOf(intent: Intent, stages: readonly AnyStage[], reads: ReadonlyMap<string, Read>) {
  const stage = stages.find(({ name }) => name === intent.stage)
  const read = reads.get(intent.stage)
  return stage && read ? lookUp(stage, intent, read).result : 'Unverifiable'
}
