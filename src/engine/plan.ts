// Planning is pure: reads and desired state in, a plan out. What `plan` prints, a review shows and `apply` runs is the same object.
import { type Change, digestOf, type Target } from './change.ts'
import { diff, stoppingPart, withConsequences } from './diff.ts'
import { type Blocker, blockedBy, failingChecks, gateBlockers, NOT_SELECTED } from './gate.ts'
import type { Fields, FieldValue, Key, Observed, Read, Reason } from './observation.ts'
import { type Presence, PresenceBook } from './presence.ts'
import { GrowingProjection, type Projection, type Unfinished } from './projection.ts'
import { slicesOf } from './slices.ts'
import type { Origin, Phrase, RolloutPlace, Slice, Stage, Wish } from './stage.ts'
import { countUnmanaged, type Managed } from './unmanaged.ts'
import { FIGHT } from './waits.ts'

/** The format of a plan file. */
export const PLAN_VERSION = 'mailkeel.plan/v1'

/** Why a wished object is not simply in sync or changed. */
export interface Exception {
  readonly stage: string
  readonly kind: string
  readonly key: Key
  readonly label: string
  /** Waiting: not there yet. Held: there, but not to be touched. Unknown: cannot be told. Blocked: by another object or check. */
  readonly state: 'Waiting' | 'Held' | 'Unknown' | 'Blocked'
  readonly reason: Reason
  readonly origin: Origin
  /** Held: what would be done otherwise, each the end of `it would …`. */
  readonly would?: readonly string[]
  /** Held because the spec itself says so: that is what people asked for, and nothing is missing. */
  readonly bySpec?: true
}

/** One stage in numbers, and why it is unknown as a whole where it is. */
export interface StageSummary {
  readonly stage: string
  readonly kind: string
  readonly mode: 'writes' | 'checks'
  readonly desired: number
  readonly inSync: number
  readonly changes: number
  readonly exceptions: number
  /** Observed objects nobody wishes for; mailkeel leaves them alone. */
  readonly unmanaged: number
  /** The same by reason, where the stage knows reasons. */
  readonly unmanagedBy?: Readonly<Record<string, number>>
  readonly incomplete?: Reason
}

/** A slice of one stage, in the order of apply. One that `waits` is planned and approved, and applied by a later pass. */
export interface Step {
  readonly stage: string
  readonly slice: string
  readonly changes: readonly Change[]
  readonly waits?: Reason
  readonly estimateMs?: number
  readonly rollout?: RolloutPlace
}

/** What will be done in one scope, in order. Plain data with a published schema. */
export interface Plan {
  readonly version: typeof PLAN_VERSION
  readonly scope: string
  readonly revision: string
  readonly steps: readonly Step[]
  readonly stages: readonly StageSummary[]
  readonly exceptions: readonly Exception[]
  /** Hash of the set of change ids. */
  readonly digest: string
}

/** A stage of a scope whose desired state is a D. */
export type ScopeStage<D, Reader, Writer> = Stage<D, Fields, Reader, Writer>

/** What planning needs. `reads` holds one read per stage name. `only` keeps the objects it returns true for. */
export interface PlanInput<D, Reader, Writer> {
  readonly scope: string
  readonly revision: string
  readonly stages: readonly ScopeStage<D, Reader, Writer>[]
  readonly desired: D
  readonly reads: ReadonlyMap<string, Read>
  readonly now: Date
  readonly only?: (target: Target) => boolean
  /** The spec holds the whole scope back: what would be done is told and not done. */
  readonly hold?: Reason
  /** Why a change is not to be made although the spec asks for it: somebody else keeps changing it back. Asked only where nothing else holds it. */
  readonly leaveAlone?: ((change: Change) => Reason | undefined) | undefined
  /** True where a person allowed, for this object, what the guard of that name objects to. Default: nobody did. */
  readonly allows?: (guard: string, key: Key) => boolean
  /** What earlier passes left unfinished. Default: nothing. */
  readonly unfinished?: Unfinished
}

/** A plan, and the projection it was made on (what the world looks like when it is done). */
export interface Planned {
  readonly plan: Plan
  readonly projection: Projection
  /** By kind: which wished objects are there. */
  readonly presence: ReadonlyMap<string, Presence>
}

