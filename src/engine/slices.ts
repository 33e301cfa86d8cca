// A stage may spread its changes over passes. What needs a change that waits, waits with it: nothing is written to a mailbox under an
// address that it gets in a later pass.
import type { Change } from './change.ts'
import { onlyStops } from './gate.ts'
import type { Key } from './observation.ts'
import type { PlanInput, ScopeStage, StageResult } from './plan.ts'
import type { PaceContext, Slice } from './stage.ts'

/** The slices of a stage: what it makes of its changes, and behind them those that need a waiting change of a stage before. */
export function slicesOf<D, Reader, Writer>(
  { desired, reads, now, allows = () => false }: PlanInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  changes: readonly Change[],
  planned: Pick<PaceContext<D>, 'projection' | 'exceptions' | 'leftOut'>,
  earlier: readonly StageResult[],
): readonly Slice[] {
  if (changes.length === 0) return []
  const { free, held, later } = parted(changes, earlier)
  if (!stage.pace) return [{ name: 'all', changes: free }, ...held].filter(isFilled)
  const leftOut = later.size === 0 ? planned.leftOut : new Map([...planned.leftOut, ...later])
  const slices = [...stage.pace(free, { ...planned, leftOut, desired, reads, now, allows })]
  return [...slices, ...held].filter(isFilled)
}

interface Parted {
  readonly free: readonly Change[]
  readonly held: readonly Slice[]
  /** What is held, by key. */
  readonly later: ReadonlyMap<Key, Change>
}

function parted(changes: readonly Change[], earlier: readonly StageResult[]): Parted {
  const waiting = earlier.flatMap(({ stage, slices }) => slices.flatMap((slice) => waitingBy(stage, slice)))
  if (waiting.length === 0) return { free: changes, held: [], later: new Map() }
  const sliceOf = new Map(waiting)
  const held = new Map<Slice, Change[]>()
  const free = changes.filter((change) => {
    const slice = change.needs.map(({ stage, key }) => sliceOf.get(`${stage}\n${key}`)).find(Boolean)
    if (!slice || onlyStops(change)) return true
    const known = held.get(slice)
    if (known) known.push(change)
    else held.set(slice, [change])
    return false
  })
  const slices = [...held].map(([{ estimateMs: _, ...slice }, some]) => ({ ...slice, changes: some }))
  const later = new Map([...held.values()].flat().map((change) => [change.key, change]))
  return { free, held: slices, later }
}

function waitingBy(stage: string, slice: Slice): readonly (readonly [string, Slice])[] {
  return slice.waits ? slice.changes.map(({ key }) => [`${stage}\n${key}`, slice] as const) : []
}

function isFilled({ changes }: Slice): boolean {
  return changes.length > 0
}
