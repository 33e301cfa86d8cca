// A guard is a rule over a whole plan: it looks at how much would change, not at what. Guards are asked after planning and before the
// first write; one that objects stops the whole scope. A person passes it by its name, or an override of the spec does for the objects
// it covers: then the guard is asked again without those.
import type { Key } from './observation.ts'
import { type Passage, type PassedBy, type Permit, tryPermits } from './permit.ts'
import type { Plan } from './plan.ts'
import type { Presence } from './presence.ts'
import { type Effect, isStopping, type Subject } from './stage.ts'

/** A change that was made lately. */
export interface RecentChange extends Subject {
  readonly effects: readonly Effect[]
  /** The overrides that let it pass: it used up their limits, and so not those of their guards. */
  readonly passed?: readonly Passage[]
}

/** What guards look at. */
export interface GuardInput {
  /** All of it, also slices that wait: who passes a guard passes it for the whole. */
  readonly plan: Plan
  readonly presence: ReadonlyMap<string, Presence>
  /** Keys by kind that earlier passes saw; empty where nothing is remembered. */
  readonly seen: ReadonlyMap<string, ReadonlySet<Key>>
  /** What was changed within the last hour. Absent: it is not known, and a guard with a limit per hour asks. */
  readonly recent?: readonly RecentChange[]
  /** True for objects that a permit covers: a guard leaves them out. Absent: there are none. */
  readonly passed?: (subject: Subject) => boolean
}

/** What a guard finds. */
export interface Finding {
  readonly decision: GuardVerdict['decision']
  /** The numbers, as a sentence without its end, also where the guard allows. Empty where it has nothing to weigh. */
  readonly message: string
  /** Where it asks: what a person must be sure of, for example `if that is meant`. */
  readonly condition?: string
}

/** What a guard says. `override`: a person may allow it by name. `blocked`: nobody can, the cause must be mended. */
export interface GuardVerdict {
  readonly guard: string
  readonly decision: 'allow' | 'override' | 'blocked'
  /** A sentence with the numbers, and with how to pass the guard where nobody did. Empty where the guard has nothing to weigh. */
  readonly message: string
  /** True where a person, or an override, allowed what the guard asks about. */
  readonly overridden?: boolean
  /** The overrides that passed it; absent where it was a person, by name. */
  readonly overrides?: readonly PassedBy[]
}

/** A rule over a plan. `name` is what `--allow` and overrides take. */
export interface Guard {
  readonly name: string
  /** It weighs what was changed within the last hour, too. */
  readonly looksBack?: boolean
  judge(input: GuardInput): Finding
  /** What it counts in the plan, each object once: what an override must cover. */
  counted(input: GuardInput): readonly Subject[]
}

/** Asks all guards. `allowed` holds the names a person allowed by hand, `permits` are overrides; neither ever passes a `blocked`. */
export function judge(
  guards: readonly Guard[],
  input: GuardInput,
  allowed: ReadonlySet<string> = new Set(),
  permits: readonly Permit[] = [],
): readonly GuardVerdict[] {
  return guards.map((guard) =>
    verdictOf(
      guard,
      input,
      allowed,
      permits.filter((permit) => permit.guard === guard.name),
    ),
  )
}

function verdictOf(
  guard: Guard,
  input: GuardInput,
  allowed: ReadonlySet<string>,
  permits: readonly Permit[],
): GuardVerdict {
  const { name } = guard
  const { decision, message, condition } = guard.judge(input)
  if (decision !== 'override') return { guard: name, decision, message }
  const { covers, passedBy, faults } = tryPermits(permits, permits.length === 0 ? [] : guard.counted(input))
  const rest = passedBy.length === 0 ? undefined : guard.judge({ ...input, passed: covers })
  const passed = { guard: name, decision, message, overridden: true }
  if (rest?.decision === 'allow') return { ...passed, overrides: passedBy }
  if (allowed.has(name)) return passed
  const short = rest === undefined ? [] : [`${namesOf(passedBy)} not enough: without what it covers, ${rest.message}`]
  const parts = [message, ...short, ...faults, `${condition ?? 'if that is meant'}, say --allow ${name}`]
  return { guard: name, decision, message: parts.join('; ') }
}

function namesOf(overrides: readonly PassedBy[]): string {
  const names = overrides.map(({ name }) => name).join(', ')
  return overrides.length === 1 ? `the override ${names} is` : `the overrides ${names} are`
}

/** The strongest objection that stands: `blocked` before `override` before `allow`. */
export function standing(verdicts: readonly GuardVerdict[]): GuardVerdict['decision'] {
  const open = verdicts.filter(({ overridden }) => overridden !== true).map(({ decision }) => decision)
  if (open.includes('blocked')) return 'blocked'
  return open.includes('override') ? 'override' : 'allow'
}

/** Keys of one kind that a plan stops, rejects or deletes. */
export function stoppedKeys(plan: Plan, kind: string): ReadonlySet<Key> {
  const keys = new Set<Key>()
  for (const { changes } of plan.steps) {
    for (const change of changes) if (change.kind === kind && isStopping(change.effects)) keys.add(change.key)
  }
  return keys
}
