// Planning and applying over the fake remote, in one line each.
import {
  type ApplyEvent,
  applyPlan,
  computePlan,
  type Intent,
  type Journal,
  type Outcome,
  observeAll,
  type Plan,
  type Planned,
} from '../../src/engine/index.ts'
import type { FakeRemote } from './fake-remote.ts'
import { FAKE_STAGES, type FakeDesired } from './fake-stages.ts'

const NOW = new Date('2026-11-20T08:00:00Z')

/** A desired state from plain objects. */
export function library(parts: Partial<FakeDesired>): FakeDesired {
  return { shelves: new Map(), books: new Map(), ...parts }
}

export function never(): AbortSignal {
  return new AbortController().signal
}

/** Observes and plans. */
export async function planOf(
  remote: FakeRemote,
  desired: FakeDesired,
  options: {
    readonly scope?: string
    readonly only?: (change: { readonly key: string; readonly stage: string }) => boolean
    readonly stages?: typeof FAKE_STAGES
  } = {},
): Promise<Planned> {
  const { scope = 'organization/test', stages = FAKE_STAGES, ...rest } = options
  const reads = await observeAll({
    stages,
    reader: remote.newReader(),
    desired,
    now: NOW,
    signal: never(),
  })
  return computePlan({ scope, revision: 'r1', stages, desired, reads, now: NOW, ...rest })
}

/** Applies a plan. */
export async function applyTo(
  remote: FakeRemote,
  desired: FakeDesired,
  plan: Plan,
  options: {
    readonly approved?: ReadonlySet<string>
    readonly journal?: Journal
    readonly signal?: AbortSignal
    readonly onEvent?: (event: ApplyEvent) => void
  } = {},
): Promise<readonly Outcome[]> {
  return applyPlan({
    plan,
    stages: FAKE_STAGES,
    desired,
    newReader: () => remote.newReader(),
    writer: remote.writer(),
    journal: new MemoryJournal(),
    now: () => NOW,
    signal: never(),
    ...options,
  })
}

/** The ids of a plan, in order. */
export function idsOf(plan: Plan): readonly string[] {
  return plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id))
}

/** A plan in one line per change, for tables: `update Book/a shelf tested`. */
export function linesOf(plan: Plan): readonly string[] {
  return plan.steps.flatMap(({ changes }) =>
    changes.map(({ action, kind, key, fields }) =>
      [`${action} ${kind}/${key}`, ...fields.map(({ field }) => field)].join(' '),
    ),
  )
}

/** A journal in memory. */
export class MemoryJournal implements Journal {
  readonly intents: Intent[] = []
  readonly outcomes: Outcome[] = []

  async intend(intents: readonly Intent[]): Promise<void> {
    this.intents.push(...intents)
  }

  async conclude(outcomes: readonly Outcome[]): Promise<void> {
    this.outcomes.push(...outcomes)
  }
}
