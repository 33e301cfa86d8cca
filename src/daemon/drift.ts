// What differs from the spec although the spec did not change: somebody else changed it.
import type { ObjectConditions } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { Drift } from './board.ts'

/** What drift is told from. */
export interface DriftInput {
  /** Of the pass before, over the same wishes. Absent where there was none: then nothing is drift yet. */
  readonly before?: { readonly conditions: readonly ObjectConditions[]; readonly drift: readonly Drift[] }
  readonly result: PassResult
}

/** The drift that a pass found, also where it was corrected by it. */
export function driftOf({ before, result }: DriftInput): readonly Drift[] {
  if (!before) return []
  const key = (one: { readonly kind: string; readonly key: string }) => `${one.kind} ${one.key}`
  const wasInSync = new Set(before.conditions.filter(({ synced }) => synced.status === 'True').map(key))
  const known = new Map(before.drift.map((one) => [`${one.stage} ${key(one)}`, one]))
  return result.plan.steps
    .filter(({ waits }) => waits === undefined)
    .flatMap(({ changes }) => changes)
    .filter(({ effects }) => effects.some((effect) => effect !== 'test'))
    .flatMap((change) => {
      const { stage, kind, label } = change
      const earlier = known.get(`${stage} ${key(change)}`)
      if (!earlier && !wasInSync.has(key(change))) return []
      const sentence = `${label} differs from the spec: ${change.fields.map(({ field }) => field).join(', ')}`
      return [earlier ?? { stage, kind, key: change.key, label, sentence, since: result.startedAt }]
    })
}
