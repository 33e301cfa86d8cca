import {
  type ApplyEvent,
  applyPlan,
  type Journal,
  type Outcome,
  type Reason,
  type Result,
  reasonOf,
} from '../engine/index.ts'
import type { Considered } from './consider.ts'
import type { Draft } from './draft.ts'
import { leftUnfinished, settledBy } from './interrupted.ts'
import type { PassJournal } from './journal.ts'
import type { AllowedGuard, PassStarted } from './journal-record.ts'
import type { Run } from './run.ts'

/**
 * Applies what was considered. Outcomes reach the draft as they are concluded. Returns what writes down the end of the pass: only once
 * everything is remembered may the journal stop telling what took effect.
 */
export async function applyInScope<D extends { readonly name: string }, Reader, Writer>(
  run: Run<D, Reader, Writer>,
  writer: Writer,
  considered: Considered,
  journal: PassJournal,
  draft: Draft,
): Promise<() => Promise<void>> {
  const { scope, options, environment } = run
  const outcomes: Outcome[] = []
  await journal.start(startOf(run, considered, draft))
  draft.outcomes = outcomes
  const { desired, stages, newReader } = scope
  const { signal, approved } = options
  const onEvent = (event: ApplyEvent) => {
    if (event.type === 'outcomes') outcomes.push(...event.outcomes)
    options.onEvent?.({ type: 'apply', scope: scope.scope, event })
  }
  const telling = withPassages(journal, considered)
  const input = { stages, desired, newReader, writer, journal: telling, now: environment.now, signal, onEvent }
  try {
    // The whole plan and what of it is approved: so what needs a change that nobody approved is blocked, not tried.
    await applyPlan({ ...input, plan: considered.planned.plan, ...(approved ? { approved } : {}) })
  } catch (error) {
    await finishQuietly(journal, outcomes, reasonOf(error))
    throw error
  }
  const { planned, interrupted } = considered
  const settled = settledBy(interrupted, planned.plan, outcomes, options.only !== undefined)
  if (settled.length > 0) await journal.lookedUp(settled)
  const unfinished = leftUnfinished(planned.plan, outcomes)
  return () => journal.finish({ results: countResults(outcomes), ...(unfinished.length > 0 && { unfinished }) })
}

function startOf<D extends { readonly name: string }, Reader, Writer>(
  { scope, options, environment }: Run<D, Reader, Writer>,
  { plan, letPass }: Considered,
  { verdicts }: Draft,
): Omit<PassStarted, 'type'> {
  const by = options.by ?? 'unknown'
  const at = environment.now().toISOString()
  const allowed = verdicts
    .filter(({ overridden }) => overridden)
    .map((verdict): AllowedGuard => {
      const { guard, overrides } = verdict
      return { guard, by, at, ...(overrides ? { overrides: letPass.overridesOf(verdict) } : {}) }
    })
  return {
    scope: scope.scope,
    revision: options.revision,
    mode: options.mode,
    policy: 'Enforce',
    by,
    digest: plan.digest,
    changes: plan.steps.reduce((count, { changes }) => count + changes.length, 0),
    verdicts,
    allowed,
  }
}

/** The journal of the engine, with the overrides that each change passes by. */
function withPassages(journal: PassJournal, { letPass }: Considered): Journal {
  return {
    intend: (intents) =>
      journal.intend(
        intents.map((intent) => {
          const passed = letPass.of(intent)
          return passed.length === 0 ? intent : { ...intent, passed }
        }),
      ),
    conclude: (outcomes) => journal.conclude(outcomes),
  }
}

/** Where the journal is what failed, the end cannot be written down either; the next pass finds the open intents. */
async function finishQuietly(journal: PassJournal, outcomes: readonly Outcome[], failure: Reason): Promise<void> {
  try {
    await journal.finish({ results: countResults(outcomes), failure })
  } catch {
    // The first failure is the one that counts.
  }
}

function countResults(outcomes: readonly Outcome[]): Readonly<Partial<Record<Result, number>>> {
  const counts: Partial<Record<Result, number>> = {}
  for (const { result } of outcomes) counts[result] = (counts[result] ?? 0) + 1
  return counts
}
