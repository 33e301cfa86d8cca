// A guard is a rule over a whole plan: it looks at how much would change, not at what. Guards are asked after planning and before the
// first write; one that objects stops the whole scope.
import type { Key } from './observation.ts'
import type { Plan } from './plan.ts'
import type { Presence } from './presence.ts'
import { type Effect, isStopping } from './stage.ts'

/** What guards look at. */
export interface GuardInput {
  readonly plan: Plan
  readonly presence: ReadonlyMap<string, Presence>
  /** Keys by kind that earlier passes saw; empty where nothing is remembered. */
  readonly seen: ReadonlyMap<string, ReadonlySet<Key>>
}

/** What a guard says. `override`: a person may allow it by name. `blocked`: nobody can, the cause must be mended. */
export interface GuardVerdict {
  readonly guard: string
  readonly decision: 'allow' | 'override' | 'blocked'
  /** A sentence with the numbers, also where it allows. Empty where the guard has nothing to weigh. */
  readonly message: string
  /** True where a person allowed what needed an override. */
  readonly overridden?: boolean
}

/** A rule over a plan. `name` is what `--allow` takes. */
export interface Guard {
  readonly name: string
  judge(input: GuardInput): Omit<GuardVerdict, 'guard' | 'overridden'>
}

/** Asks all guards. `allowed` holds the names a person allowed by hand; it never passes a `blocked`. */
export function judge(
  guards: readonly Guard[],
  input: GuardInput,
  allowed: ReadonlySet<string> = new Set(),
): readonly GuardVerdict[] {
  return guards.map((guard) => {
    const said = { guard: guard.name, ...guard.judge(input) }
    return said.decision === 'override' && allowed.has(guard.name) ? { ...said, overridden: true } : said
  })
}

/** The strongest objection that stands: `blocked` before `override` before `allow`. */
export function standing(verdicts: readonly GuardVerdict[]): GuardVerdict['decision'] {
  const open = verdicts.filter(({ overridden }) => overridden !== true).map(({ decision }) => decision)
  if (open.includes('blocked')) return 'blocked'
  return open.includes('override') ? 'override' : 'allow'
}

/** Keys of one kind that a plan changes in more than a test. */
export function changedKeys(plan: Plan, kind: string): ReadonlySet<Key> {
  return keysWhere(plan, kind, (effects) => effects.some((effect) => effect !== 'test'))
}

/** Keys of one kind that a plan stops, rejects or deletes. */
export function stoppedKeys(plan: Plan, kind: string): ReadonlySet<Key> {
  return keysWhere(plan, kind, isStopping)
}

function keysWhere(plan: Plan, kind: string, holds: (effects: readonly Effect[]) => boolean): ReadonlySet<Key> {
  const keys = new Set<Key>()
  for (const { changes } of plan.steps) {
    for (const change of changes) if (change.kind === kind && holds(change.effects)) keys.add(change.key)
  }
  return keys
}

/** A share in words: `12 of 40 managed mailboxes change (30 %)`. */
export function shareInWords(count: number, total: number, noun: string, verb: string): string {
  const percent = total === 0 ? 0 : (count / total) * 100
  const shown = percent > 0 && percent < 1 ? percent.toFixed(1) : String(Math.round(percent))
  return `${count} of ${total} managed ${noun} ${verb} (${shown} %)`
}
