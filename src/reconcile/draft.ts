import {
  digestOf,
  GrowingProjection,
  type GuardVerdict,
  type Outcome,
  PLAN_VERSION,
  type Plan,
  type Planned,
  type Read,
  type Reason,
  standing,
} from '../engine/index.ts'
import type { PassResult } from './contract.ts'
import type { Fought } from './fights.ts'
import type { LastWriters } from './last-writers.ts'
import type { Rollouts } from './rollouts.ts'
import type { PassEnvironment } from './run.ts'

/** What a pass over a scope has reached so far; it outlives what ends the pass. */
export interface Draft {
  readonly pass: string
  readonly startedAt: string
  readonly notices: Reason[]
  reads: ReadonlyMap<string, Read>
  verdicts: readonly GuardVerdict[]
  planned?: Planned
  rollouts?: Rollouts
  fights?: readonly Fought[]
  writers?: LastWriters
  /** There from the moment on that applying began. */
  outcomes?: Outcome[]
  failure?: Reason
}

/** A pass that begins. */
export function newDraft({ now, newId }: PassEnvironment): Draft {
  return { pass: newId(), startedAt: now().toISOString(), notices: [], reads: new Map(), verdicts: [] }
}

/** What a pass came to. */
export function resultOf(
  { scope, desired }: { readonly scope: string; readonly desired: { readonly name: string } },
  revision: string,
  { pass, startedAt, notices, reads, verdicts, planned, rollouts, fights, writers, outcomes, failure }: Draft,
  { now, memory }: PassEnvironment,
): PassResult {
  return {
    scope,
    organization: desired.name,
    revision,
    pass,
    startedAt,
    finishedAt: now().toISOString(),
    plan: planned?.plan ?? emptyPlan(scope, revision),
    verdicts,
    decision: planned ? standing(verdicts) : 'blocked',
    ...(outcomes ? { outcomes } : {}),
    reads,
    projection: planned?.projection ?? new GrowingProjection(),
    presence: planned?.presence ?? new Map(),
    ...(rollouts && rollouts.size > 0 ? { rollouts } : {}),
    ...(fights && fights.length > 0 ? { fights } : {}),
    ...(writers && writers.size > 0 ? { writers } : {}),
    notices: [...memory.notices(scope), ...notices],
    ...(failure ? { failure } : {}),
  }
}

function emptyPlan(scope: string, revision: string): Plan {
  return { version: PLAN_VERSION, scope, revision, steps: [], stages: [], exceptions: [], digest: digestOf([]) }
}
