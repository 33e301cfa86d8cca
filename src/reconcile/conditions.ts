// The conditions of every managed object after a pass. Several stages may speak of one object (its approval, its settings, its test): what
// they say is folded into one Synced and one Ready, the worst of each. Everything is one walk over what the pass left; nothing is read.
import type {
  Condition,
  Exception,
  Key,
  ObjectConditions,
  Outcome,
  Reason,
  StageSummary,
  Verdict,
} from '../engine/index.ts'
import type { PassResult } from './contract.ts'

/** Codes of `Ready=Unknown` that end by themselves: a test is scheduled, or the object was changed a moment ago. */
export const READY_SOON: ReadonlySet<string> = new Set(['TestScheduled', 'TestRunning', 'TestRetrying', 'JustChanged'])

interface Standing {
  readonly status: Condition['status']
  readonly code: string
  readonly message: string
}

/** What is known of one object so far. */
interface Entry {
  readonly kind: string
  readonly key: Key
  label: string
  synced?: Standing
  ready?: Standing
}

/** Reasons of `Synced`, the weightiest first: what was tried and failed goes before what was not tried. */
const WEIGHT: readonly string[] = [
  'Failed',
  'WriteNotEffective',
  'Held',
  'Blocked',
  'Waiting',
  'Moved',
  'ChangesPlanned',
] satisfies readonly (Outcome['result'] | Exception['state'] | 'ChangesPlanned')[]

/** The conditions of the objects that are only checked: they are few, where those that are written may be 100,000. */
export function checkConditionsOf(result: PassResult): readonly ObjectConditions[] {
  const written = new Set(result.plan.stages.flatMap(({ mode, kind }) => (mode === 'writes' ? [kind] : [])))
  const { plan } = result
  return conditionsOf({
    ...result,
    presence: new Map(),
    plan: { ...plan, steps: [], exceptions: [], stages: plan.stages.filter(({ kind }) => !written.has(kind)) },
  })
}

/** The conditions of every object that is wished, by kind and key in the order of the stages. */
export function conditionsOf(result: PassResult): readonly ObjectConditions[] {
  const book = new Map<string, Map<Key, Entry>>()
  for (const { kind, wished, labels } of result.presence.values()) {
    for (const key of wished) entryOf(book, kind, key).label = labels.get(key) ?? key
  }
  noteExceptions(book, result)
  noteChanges(book, result)
  for (const summary of result.plan.stages) noteStage(book, result, summary)
  const synced = conditionBook('Synced', result.revision)
  const ready = conditionBook('Ready', result.revision)
  const objects: ObjectConditions[] = []
  for (const entries of book.values()) {
    for (const entry of entries.values()) {
      const { kind, key, label } = entry
      objects.push({
        kind,
        key,
        label,
        synced: synced(entry.synced ?? IN_SYNC),
        ready: ready(entry.ready ?? NOT_CHECKED),
      })
    }
  }
  return objects
}

function entryOf(book: Map<string, Map<Key, Entry>>, kind: string, key: Key): Entry {
  const entries = book.get(kind) ?? new Map<Key, Entry>()
  book.set(kind, entries)
  const entry = entries.get(key) ?? { kind, key, label: key }
  entries.set(key, entry)
  return entry
}

function noteExceptions(book: Map<string, Map<Key, Entry>>, { plan }: PassResult): void {
  for (const { kind, key, label, state, reason, would } of plan.exceptions) {
    const entry = entryOf(book, kind, key)
    entry.label = label
    if (state === 'Unknown') noteSynced(entry, { status: 'Unknown', ...reason })
    else {
      const message = would ? `${reason.message}; it would ${would.join(', and ')}` : reason.message
      noteSynced(entry, { status: 'False', code: state, message })
    }
  }
}

function noteChanges(book: Map<string, Map<Key, Entry>>, { plan, outcomes = [], decision }: PassResult): void {
  const concluded = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  for (const { changes, waits } of plan.steps) {
    for (const { id, kind, key, label } of changes) {
      const entry = entryOf(book, kind, key)
      entry.label = label
      const outcome = concluded.get(id)
      noteSynced(entry, outcome ? afterOutcome(outcome) : planned(decision, waits))
      if (outcome?.result === 'Applied') entry.ready = JUST_CHANGED
    }
  }
}

