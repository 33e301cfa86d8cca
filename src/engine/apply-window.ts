// The parts of one window of a step. What runs beside what is decided in apply-step.ts.
import type { ApplyInput } from './apply-input.ts'
import type { Change } from './change.ts'
import type { Intent } from './journal.ts'
import type { Key, Read, Reason } from './observation.ts'
import { observeStage, reasonOf } from './observe.ts'
import type { Outcome, Result } from './outcome.ts'
import type { ScopeStage } from './plan.ts'
import { conclude } from './read-back.ts'
import type { Assignment, Reply } from './stage.ts'
import { verify } from './verify.ts'

/** A fresh read of some objects, with the reader that holds it. */
export interface Look<Reader> {
  readonly reader: Reader
  readonly read: Read
}

type Concluded = { readonly result: Result; readonly reason?: Reason }

/** A window before writing: what is to be written, with the reader that saw it last, and what is not written for a reason. */
export interface Prepared<Reader> {
  readonly assignments: readonly Assignment[]
  readonly reader: Reader | undefined
  readonly refused: ReadonlyMap<string, Concluded>
}

/** A window after writing. */
export interface Written {
  readonly assignments: readonly Assignment[]
  readonly replies: ReadonlyMap<string, Reply>
  readonly refused: ReadonlyMap<string, Concluded>
}

/** A window that is being written. */
export interface Writing {
  /** Resolves when every write was answered, or will not be; never rejects. */
  readonly written: Promise<Written>
}

/** Looks at the objects of these changes as they are from now on. Undefined where there is nothing to look at, or where it was cut short. */
export async function look<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<Look<Reader> | undefined> {
  const keys: ReadonlySet<Key> = new Set(changes.map(({ key }) => key))
  if (keys.size === 0 || signal.aborted) return undefined
  const reader = input.newReader()
  try {
    const read = await observeStage(stage, { reader, desired: input.desired, keys, now: input.now(), signal })
    return { reader, read }
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** Holds the changes of a window against the latest look at them; where there is none, against a look of their own. */
export async function prepareWindow<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  window: readonly Change[],
  latest: Look<Reader> | undefined,
  blocked: (change: Change) => Reason | undefined,
): Promise<Prepared<Reader>> {
  const refused = new Map<string, Concluded>()
  const ready: Change[] = []
  for (const change of window) {
    const reason = blocked(change)
    if (reason) refused.set(change.id, { result: 'Blocked', reason })
    else ready.push(change)
  }
  const before = latest ?? (await look(input, stage, ready, input.signal))
  const assignments: Assignment[] = []
  for (const change of ready) {
    const verified = before && !input.signal.aborted ? verify(stage, change, before.read) : CANCELLED
    if ('assignment' in verified) assignments.push(verified.assignment)
    else refused.set(change.id, verified)
  }
  return { assignments, reader: before?.reader, refused }
}

/** Writes down the intents, waits until they are on the disk, and begins to write. Throws where the journal cannot be written. */
export async function beginWindow<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  { assignments, reader, refused }: Prepared<Reader>,
  progress: { answered: number },
): Promise<Writing> {
  if (reader === undefined || assignments.length === 0) {
    return { written: Promise.resolve({ assignments, replies: new Map(), refused }) }
  }
  if (!stage.apply) throw new TypeError(`stage ${stage.name} plans changes but cannot write`)
  await input.journal.intend(assignments.map(intentOf))
  const replies = write(input, stage, reader, assignments, progress)
  return { written: replies.then((known) => ({ assignments, replies: known, refused })) }
}

/** Says what became of every change of a window, and writes it down. Throws where the journal cannot be written. */
export async function concludeWindow<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  window: readonly Change[],
  { assignments, replies, refused }: Written,
  after: Look<Reader> | undefined,
): Promise<readonly Outcome[]> {
  const results = new Map(refused)
  for (const assignment of assignments) {
    const { id } = assignment.change
    results.set(id, conclude(stage, assignment, replies.get(id), after?.read ?? UNOBSERVED))
  }
  const outcomes = window.map((change) => outcomeOf(change, results.get(change.id) ?? CANCELLED))
  await input.journal.conclude(outcomes)
  return outcomes
}

async function write<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  reader: Reader,
  assignments: readonly Assignment[],
  progress: { answered: number },
): Promise<ReadonlyMap<string, Reply>> {
  const replies = new Map<string, Reply>()
  const context = { writer: input.writer, reader, desired: input.desired, now: input.now(), signal: input.signal }
  try {
    for await (const reply of stage.apply?.(context, assignments) ?? []) {
      replies.set(reply.id, reply)
      progress.answered += 1
      input.onEvent?.({ type: 'written', stage: stage.name, count: progress.answered })
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

function outcomeOf(change: Change, concluded: Concluded): Outcome {
  const { id, stage, kind, key, label } = change
  return { id, stage, kind, key, label, ...concluded }
}

const CANCELLED: Concluded = { result: 'Cancelled' }

const UNOBSERVED: Read = {
  complete: false,
  reason: { code: 'NotObserved', message: 'it could not be read again after writing' },
}
