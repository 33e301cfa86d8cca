import {
  type FieldRule,
  isFor,
  type Key,
  type Outcome,
  type Presence,
  type Read,
  reasonOf,
  type Subject,
  succeeded,
} from '../engine/index.ts'
import type { Considered } from './consider.ts'
import type { Draft } from './draft.ts'
import { withChangesOf } from './interrupted.ts'
import type { OrganizationFingerprint, ScopeMemory } from './memory-file.ts'
import { isSameOrganization, ORGANIZATION_CHANGED } from './organization-changed.ts'
import type { Rollouts } from './rollouts.ts'
import type { Run } from './run.ts'

/** Remembers what a pass found. Where that fails the pass is no worse for it: it becomes a notice. */
export async function rememberPass<D extends { readonly name: string }, Reader, Writer>(
  { scope, options, environment }: Run<D, Reader, Writer>,
  before: ScopeMemory,
  { planned, plan, decision, organization, permits, interrupted }: Considered,
  { startedAt, reads, verdicts, rollouts, outcomes = [], notices }: Draft,
): Promise<void> {
  const accepted = decision === 'allow'
  const { revision, only, approved, signal } = options
  const whole = accepted && scope.writer !== undefined && !only && !approved && !signal.aborted
  const findings: PassFindings = {
    presence: planned.presence,
    reads,
    outcomes,
    startedAt,
    at: environment.now().toISOString(),
    harmless: harmlessIn(plan, scope.stages),
    deleted: deletedIn(plan),
    vanishedAllowed: mayBeForgotten,
    ...(organization && isKnown(organization) ? { organization } : {}),
    ...(rollouts ? { rollouts } : {}),
    ...(only ? { onlySome: true } : {}),
    ...(whole ? { applied: { revision, digest: plan.digest } } : {}),
  }
  try {
    const changedAt = withChangesOf(before.changedAt, interrupted.tookEffect, scope.stages)
    await environment.memory.remember(scope.scope, nextMemory({ ...before, changedAt }, findings))
  } catch (error) {
    notices.push({ code: 'MemoryNotSaved', message: reasonOf(error).message })
  }

  function wasAllowed(name: string): boolean {
    return passed(name) !== undefined
  }

  function passed(name: string) {
    return accepted ? verdicts.find(({ guard, overridden }) => guard === name && overridden === true) : undefined
  }

  /** A person means all that vanished, an override those that it covers. */
  function mayBeForgotten(subject: Subject): boolean {
    const verdict = passed('vanished')
    if (!verdict?.overrides) return verdict !== undefined
    const names = new Set(verdict.overrides.map(({ name }) => name))
    return permits.some((permit) => permit.guard === 'vanished' && names.has(permit.name) && isFor(permit, subject))
  }

  function isKnown(now: OrganizationFingerprint): boolean {
    return isSameOrganization(before.organization, now) || wasAllowed(ORGANIZATION_CHANGED)
  }
}

function harmlessIn(
  { steps }: Considered['plan'],
  stages: readonly { readonly name: string; readonly fields: Readonly<Record<string, FieldRule>> }[],
): ReadonlySet<string> {
  const rules = new Map(stages.map(({ name, fields }) => [name, fields]))
  const harmless = new Set<string>()
  for (const { stage, changes } of steps) {
    for (const { id, action, fields } of changes) {
      if (action === 'update' && fields.every(({ field }) => rules.get(stage)?.[field]?.keepsProof)) harmless.add(id)
    }
  }
  return harmless
}

function deletedIn({ steps }: Considered['plan']): ReadonlySet<string> {
  const changes = steps.flatMap((step) => step.changes)
  return new Set(changes.filter(({ action }) => action === 'delete').map(({ id }) => id))
}

