import type { Guard, GuardInput } from '../guard.ts'
import type { Key } from '../observation.ts'
import type { Presence } from '../presence.ts'

/** Limits of the guard against vanished objects. */
export interface VanishedLimit {
  /** Fraction of the objects seen before that may be gone without a question. */
  readonly share: number
  /** From this many objects on, all of them gone at once is a failed read and nothing else. */
  readonly allGoneFrom: number
}

/**
 * Objects when wished objects that were there before are missing from a complete read: a lost privilege or a changed view looks
 * exactly like that. An object that would be created although it was seen before always needs a person.
 */
export function vanishedGuard({ share, allGoneFrom }: VanishedLimit): Guard {
  return {
    name: 'vanished',
    judge(input) {
      const losses = [...input.presence.values()]
        .map((presence) => lossOf(input, presence))
        .filter(({ gone }) => gone > 0)
      if (losses.length === 0) return { decision: 'allow', message: '' }
      const words = losses.map(({ kind, gone, seen }) => `${gone} of ${seen} objects of kind ${kind}`).join(' and ')
      const message = `${words} were there before and are missing from a complete read`
      if (losses.some(({ gone, seen }) => gone === seen && seen >= allGoneFrom)) {
        return { decision: 'blocked', message: `${message}; check what the account may read before anything else` }
      }
      if (losses.every(({ gone, seen, recreated }) => recreated === 0 && gone <= share * seen)) {
        return { decision: 'allow', message: `${message}: allowed` }
      }
      return { decision: 'override', message: `${message}; if they were really removed, say --allow vanished` }
    },
  }
}

function lossOf({ plan, seen }: GuardInput, { kind, wished, present, complete }: Presence) {
  const before = [...(seen.get(kind) ?? [])].filter((key) => wished.has(key))
  const gone = complete ? new Set(before.filter((key) => !present.has(key))) : new Set<Key>()
  const created = plan.steps.flatMap(({ changes }) =>
    changes.filter((change) => isCreate(change.action, change.kind, kind)),
  )
  const recreated = created.filter(({ key }) => gone.has(key)).length
  return { kind, gone: gone.size, seen: before.length, recreated }
}

function isCreate(action: string, kind: string, wanted: string): boolean {
  return action === 'create' && kind === wanted
}
