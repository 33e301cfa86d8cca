import type { Condition, ObjectConditions } from '../engine/index.ts'
import { conditionsOf } from './conditions.ts'
import type { PassResult } from './contract.ts'

/** How many names a cause gives as examples. */
const EXAMPLES = 5

/** Objects that share a cause. */
export interface Cause {
  readonly code: string
  /** The message of the first of them. */
  readonly message: string
  readonly count: number
  /** Labels of the first few. */
  readonly examples: readonly string[]
}

/** How many objects have which status. */
export type StatusCounts = Readonly<Record<Condition['status'], number>>

/** One kind in numbers. */
export interface KindSummary {
  readonly kind: string
  readonly managed: number
  /** Observed objects nobody wishes for. */
  readonly unmanaged: number
  readonly synced: StatusCounts
  readonly ready: StatusCounts
  /** Why objects are not Synced, the most frequent first. */
  readonly outOfSync: readonly Cause[]
  /** Why objects do not work, the most frequent first. */
  readonly failing: readonly Cause[]
  /** Why it cannot be told whether objects work, the most frequent first. */
  readonly pending: readonly Cause[]
  /** Objects that are not there yet. */
  readonly waiting: number
  /** Objects that are in sync and work. */
  readonly healthy: number
}

/** What a pass came to, in numbers, by kind in the order of the stages. */
export function summarize(
  result: PassResult,
  conditions: readonly ObjectConditions[] = conditionsOf(result),
): readonly KindSummary[] {
  const byKind = new Map<string, ObjectConditions[]>()
  for (const object of conditions) {
    const objects = byKind.get(object.kind)
    if (objects) objects.push(object)
    else byKind.set(object.kind, [object])
  }
  return [...byKind].map(([kind, objects]) => summarizeKind(kind, objects, result))
}

function summarizeKind(kind: string, objects: readonly ObjectConditions[], { plan }: PassResult): KindSummary {
  const unmanaged = plan.stages.filter((stage) => stage.kind === kind).map((stage) => stage.unmanaged)
  return {
    kind,
    managed: objects.length,
    unmanaged: Math.max(0, ...unmanaged),
    synced: countStatuses(objects.map(({ synced }) => synced)),
    ready: countStatuses(objects.map(({ ready }) => ready)),
    outOfSync: causesOf(objects, ({ synced }) => (synced.status === 'True' ? undefined : synced)),
    failing: causesOf(objects, ({ ready }) => (ready.status === 'False' ? ready : undefined)),
    pending: causesOf(objects, ({ ready }) => (ready.status === 'Unknown' ? ready : undefined)),
    waiting: objects.filter(({ synced }) => synced.code === 'Waiting').length,
    healthy: objects.filter(({ synced, ready }) => synced.status === 'True' && ready.status === 'True').length,
  }
}

function countStatuses(conditions: readonly Condition[]): StatusCounts {
  const counts = { True: 0, False: 0, Unknown: 0 }
  for (const { status } of conditions) counts[status] += 1
  return counts
}

function causesOf(
  objects: readonly ObjectConditions[],
  conditionOf: (object: ObjectConditions) => Condition | undefined,
): readonly Cause[] {
  const causes = new Map<string, { message: string; count: number; examples: string[] }>()
  for (const object of objects) {
    const condition = conditionOf(object)
    if (!condition) continue
    const cause = causes.get(condition.code) ?? { message: condition.message, count: 0, examples: [] }
    causes.set(condition.code, cause)
    cause.count += 1
    if (cause.examples.length < EXAMPLES) cause.examples.push(object.label)
  }
  return [...causes]
    .map(([code, cause]) => ({ code, ...cause }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}
