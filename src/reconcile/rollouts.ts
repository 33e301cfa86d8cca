import { type Plan, type Step, WAITS } from '../engine/index.ts'

/** How far a rollout is. */
export interface RolloutProgress {
  /** The wave that is under way, from 1; 0 is the canary. */
  readonly wave: number
  readonly waves: number
  /** Since when, as far as that is remembered: ISO 8601 in UTC. */
  readonly since: string
}

/** Rollouts that are not done, by name. */
export type Rollouts = ReadonlyMap<string, RolloutProgress>

/** How far the rollouts of a plan are; what is known of one from before says since when it stands where it does. */
export function nextRollouts(before: Rollouts | undefined, { steps }: Plan, at: string): Rollouts {
  const next = new Map<string, RolloutProgress>()
  for (const [name, own] of stepsByRollout(steps)) {
    const reached = reachedBy(own)
    const known = before?.get(name)
    const since = known?.wave === reached.wave && known.waves === reached.waves ? known.since : at
    next.set(name, { ...reached, since })
  }
  return next
}

type Waved = Step & Required<Pick<Step, 'rollout'>>

function stepsByRollout(steps: readonly Step[]): ReadonlyMap<string, readonly Waved[]> {
  const all = new Map<string, Waved[]>()
  for (const step of steps) {
    if (!isWaved(step)) continue
    const known = all.get(step.rollout.name)
    if (known) known.push(step)
    else all.set(step.rollout.name, [step])
  }
  return all
}

function isWaved(step: Step): step is Waved {
  return step.rollout !== undefined
}

/** The last wave that goes, or that others wait for; where all of it is held back, the first one that is not done. */
function reachedBy(steps: readonly Waved[]): Omit<RolloutProgress, 'since'> {
  const begun = steps.flatMap(({ waits, rollout }) => (isGoing(waits) ? rollout.wave : (rollout.waitsFor ?? [])))
  const waves = Math.max(...steps.map(({ rollout }) => rollout.waves))
  const open = steps.map(({ rollout }) => rollout.wave)
  return { wave: begun.length > 0 ? Math.max(...begun) : Math.min(...open), waves }
}

function isGoing(waits: Step['waits']): boolean {
  return waits === undefined || waits.code === WAITS.place
}