function planned(decision: PassResult['decision'], waits: Reason | undefined): Standing {
  if (waits && decision === 'allow') return { status: 'False', code: 'ChangesPlanned', message: waits.message }
  const why = decision === 'allow' ? 'changes are planned' : 'changes are planned, and a guard objects to the plan'
  return { status: 'False', code: 'ChangesPlanned', message: why }
}

function afterOutcome({ result, reason }: Outcome): Standing {
  if (result === 'Applied' || result === 'AlreadyDone') return IN_SYNC
  const message = reason?.message ?? result
  if (result === 'Unknown') return { status: 'Unknown', code: reason?.code ?? 'NotObserved', message }
  if (result === 'Cancelled')
    return { status: 'False', code: 'ChangesPlanned', message: 'the pass was cancelled before it' }
  return { status: 'False', code: result, message }
}

/** Takes verdicts from a read, and marks everything of a kind as unknown where a read of it is incomplete. */
function noteStage(book: Map<string, Map<Key, Entry>>, { reads, presence }: PassResult, stage: StageSummary): void {
  const read = reads.get(stage.stage)
  const entries = book.get(stage.kind)
  if (stage.incomplete !== undefined || !read?.complete) {
    const reason = stage.incomplete ?? NOT_OBSERVED
    for (const entry of entries?.values() ?? []) noteUnread(entry, stage, reason)
    return
  }
  // Objects of a kind that is only checked are not wished to be anything; they are shown all the same.
  const onlyChecked = !presence.has(stage.kind)
  for (const [key, row] of read.rows) {
    if (!onlyChecked && !row.ready) continue
    const entry = onlyChecked ? entryOf(book, stage.kind, key) : entries?.get(key)
    if (entry && onlyChecked) entry.label = row.label ?? key
    if (entry && row.ready) noteReady(entry, standingOf(row.ready))
  }
  for (const [key, reason] of read.unknown) {
    const entry = onlyChecked ? entryOf(book, stage.kind, key) : entries?.get(key)
    if (entry) noteReady(entry, { status: 'Unknown', ...reason })
  }
}

function noteUnread(entry: Entry, { mode }: StageSummary, reason: Reason): void {
  const unknown: Standing = { status: 'Unknown', ...reason }
  if (mode === 'checks') noteReady(entry, unknown)
  else noteSynced(entry, unknown)
}

/** The verdict itself where it can be: objects with the same verdict then share one condition. */
function standingOf(verdict: Verdict): Standing {
  return isStanding(verdict) ? verdict : { ...verdict, status: 'Unknown' }
}

function isStanding(verdict: Verdict): verdict is Verdict & Standing {
  return verdict.status !== 'Unverifiable'
}

function noteSynced(entry: Entry, standing: Standing): void {
  if (entry.synced === undefined || rank(standing) < rank(entry.synced)) entry.synced = standing
}

/** What was changed in this pass keeps that as its reason: what was observed before the change says nothing any more. */
function noteReady(entry: Entry, standing: Standing): void {
  if (entry.ready === JUST_CHANGED) return
  if (entry.ready === undefined || rank(standing) < rank(entry.ready)) entry.ready = standing
}

function rank({ status, code }: Standing): number {
  if (status === 'True') return WEIGHT.length + 1
  if (status === 'Unknown') return WEIGHT.length
  return Math.max(WEIGHT.indexOf(code), 0)
}

/** Turns standings into conditions, one condition per standing. */
function conditionBook(type: Condition['type'], revision: string): (standing: Standing) => Condition {
  const known = new Map<Standing, Condition>()
  return (standing) => {
    const condition = known.get(standing) ?? { type, revision, ...standing }
    known.set(standing, condition)
    return condition
  }
}

const IN_SYNC: Standing = { status: 'True', code: 'InSync', message: 'it is as the spec says' }
const JUST_CHANGED: Standing = {
  status: 'Unknown',
  code: 'JustChanged',
  message: 'it was changed in this pass; the next pass observes it',
}
const NOT_CHECKED: Standing = { status: 'Unknown', code: 'NotChecked', message: 'nothing tells whether it works' }
const NOT_OBSERVED: Reason = { code: 'NotObserved', message: 'it was not observed' }
