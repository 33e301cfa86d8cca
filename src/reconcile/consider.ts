import {
  type Change,
  computePlan,
  digestOf,
  type GuardVerdict,
  judge,
  observeAll,
  type Plan,
  type Planned,
  standing,
} from '../engine/index.ts'
import type { Draft } from './draft.ts'
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
}

/** Observes, plans and asks the guards; what is reached goes into the draft. Only cancelling and defects throw. */
export async function consider<D extends { readonly name: string }, Reader, Writer>(
  { scope, identify, options, environment }: Run<D, Reader, Writer>,
  remembered: ScopeMemory,
  draft: Draft,
): Promise<Considered> {
  const { signal, revision, only, approved, allow, onEvent } = options
  const { scope: name, stages, desired } = scope
  onEvent?.({ type: 'observing', scope: name })
  const reader = scope.newReader()
  const now = environment.now()
  const [reads, organization] = await Promise.all([
    observeAll({ stages, reader, desired, now, signal, changedAt: remembered.changedAt }),
    identify(reader, signal),
  ])
  draft.reads = reads
  const allows = (guard: string) => allow.has(guard)
  const hold = scope.holdAt?.(now)
  const input = { scope: name, revision, stages, desired, reads, now, allows, ...(hold && { hold }) }
  const planned = computePlan(only ? { ...input, only: (change) => only(change, name) } : input)
  draft.planned = planned
  draft.rollouts = nextRollouts(remembered.rollouts, planned.plan, now.toISOString())
  const plan = approved ? restrictPlan(planned.plan, approved) : planned.plan
  const guards = [...environment.guards, organizationChangedGuard(remembered.organization, organization)]
  const allowed = isWithin(plan, options.allowedIds) ? allow : new Set<string>()
  const judged = judge(guards, { plan, presence: planned.presence, seen: remembered.seen }, allowed)
  draft.verdicts = [...judged, ...rolloutVerdict(plan, allow)]
  onEvent?.({ type: 'planned', scope: name })
  return { planned, plan, decision: standing(draft.verdicts), organization }
}

function isWithin({ steps }: Plan, ids: ReadonlySet<string> | undefined): boolean {
  return (
    ids === undefined || steps.every(({ changes }) => changes.every((change) => ids.has(change.id) || isTest(change)))
  )
}

/** What a stage did with its own objection is said as a verdict, so that it is told and the journal has it. */
function rolloutVerdict({ steps }: Plan, allow: ReadonlySet<string>): readonly GuardVerdict[] {
  if (!allow.has('rollout') || !steps.some(({ rollout }) => rollout)) return []
  const message = 'rollouts go on whatever failed in the waves before'
  return [{ guard: 'rollout', decision: 'override', message, overridden: true }]
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