/** Plans all stages in order, each on the actual state overlaid with the changes of the stages before it. */
export function computePlan<D, Reader, Writer>(input: PlanInput<D, Reader, Writer>): Planned {
  const projection = new GrowingProjection(input.unfinished)
  const results: StageResult[] = []
  const blockers: Blocker[] = []
  const presence = new PresenceBook()
  for (const stage of input.stages) {
    const actual = input.reads.get(stage.name) ?? notObserved(stage.name)
    const projected = stage.project ? stage.project(actual, projection) : actual
    projection.setRead(stage.name, projected)
    const note = presence.noting(stage, actual)
    const result = planStage(input, stage, note, projected, projection, blockers, results)
    projection.overlay(stage.name, result.changes)
    results.push(result)
    blockers.push(...gateBlockers(stage, projected))
  }
  return { plan: assemble(input.scope, input.revision, results), projection, presence: presence.kinds() }
}

/** What planning one stage came to. */
export interface StageResult {
  readonly stage: string
  readonly changes: readonly Change[]
  readonly slices: readonly Slice[]
  readonly exceptions: ReadonlyMap<Key, Exception>
  /** Exceptions and changes that `only` left out: not told, but what needs their objects is blocked by them. */
  readonly unchosen: ReadonlyMap<Key, Exception>
  readonly leftOut: ReadonlyMap<Key, Change>
  /** Checks that are not in order: what needs one of them is blocked by it. */
  readonly failing: ReadonlyMap<Key, Reason>
  readonly summary: StageSummary
}

function planStage<D, Reader, Writer>(
  input: PlanInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  note: (key: Key, wish: Wish) => void,
  actual: Read,
  projection: Projection,
  blockers: readonly Blocker[],
  earlier: readonly StageResult[],
): StageResult {
  const changes: Change[] = []
  const exceptions = new Map<Key, Exception>()
  const unchosen = new Map<Key, Exception>()
  const leftOut = new Map<Key, Change>()
  // Only reasons ask which ones are managed; else their number is enough.
  const managed: Managed = { count: 0, keys: stage.unmanagedReason ? new Set() : undefined }
  let inSync = 0
  let desired = 0
  for (const [key, wish] of stage.desire(input.desired, projection, input.now)) {
    note(key, wish)
    desired += 1
    const row = actual.complete ? actual.rows.get(key) : undefined
    const unknown = actual.complete ? actual.unknown.get(key) : undefined
    if (row) managed.count += 1
    if (row || unknown) managed.keys?.add(key)
    const found = actual.complete ? settle(input, stage, key, wish, { row, unknown }, projection) : undefined
    const isChosen = input.only?.({ stage: stage.name, kind: stage.kind, key }) ?? true
    const blocked = isChosen && found?.change ? blockedBy(found.change, blockers, earlier) : undefined
    const problem = blocked ? { state: 'Blocked' as const, reason: blocked } : found?.problem
    const stop =
      blocked && found?.change
        ? stoppingPart(input.scope, stage, found.change, wish)
        : isChosen
          ? found?.stop
          : undefined
    // What a person left out is left out; everything else that blocks must not keep a mailbox from being stopped.
    const mayStop = blocked?.code !== NOT_SELECTED && stop && blockedBy(stop, blockers, earlier) === undefined
    if (mayStop) changes.push(stop)
    if (problem) (isChosen ? exceptions : unchosen).set(key, exceptionOf(stage, key, wish, problem))
    else if (found?.change && !isChosen) leftOut.set(key, found.change)
    else if (found?.change) changes.push(found.change)
    else if (found) inSync += 1
  }
  const all = new Map([...unchosen, ...exceptions])
  const slices = slicesOf(input, stage, changes, { projection, exceptions: all, leftOut }, earlier)
  const counts = {
    desired,
    inSync,
    changes: slices.reduce((sum, slice) => sum + slice.changes.length, 0),
    exceptions: exceptions.size,
    ...countUnmanaged(stage, actual, managed),
  }
  const summary = { stage: stage.name, kind: stage.kind, mode: stage.mode, ...counts }
  return {
    stage: stage.name,
    changes,
    slices,
    exceptions,
    unchosen,
    leftOut,
    failing: failingChecks(stage, actual),
    summary: actual.complete ? summary : { ...summary, incomplete: actual.reason },
  }
}

type Problem = Pick<Exception, 'state' | 'reason' | 'would' | 'bySpec'>

interface Settled {
  readonly change?: Change
  /** What is done although there is a problem. */
  readonly stop?: Change | undefined
  readonly problem?: Problem
}

