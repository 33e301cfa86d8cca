import type { Guard, GuardInput } from '../guard.ts'
import type { Key } from '../observation.ts'
import type { Presence } from '../presence.ts'
import type { Subject } from '../stage.ts'

/** Limits of the guard against vanished objects. */
export interface VanishedLimit {
  /** Objects of one kind, seen before, that may be gone without a question. */
  readonly maximum: number
  /** From this many objects on, all of them gone at once is a failed read and nothing else. */
  readonly allGoneFrom: number
  /** What objects of a kind are called; `object of kind X` where it is not said. */
  readonly nouns?: ReadonlyMap<string, { readonly one: string; readonly many: string }>
}

/**
 * Objects when wished objects that were there before are missing from a complete read: a lost privilege or a changed view looks
 * exactly like that. An object that would be created although it was seen before always needs a person.
 */
export function vanishedGuard({ maximum, allGoneFrom, nouns }: VanishedLimit): Guard {
  return {
    name: 'vanished',
    counted: (input) => lossesIn(input).flatMap(({ gone }) => gone),
    judge(input) {
      const losses = lossesIn(input)
      if (losses.length === 0) return { decision: 'allow', message: '' }
      const nounOf = (kind: string) =>
        nouns?.get(kind) ?? { one: `object of kind ${kind}`, many: `objects of kind ${kind}` }
      const words = losses
        .map(({ kind, gone, seen }) => `${gone.length} of ${seen} ${nounOf(kind)[seen === 1 ? 'one' : 'many']}`)
        .join(' and ')
      const isOne = losses.length === 1 && losses[0]?.gone.length === 1
      const verbs = isOne ? 'was there before and is' : 'were there before and are'
      const message = `${words} ${verbs} missing from a complete read`
      if (losses.some(({ gone, seen }) => gone.length === seen && seen >= allGoneFrom)) {
        return { decision: 'blocked', message: `${message}; check what the account may read before anything else` }
      }
      const open = losses.map((loss) => without(loss, input.passed))
      if (open.every(({ gone, recreated }) => recreated.length === 0 && gone.length <= maximum)) {
        return { decision: 'allow', message: `${message}: allowed` }
      }
      return { decision: 'override', message, condition: 'if they were really removed' }
    },
  }
}

interface Loss {
  readonly kind: string
  readonly gone: readonly Subject[]
  /** Those of them that would be created again. */
  readonly recreated: readonly Subject[]
  readonly seen: number
}

function lossesIn(input: GuardInput): readonly Loss[] {
  return [...input.presence.values()].map((presence) => lossOf(input, presence)).filter(({ gone }) => gone.length > 0)
}

function lossOf({ plan, seen }: GuardInput, { kind, wished, present, complete }: Presence): Loss {
  const before = [...(seen.get(kind) ?? [])].filter((key) => wished.has(key))
  const gone = complete ? before.filter((key) => !present.has(key)) : []
  if (gone.length === 0) return { kind, gone: [], recreated: [], seen: before.length }
  const created = new Set<Key>()
  for (const { changes } of plan.steps) {
    for (const change of changes) if (change.action === 'create' && change.kind === kind) created.add(change.key)
  }
  const subjects = gone.map((key): Subject => ({ kind, key }))
  return { kind, gone: subjects, recreated: subjects.filter(({ key }) => created.has(key)), seen: before.length }
}

function without(loss: Loss, passed: GuardInput['passed'] = () => false): Loss {
  const isOpen = (subject: Subject) => !passed(subject)
  return { ...loss, gone: loss.gone.filter(isOpen), recreated: loss.recreated.filter(isOpen) }
}
