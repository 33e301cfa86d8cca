import { type Fields, type Intent, lookUp, type Read, type Reason, type Stage } from '../engine/index.ts'
import type { OpenIntent } from './journal-reader.ts'
import type { LookedUp } from './journal-record.ts'

type AnyStage = Stage<never, Fields, never, never>

/** What became of the intents an earlier pass left open: those that can be told now, and those that must be looked at again. */
export interface Interrupted {
  readonly found: readonly LookedUp[]
  readonly stillOpen: readonly OpenIntent[]
}

/** Concludes interrupted intents from what was observed. The plan does not depend on it: what is still wanted is planned anyway. */
export function lookUpInterrupted(
  intents: readonly OpenIntent[],
  stages: readonly AnyStage[],
  reads: ReadonlyMap<string, Read>,
): Interrupted {
  const found: LookedUp[] = []
  const stillOpen: OpenIntent[] = []
  for (const open of intents) {
    const { id, key, label } = open.intent
    const result = resultOf(open.intent, stages, reads)
    if (result === 'Unknown') stillOpen.push(open)
    else found.push({ id, key, label, result })
  }
  return { found, stillOpen }
}

/** The interrupted changes as sentences for a person. */
export function interruptedInWords({ found, stillOpen }: Interrupted): readonly Reason[] {
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
