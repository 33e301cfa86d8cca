// Drift: a value is not as the spec says although the spec did not change. Whoever reconciles sees only that a change is planned; that somebody
// else is the reason follows from what the pass before left: there the object was as the same spec wished it. So what the spec changed, what
// waits in a rollout, what failed, was held or could not be read, and tests of any kind are no drift.
import type { Change, Plan, Target } from '../../engine/index.ts'
import type { PassResult } from '../../reconcile/contract.ts'
import { objectId } from '../../reconcile/last-writers.ts'
import type { Drift, ScopeReport } from '../board.ts'

/** The last pass that came to its end, over the same wishes. */
export type Before = Pick<ScopeReport, 'result' | 'drift'>

/** What drift is told from. Without a pass before, nothing is drift yet. */
export interface DriftInput {
  readonly before?: Before | undefined
  readonly result: PassResult
}

/** The drift that a pass found, in the order of its plan, also where it was corrected by the same pass. Pure. */
export function driftOf({ before, result }: DriftInput): readonly Drift[] {
  const isDrift = driftRule(before)
  const known = new Map(before?.drift.filter(({ corrected }) => !corrected).map((one) => [objectId(one), one]))
  const settled = settledIn(result)
  return changesIn(result.plan)
    .filter(isDrift)
    .map((change): Drift => {
      const { id, stage, kind, key, label } = change
      const earlier = known.get(objectId(change))
      const by = result.writers?.get(objectId(change)) ?? earlier?.by
      return {
        stage,
        kind,
        key,
        label,
        sentence: `${label} ${change.phrases.map(({ one }) => one).join(', and ')}`,
        since: earlier?.since ?? result.startedAt,
        ...(by === undefined ? {} : { by }),
        ...(settled.has(id) ? { corrected: true } : {}),
      }
    })
}

/** What a pass asks who changed it, see `PassOptions.askWho`: only what was not known as drift before. Pure. */
export function driftSuspects(before: Before | undefined): (plan: Plan) => readonly Target[] {
  const isDrift = driftRule(before)
  const named = new Set(before?.drift.filter(({ corrected, by }) => !corrected && by !== undefined).map(objectId))
  return (plan) => changesIn(plan).filter((change) => isDrift(change) && !named.has(objectId(change)))
}

/** True for a change of what was in sync before, and of what has been drift since. */
function driftRule(before: Before | undefined): (change: Change) => boolean {
  if (!before || before.result.failure) return () => false
  const { plan, presence } = before.result
  const settled = settledIn(before.result)
  const wasDrift = new Set(before.drift.map(objectId))
  const unread = new Set(plan.stages.flatMap(({ stage, incomplete }) => (incomplete ? [stage] : [])))
  const unsettled = new Set(plan.exceptions.map(objectId))
  for (const change of changesIn(plan)) if (!settled.has(change.id)) unsettled.add(objectId(change))
  return (change) => {
    if (change.effects.every((effect) => effect === 'test')) return false
    if (wasDrift.has(objectId(change))) return true
    const wished = presence.get(change.kind)
    const wasThere = wished?.complete === true && wished.wished.has(change.key)
    return wasThere && !unread.has(change.stage) && !unsettled.has(objectId(change))
  }
}

function changesIn({ steps }: Plan): readonly Change[] {
  return steps.flatMap(({ changes }) => changes)
}

/** Ids of the changes after which the object was as the spec says. */
function settledIn({ outcomes = [] }: PassResult): ReadonlySet<string> {
  return new Set(outcomes.flatMap(({ id, result }) => (result === 'Applied' || result === 'AlreadyDone' ? [id] : [])))
}
