import {
  type Change,
  computePlan,
  digestOf,
  type GuardInput,
  type GuardVerdict,
  isApproved,
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
import { type FightRule, type FightWatch, fightableKeys, fightsBegin, foughtIn, watchFights } from './fights.ts'
import { type Interrupted, lookUpInterrupted, unfinishedIn, withChangesOf } from './interrupted.ts'
import type { PassJournal } from './journal.ts'
import { lastWritersOf } from './last-writers.ts'
import { type LetPass, letPass } from './let-pass.ts'
import type { OrganizationFingerprint, ScopeMemory } from './memory-file.ts'
import { organizationChangedGuard } from './organization-changed.ts'
import { withPassed } from './permits.ts'
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
  readonly letPass: LetPass
  /** What earlier passes left behind. */
  readonly interrupted: Interrupted
}

/** Observes, plans and asks the guards; what is reached goes into the draft. Only cancelling and defects throw. */
export async function consider<D extends { readonly name: string }, Reader, Writer>(
  { scope, identify, witness, options, environment }: Run<D, Reader, Writer>,
  remembered: ScopeMemory,
  journal: Pick<PassJournal, 'recent' | 'passed' | 'repeated' | 'interrupted' | 'unfinished'>,
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
  const guards = [...environment.guards(name), organizationChangedGuard(remembered.organization, organization)]
  const recent = guards.some(({ looksBack }) => looksBack) ? await lastHour(journal, now) : undefined
  let watch: FightWatch | undefined
  const weigh = (permits: readonly Permit[], made?: Made): Weighed => {
    const { planned, answers } =
      made ??
      plan(
        { ...input, ...(only && { only: (target) => only(target, name) }), leaveAlone: watch?.leaveAlone },
        allow,
        permits,
      )
    const weighed = approved ? restrictPlan(planned.plan, approved) : planned.plan
    const allowed = isWithin(weighed, options.allowedIds) ? allow : new Set<string>()
    const { presence } = planned
    const guardInput = { plan: weighed, presence, seen: remembered.seen, ...(recent ? { recent } : {}) }
    const answered = answers.verdicts()
    const verdicts = [...judge(guards, guardInput, allowed, permits), ...answered]
    return { planned, answers, plan: weighed, guardInput, verdicts, permits, replan: answered.some(isByOverride) }
  }
  const permitted = environment.permits?.(name, now) ?? []
  const unwatched = weigh(permitted)
  watch = await watchOver(unwatched.planned.plan, environment.fights, journal, now)
  const changes = unwatched.planned.plan.steps.flatMap((step) => step.changes)
  const targets = [...(watch?.over(changes) ?? []), ...(options.askWho?.(unwatched.planned.plan) ?? [])]
  draft.writers = await lastWritersOf(witness, reader, targets, stages, reads, signal)
  watch?.name(draft.writers)
  const first = watch ? weigh(permitted) : unwatched
  // What overrides let pass before is read only where one is needed: it can only make fewer of them count.
  const {
    planned,
    answers,
    guardInput,
    verdicts,
    permits,
    plan: weighed,
  } = first.verdicts.some(isByOverride)
    ? weigh(withPassed(first.permits, await journal.passed()), first.replan ? undefined : first)
    : first
  draft.planned = planned
  draft.fights = foughtIn(planned.plan, watch)
  draft.rollouts = nextRollouts(remembered.rollouts, planned.plan, now.toISOString())
  draft.verdicts = verdicts
  const ids = weighed.steps.flatMap((step) => step.changes.map(({ id }) => id))
  onEvent?.({ type: 'planned', scope: name, changes: ids })
  return {
    planned,
    plan: weighed,
    decision: standing(verdicts),
    organization,
    permits,
    interrupted,
    letPass: letPass(verdicts, guards, guardInput, permits, answers),
  }
}

/** Who fights over what is planned, by what was written before; undefined where nobody can: most passes change nothing, and read no journal for it. */
async function watchOver(
  planned: Plan,
  rule: FightRule | undefined,
  journal: Pick<PassJournal, 'repeated'>,
  now: Date,
): Promise<FightWatch | undefined> {
  const keys = rule ? fightableKeys(planned) : new Set<string>()
  if (!rule || keys.size === 0) return undefined
  const watch = watchFights(rule, await journal.repeated(fightsBegin(rule, now), keys), now)
  return watch.over(planned.steps.flatMap((step) => step.changes)).length > 0 ? watch : undefined
}

/** A plan, and what stages asked for it. */
interface Made {
  readonly planned: Planned
  readonly answers: Answers
}

/** A plan as the guards see it. */
interface Weighed extends Made {
  readonly plan: Plan
  readonly guardInput: GuardInput
  readonly verdicts: readonly GuardVerdict[]
  readonly permits: readonly Permit[]
  /** An override answered while it was made: with other overrides it may be another plan. */
  readonly replan: boolean
}

function isByOverride({ overrides }: GuardVerdict): boolean {
  return overrides !== undefined
}

/** Plans; and plans again where an override turned out to have answered for more objects than it may. */
function plan<D, Reader, Writer>(
  input: PlanInput<D, Reader, Writer>,
  allowed: ReadonlySet<string>,
  permits: readonly Permit[],
): Made {
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
    ids === undefined ||
    steps.every(({ changes }) => changes.every((change) => isApproved(change, ids) || isTest(change)))
  )
}

/** No guard weighs a test alone, and passes that wait for results ask for some again. */
function isTest({ effects }: Change): boolean {
  return effects.every((effect) => effect === 'test')
}

/** The part of a plan that was approved. */
export function restrictPlan(plan: Plan, approved: ReadonlySet<string>): Plan {
  const steps = plan.steps
    .map((step) => ({ ...step, changes: step.changes.filter((change) => isApproved(change, approved)) }))
    .filter(({ changes }) => changes.length > 0)
  return { ...plan, steps, digest: digestOf(steps.flatMap(({ changes }) => changes.map(({ id }) => id))) }
}