function settle<D, Reader, Writer>(
  input: PlanInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  key: Key,
  wish: Wish,
  { row, unknown }: { readonly row: Observed | undefined; readonly unknown: Reason | undefined },
  projection: Projection,
): Settled {
  const bySpec = heldBySpec(input, stage, wish)
  if (unknown) return { problem: { state: 'Unknown', reason: unknown } }
  if (row === undefined && wish.ensure === 'present') {
    const absent = stage.absent(wish)
    if (absent !== 'create') return { problem: bySpec ?? { state: 'Waiting', reason: absent } }
  }
  const held: Problem | undefined = row?.hold ? { state: 'Held', reason: row.hold } : bySpec
  if (wish.unclear) {
    const problem: Problem = { state: 'Unknown', reason: wish.unclear }
    const part = wish.stopsAllTheSame && !held ? diff(input.scope, stage, key, wish, row, projection) : undefined
    return { problem, stop: part && stoppingPart(input.scope, stage, part, wish) }
  }
  if (stage.mode === 'checks') return {}
  const change = diff(input.scope, stage, key, wish, row, projection)
  if (change && held) return { problem: { ...held, would: change.phrases.map(conditional) } }
  const alone = change && leftAlone(input, change)
  if (change && alone) {
    // What nobody fights over and only stops goes on: it must always be possible.
    const part = stoppingPart(input.scope, stage, change, wish)
    const stop = part && !leftAlone(input, part) ? part : undefined
    return { problem: { ...alone, would: change.phrases.map(conditional) }, stop }
  }
  return change ? { change: weighed(input, stage, change, wish, row, projection) } : {}
}

function heldBySpec<D, Reader, Writer>(
  { hold }: PlanInput<D, Reader, Writer>,
  { mode }: ScopeStage<D, Reader, Writer>,
  wish: Wish,
): Problem | undefined {
  const reason = hold ?? wish.hold
  return reason && mode === 'writes' ? { state: 'Held', reason, bySpec: true } : undefined
}

/** A person who says that it is meant is asked for nothing more. */
function leftAlone<D, Reader, Writer>(
  { leaveAlone, allows }: PlanInput<D, Reader, Writer>,
  change: Change,
): Problem | undefined {
  const reason = leaveAlone?.(change)
  return reason && !allows?.(FIGHT, change.key) ? { state: 'Held', reason } : undefined
}

/** A sentence about one, `goes from …` or `is tested`, as the end of `it would …`. */
function conditional({ one }: Phrase): string {
  const [verb = '', ...rest] = one.split(' ')
  const plain = IRREGULAR.get(verb) ?? verb.replace(/(?<=ss|sh|ch|x)es$|s$/, '')
  return [plain, ...rest].join(' ').replace(' and is ', ' and be ')
}

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['is', 'be'],
  ['has', 'have'],
  ['goes', 'go'],
  ['does', 'do'],
])

/** A change with its consequences. */
function weighed<D, Reader, Writer>(
  { desired, now, only }: PlanInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  change: Change,
  wish: Wish,
  row: Observed | undefined,
  projection: Projection,
): Change {
  if (!stage.consequences) return change
  const fields: Record<string, FieldValue> = {}
  for (const { field, to } of change.fields) fields[field] = to
  const { kind, key } = change
  const isChosen = (name: string) => only?.({ stage: name, kind, key }) ?? true
  return withConsequences(change, stage.consequences(key, fields, wish, row, { desired, projection, now, isChosen }))
}

function exceptionOf(
  stage: { readonly name: string; readonly kind: string },
  key: Key,
  wish: Wish,
  problem: Problem,
): Exception {
  return { stage: stage.name, kind: stage.kind, key, label: wish.label, origin: wish.origin, ...problem }
}

function assemble(scope: string, revision: string, results: readonly StageResult[]): Plan {
  const steps = results.flatMap(({ stage, slices }) =>
    slices.map(({ name, ...rest }): Step => ({ stage, slice: name, ...rest })),
  )
  return {
    version: PLAN_VERSION,
    scope,
    revision,
    steps,
    stages: results.map(({ summary }) => summary),
    exceptions: results.flatMap(({ exceptions }) => [...exceptions.values()]),
    digest: digestOf(steps.flatMap(({ changes }) => changes.map(({ id }) => id))),
  }
}

function notObserved(stage: string): Read {
  return { complete: false, reason: { code: 'NotObserved', message: `stage ${stage} was not observed` } }
}
