import {
  type Change,
  computePlan,
  digestOf,
  type GuardVerdict,
  judge,
  observeAll,
  type Permit,
  type Plan,
  type PlanInput,
  type Planned,
  type RecentChange,
  standing,
} from '../engine/index.ts'
import { type Answers, createAnswers, withoutOverdrawn } from './answers.ts'
import type { Draft } from './draft.ts'
import { type Interrupted, lookUpInterrupted, unfinishedIn, withChangesOf } from './interrupted.ts'
import type { PassJournal } from './journal.ts'
import type { OrganizationFingerprint, ScopeMemory } from './memory-file.ts'
import { organizationChangedGuard } from './organization-changed.ts'
import { nextRollouts } from './rollouts.ts'
import type { Run } from './run.ts'

/** What a pass found and is about to do. */
export interface Considered {
  readonly planned: Planned
  /** The part of the plan that would be applied: where a set of changes was approved, only those. Guards weigh this part. */
  readonly plan: Plan
  readonly decision: GuardVerdict['decision']
  readonly organization: OrganizationFingerprint | undefined
  /** What overrides of the spec allow now. */
  readonly permits: readonly Permit[]
  /** What earlier passes left behind. */
  readonly interrupted: Interrupted
}

/** Observes, plans and asks the guards; what is reached goes into the draft. Only cancelling and defects throw. */
export async function consider<D extends { readonly name: string }, Reader, Writer>(
  { scope, identify, options, environment }: Run<D, Reader, Writer>,
  remembered: ScopeMemory,
  journal: Pick<PassJournal, 'recent' | 'interrupted' | 'unfinished'>,
  draft: Draft,
): Promise<Considered> {
  const { signal, revision, only, approved, allow, onEvent } = options
  const { scope: name, stages, desired } = scope
  onEvent?.({ type: 'observing', scope: name })
  const reader = scope.newReader()
  const now = environment.now()
  // Whether all of it took effect is not known yet; until then a proof from before it is none.
  const changedAt = withChangesOf(remembered.changedAt, [...journal.interrupted, ...journal.unfinished], stages)
  const [reads, organization] = await Promise.all([
    observeAll({ stages, reader, desired, now, signal, changedAt }),
    identify(reader, signal),
  ])
  draft.reads = reads
  const hold = scope.holdAt?.(now)
  const interrupted = lookUpInterrupted(journal, stages, reads)
  const unfinished = unfinishedIn(interrupted)
  const input = { scope: name, revision, stages, desired, reads, now, unfinished, ...(hold && { hold }) }
  const permits = environment.permits?.(name, now) ?? []
  const { planned, answers } = plan(only ? { ...input, only: (change) => only(change, name) } : input, allow, permits)
  draft.planned = planned
  draft.rollouts = nextRollouts(remembered.rollouts, planned.plan, now.toISOString())
  const weighed = approved ? restrictPlan(planned.plan, approved) : planned.plan
  const guards = [...environment.guards(name), organizationChangedGuard(remembered.organization, organization)]
  const allowed = isWithin(weighed, options.allowedIds) ? allow : new Set<string>()
  const recent = guards.some(({ looksBack }) => looksBack) ? await lastHour(journal, now) : undefined
  const guardInput = { plan: weighed, presence: planned.presence, seen: remembered.seen, ...(recent ? { recent } : {}) }
  draft.verdicts = [...judge(guards, guardInput, allowed, permits), ...answers.verdicts()]
  onEvent?.({ type: 'planned', scope: name })
  return { planned, plan: weighed, decision: standing(draft.verdicts), organization, permits, interrupted }
}

/** Plans; and plans again where an override turned out to have answered for more objects than it may. */
function plan<D, Reader, Writer>(
  input: PlanInput<D, Reader, Writer>,
  allowed: ReadonlySet<string>,
  permits: readonly Permit[],
): { readonly planned: Planned; readonly answers: Answers } {
  const answers = createAnswers(allowed, permits)
  const planned = computePlan({ ...input, allows: answers.allows })
  const overdrawn = answers.overdrawn()
  return overdrawn.length === 0 ? { planned, answers } : plan(input, allowed, withoutOverdrawn(permits, overdrawn))
}

const HOUR_MS = 3_600_000

function lastHour(journal: Pick<PassJournal, 'recent'>, now: Date): Promise<readonly RecentChange[] | undefined> {
  return journal.recent(new Date(now.getTime() - HOUR_MS))
}

function isWithin({ steps }: Plan, ids: ReadonlySet<string> | undefined): boolean {
  return (
    ids === undefined || steps.every(({ changes }) => changes.every((change) => ids.has(change.id) || isTest(change)))
  )
}

/** No guard weighs a test alone, and passes that wait for results ask for some again. */
function isTest({ effects }: Change): boolean {
  return effects.every((effect) => effect === 'test')
}

function restrictPlan(plan: Plan, approved: ReadonlySet<string>): Plan {
  const steps = plan.steps
    .map((step) => ({ ...step, changes: step.changes.filter(({ id }) => approved.has(id)) }))
    .filter(({ changes }) => changes.length > 0)
  return { ...plan, steps, digest: digestOf(steps.flatMap(({ changes }) => changes.map(({ id }) => id))) }
}
