// Applying a plan, step by step and window by window. For each window: look again and refuse what moved, write down the intent, write,
// look again, write down the outcome. Nothing here waits for what the remote system does afterwards (a test, a replication).
//
// The look after a window is also the look before the next one of the same step, so each object is read twice, not each set twice per
// window. It is no staler than a look of its own would be: it begins when the last write of the window was answered, and between it and
// the next write lie only two records of the journal. What is older is the last object of a long window: it was looked at before the
// first one was written. So windows stay small, however many changes there are. A look that could not be completed serves nobody else.
import type { Change } from './change.ts'
import { onlyStops } from './gate.ts'
import type { Intent, Journal } from './journal.ts'
import type { Key, Read, Reason } from './observation.ts'
import { observeStage, reasonOf } from './observe.ts'
import { type Outcome, type Result, succeeded } from './outcome.ts'
import type { Plan, ScopeStage } from './plan.ts'
import { conclude } from './read-back.ts'
import type { Assignment, Dependency, Reply } from './stage.ts'
import { verify } from './verify.ts'

/** How many changes are looked at, journaled and written together. */
const WINDOW = 2000

/** What happens while a plan is applied. */
export type ApplyEvent =
  | { readonly type: 'step'; readonly stage: string; readonly changes: number }
  | { readonly type: 'written'; readonly stage: string; readonly count: number }
  | { readonly type: 'outcomes'; readonly stage: string; readonly outcomes: readonly Outcome[] }

/** What applying needs. `newReader` gives a reader that sees the server as it is from now on. */
export interface ApplyInput<D, Reader, Writer> {
  readonly plan: Plan
  readonly stages: readonly ScopeStage<D, Reader, Writer>[]
  readonly desired: D
  readonly newReader: () => Reader
  readonly writer: Writer
  readonly journal: Journal
  readonly now: () => Date
  readonly signal: AbortSignal
  /** Changes with other ids wait. Absent: all of the plan are approved. */
  readonly approved?: ReadonlySet<string>
  readonly onEvent?: (event: ApplyEvent) => void
}

/**
 * Applies a plan and returns one outcome per change. One object that fails never stops another. Throws only where the journal cannot
 * be written: then nothing more is sent. Cancelling ends the window at hand and leaves the rest `Cancelled`. Steps that wait are left for
 * a later pass: they have no outcomes.
 */
export async function applyPlan<D, Reader, Writer>(input: ApplyInput<D, Reader, Writer>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const failed = notApproved(input)
  for (const step of input.plan.steps) {
    const stage = input.stages.find(({ name }) => name === step.stage)
    if (!stage) throw new TypeError(`the plan names a stage that does not exist: ${step.stage}`)
    if (step.waits) continue
    const changes = input.approved ? step.changes.filter(({ id }) => input.approved?.has(id)) : step.changes
    input.onEvent?.({ type: 'step', stage: step.stage, changes: changes.length })
    for await (const concluded of applyStep(input, stage, changes, failed)) {
      for (const outcome of concluded) {
        outcomes.push(outcome)
        if (!succeeded(outcome)) failed.set(subject(outcome.stage, outcome.key), failureOf(outcome))
      }
      input.onEvent?.({ type: 'outcomes', stage: step.stage, outcomes: concluded })
    }
  }
  return outcomes
}

/** The outcomes of one step, window by window. `failed` grows between the windows. */
async function* applyStep<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  changes: readonly Change[],
  failed: ReadonlyMap<string, Reason>,
): AsyncGenerator<readonly Outcome[]> {
  let latest: Look<Reader> | undefined
  for (let start = 0; start < changes.length; start += WINDOW) {
    const window = changes.slice(start, start + WINDOW)
    if (input.signal.aborted) {
      yield window.map(cancelled)
      continue
    }
    const next = changes.slice(start + WINDOW, start + 2 * WINDOW)
    const applied = await applyWindow(input, stage, { window, next, latest, failed })
    latest = applied.after
    yield applied.outcomes
  }
}

/** A fresh read of some objects, with the reader that holds it. */
interface Look<Reader> {
  readonly reader: Reader
  readonly read: Read
}

interface Window<Reader> {
  readonly window: readonly Change[]
  /** The window behind it, which the last look at this one serves too. */
  readonly next: readonly Change[]
  /** The look after the window before, which covers this one. */
  readonly latest: Look<Reader> | undefined
  readonly failed: ReadonlyMap<string, Reason>
}