/** What a pass that ended in order leaves to remember. */
export interface PassFindings {
  readonly presence: ReadonlyMap<string, Presence>
  readonly reads: ReadonlyMap<string, Read>
  readonly outcomes: readonly Outcome[]
  /** When the pass began, and when it ended. What is observed to have happened after it began may follow from its changes. */
  readonly startedAt: string
  readonly at: string
  /** Ids of changes after which what was proven of an object before still holds. */
  readonly harmless?: ReadonlySet<string>
  /** True where a person, or an override, said that what vanished was really removed. */
  readonly vanishedAllowed: (subject: Subject) => boolean
  /** Ids of changes that deleted their object. */
  readonly deleted?: ReadonlySet<string>
  /** There where it is the organization seen before, or a person said that another one is meant. */
  readonly organization?: OrganizationFingerprint
  readonly rollouts?: Rollouts
  /** The pass was about some objects only: of others it says nothing. */
  readonly onlySome?: true
  /** There where everything of the revision was tried. */
  readonly applied?: { readonly revision: string; readonly digest: string }
}

/** The memory after a pass. Pure. */
export function nextMemory(before: ScopeMemory, findings: PassFindings): ScopeMemory {
  const seen = nextSeen(before.seen, findings)
  const organization = findings.organization ?? before.organization
  const applied = nextApplied(before.applied, findings)
  const rollouts = keptRollouts(before.rollouts, findings)
  return {
    seen,
    changedAt: nextChangedAt(before.changedAt, findings),
    ...(organization ? { organization } : {}),
    ...(applied ? { applied } : {}),
    ...(rollouts && rollouts.size > 0 ? { rollouts } : {}),
    ...(before.provenAt ? { provenAt: before.provenAt } : {}),
  }
}

/** A rollout is done when nothing of it is planned; where not everything was looked at, that is not known. */
function keptRollouts(before: Rollouts | undefined, { rollouts, reads, onlySome }: PassFindings): Rollouts | undefined {
  const sawAll = !onlySome && [...reads.values()].every(({ complete }) => complete)
  return sawAll ? rollouts : new Map([...(before ?? []), ...(rollouts ?? [])])
}

/**
 * Seen keys only grow by what a complete read showed, before applying or when what was written was read back. One that vanished stays until the spec no longer wishes it or a person allowed its
 * absence; so objects that vanish a few at a time still add up. A released key is forgotten only when all of the scope was read, because
 * wishes may follow from reads.
 */
function nextSeen(
  before: ScopeMemory['seen'],
  { presence, reads, outcomes, vanishedAllowed }: PassFindings,
): ReadonlyMap<string, ReadonlySet<Key>> {
  const allRead = [...reads.values()].every(({ complete }) => complete)
  const seen = new Map(before)
  for (const { kind, wished, present, complete } of presence.values()) {
    if (!complete) continue
    const kept = [...(before.get(kind) ?? [])].filter((key) => present.has(key) || keeps(key))
    const written = outcomes.filter((outcome) => outcome.kind === kind && succeeded(outcome) && wished.has(outcome.key))
    seen.set(kind, new Set([...kept, ...present, ...written.map(({ key }) => key)]))

    function keeps(key: Key): boolean {
      return wished.has(key) ? !vanishedAllowed({ kind, key }) : !allRead
    }
  }
  return seen
}

/**
 * Times are forgotten of what nobody wishes for any more. Wishes may follow from reads, so only where all of the kind was read. What was
 * deleted is nobody's: if it comes back, somebody else made it.
 */
function nextChangedAt(
  before: ScopeMemory['changedAt'],
  { presence, outcomes, startedAt, harmless, deleted }: PassFindings,
) {
  const next = new Map<string, Map<Key, string>>()
  for (const [kind, times] of before) {
    const { wished, complete, partly } = presence.get(kind) ?? {}
    const canTell = wished !== undefined && complete && !partly
    next.set(kind, new Map(canTell ? [...times].filter(([key]) => wished.has(key)) : times))
  }
  for (const outcome of outcomes) {
    if (!succeeded(outcome) || harmless?.has(outcome.id)) continue
    const times = next.get(outcome.kind) ?? new Map<Key, string>()
    // What was done already, somebody else did: a credential of theirs is not ours to remove.
    if (deleted?.has(outcome.id)) times.delete(outcome.key)
    else if (outcome.result === 'Applied') next.set(outcome.kind, times.set(outcome.key, startedAt))
  }
  return next
}

function nextApplied(before: ScopeMemory['applied'], { applied, outcomes, at }: PassFindings): ScopeMemory['applied'] {
  if (!applied) return before
  const same = before?.revision === applied.revision && outcomes.length === 0
  return same ? before : { ...applied, at }
}
