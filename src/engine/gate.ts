import type { Change } from './change.ts'
import type { Fields, Key, Read, Reason } from './observation.ts'
import type { StageResult } from './plan.ts'
import type { Effect, Stage } from './stage.ts'

/** Code of the reason that a person left out what is needed. */
export const NOT_SELECTED = 'NotSelected'

/** A check that blocks writes of later stages. `stages` absent: all of them. */
export interface Blocker {
  readonly stages?: readonly string[]
  /** Stopping is blocked too: this is not the system the spec speaks of. */
  readonly absolute?: true
  readonly reason: Reason
}

/** Effects that are never blocked, by a check, by trust or by another object: stopping a mailbox must always be possible. */
const ALWAYS_ALLOWED: ReadonlySet<Effect> = new Set(['stop', 'unapprove'])

/** True where a change only stops something, with or without the test that comes along: then nothing may stand in its way. */
export function onlyStops({ effects }: Change): boolean {
  const others = effects.filter((effect) => !ALWAYS_ALLOWED.has(effect))
  return others.length < effects.length && others.every((effect) => effect === 'test')
}

/** What a stage blocks behind it: nothing where it only advises, and nothing where all its checks passed. A check that is unknown blocks. */
export function gateBlockers(stage: Stage<never, Fields, never, never>, actual: Read): readonly Blocker[] {
  if (stage.mode !== 'checks' || stage.gate !== 'blocks') return []
  if (!actual.complete) return [{ reason: actual.reason }]
  const blockers: Blocker[] = [...actual.unknown.values()].map((reason) => ({ reason }))
  for (const { ready, gates, forbidsAll } of actual.rows.values()) {
    if (ready === undefined || ready.status === 'True' || ready.status === 'Unverifiable') continue
    const reason = { code: ready.code, message: ready.message }
    if (forbidsAll) blockers.push({ absolute: true, reason })
    else blockers.push(gates ? { stages: gates, reason } : { reason })
  }
  return blockers
}

/** The checks of a stage that are not in order, for what needs one of them only. None of a stage that writes. */
export function failingChecks(stage: Stage<never, Fields, never, never>, actual: Read): ReadonlyMap<Key, Reason> {
  if (stage.mode !== 'checks' || !actual.complete) return new Map()
  return new Map(
    [...actual.rows].flatMap(([key, { ready }]) => {
      if (ready === undefined || ready.status === 'True' || ready.status === 'Unverifiable') return []
      return [[key, { code: ready.code, message: ready.message }] as const]
    }),
  )
}

/** Why a change must not be done, or undefined. */
export function blockedBy(
  change: Change,
  blockers: readonly Blocker[],
  earlier: readonly StageResult[],
): Reason | undefined {
  const forbidden = blockers.find(({ absolute }) => absolute)
  if (forbidden) return forbidden.reason
  if (onlyStops(change)) return undefined
  const gated = blockers.find(({ stages }) => stages === undefined || stages.includes(change.stage))
  if (gated) return gated.reason
  for (const need of change.needs) {
    const result = earlier.find(({ stage }) => stage === need.stage)
    const exception = result?.exceptions.get(need.key) ?? result?.unchosen.get(need.key)
    const reason = result?.summary.incomplete ?? exception?.reason ?? result?.failing.get(need.key)
    if (reason) return reason
    const leftOut = result?.leftOut.get(need.key)
    if (leftOut?.action === 'create' || (leftOut && need.updated)) return notSelected(leftOut)
  }
  return undefined
}

function notSelected({ stage, label, action }: Change): Reason {
  return {
    code: NOT_SELECTED,
    message: `needs ${label}, which is ${action}d by stage ${stage} and was left out of this plan; let it take part, or apply that first`,
  }
}