async function applyWindow<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  { window, next, latest, failed }: Window<Reader>,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly after: Look<Reader> | undefined }> {
  const results = new Map<string, { readonly result: Result; readonly reason?: Reason }>()
  const ready: Change[] = []
  for (const change of window) {
    const reason = onlyStops(change) ? undefined : failureAmong(change.needs, failed)
    if (reason) results.set(change.id, { result: 'Blocked', reason })
    else ready.push(change)
  }
  const before = latest?.read.complete ? latest : await look(input, stage, ready, input.signal)
  const assignments: Assignment[] = []
  for (const change of ready) {
    const verified = before ? verify(stage, change, before.read) : { result: 'Cancelled' as const }
    if ('assignment' in verified) assignments.push(verified.assignment)
    else results.set(change.id, verified)
  }
  let after: Look<Reader> | undefined
  if (before && assignments.length > 0) {
    await input.journal.intend(assignments.map(intentOf))
    const replies = await write(input, stage, before.reader, assignments)
    const written = assignments.map(({ change }) => change)
    after = await look(input, stage, input.signal.aborted ? written : [...written, ...next], neverAborted())
    for (const assignment of assignments) {
      const { id } = assignment.change
      results.set(id, conclude(stage, assignment, replies.get(id), after?.read ?? unobserved()))
    }
  }
  const outcomes = window.map((change) => outcomeOf(change, results.get(change.id) ?? { result: 'Cancelled' }))
  await input.journal.conclude(outcomes)
  return { outcomes, after }
}

/** Looks at the objects of these changes as they are from now on. Undefined where there is nothing to look at, or where it was cut short. */
async function look<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<Look<Reader> | undefined> {
  const keys: ReadonlySet<Key> = new Set(changes.map(({ key }) => key))
  if (keys.size === 0) return undefined
  const reader = input.newReader()
  try {
    return {
      reader,
      read: await observeStage(stage, { reader, desired: input.desired, keys, now: input.now(), signal }),
    }
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

async function write<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  reader: Reader,
  assignments: readonly Assignment[],
): Promise<ReadonlyMap<string, Reply>> {
  const replies = new Map<string, Reply>()
  if (!stage.apply) throw new TypeError(`stage ${stage.name} plans changes but cannot write`)
  const context = { writer: input.writer, reader, desired: input.desired, signal: input.signal }
  try {
    for await (const reply of stage.apply(context, assignments)) {
      replies.set(reply.id, reply)
      input.onEvent?.({ type: 'written', stage: stage.name, count: replies.size })
    }
  } catch (error) {
    const reason = reasonOf(error)
    for (const { change } of assignments) {
      if (!replies.has(change.id)) replies.set(change.id, { id: change.id, outcome: 'unknown', reason })
    }
  }
  return replies
}

function intentOf({ change, fields, row }: Assignment): Intent {
  const { id, stage, kind, key, label, action, effects, origin } = change
  const written = Object.entries(fields).map(([field, to]) => {
    const from = row?.fields[field]
    return from === undefined ? { field, to: to ?? null } : { field, from, to: to ?? null }
  })
  return { id, stage, kind, key, label, action, effects, fields: written, origin }
}

function outcomeOf(change: Change, concluded: { readonly result: Result; readonly reason?: Reason }): Outcome {
  const { id, stage, kind, key, label } = change
  return { id, stage, kind, key, label, ...concluded }
}

function cancelled(change: Change): Outcome {
  return outcomeOf(change, { result: 'Cancelled' })
}

/** Objects that will not be created, or not be updated where that is needed, because nobody approved it: what needs them waits too. */
function notApproved({
  plan,
  approved,
}: {
  readonly plan: Plan
  readonly approved?: ReadonlySet<string>
}): Map<string, Reason> {
  const missing = new Map<string, Reason>()
  if (!approved) return missing
  const changes = plan.steps.flatMap((step) => step.changes)
  const updated = new Set(
    changes.flatMap(({ needs }) => needs.filter((need) => need.updated).map(({ stage, key }) => subject(stage, key))),
  )
  for (const { id, action, stage, key, label } of changes) {
    const matters = action === 'create' || updated.has(subject(stage, key))
    if (!matters || approved.has(id)) continue
    missing.set(subject(stage, key), {
      code: 'NotApproved',
      message: `needs ${label}, whose ${action === 'create' ? 'creation' : 'update'} is not among the approved changes`,
    })
  }
  return missing
}

function failureAmong(needs: readonly Dependency[], failed: ReadonlyMap<string, Reason>): Reason | undefined {
  return needs.map(({ stage, key }) => failed.get(subject(stage, key))).find(Boolean)
}

function failureOf({ label, result, reason }: Outcome): Reason {
  return { code: reason?.code ?? result, message: `needs ${label}: ${reason?.message ?? result}` }
}

function subject(stage: string, key: Key): string {
  return `${stage}\n${key}`
}

/** Once something was written, looking at it again is not cut short by a cancel. */
function neverAborted(): AbortSignal {
  return new AbortController().signal
}

function unobserved(): Read {
  return { complete: false, reason: { code: 'NotObserved', message: 'it could not be read again after writing' } }
}
