// A stage may spread its changes over passes. What only stops something is never held back by that: it goes out at once, alone.
import type { Change } from './change.ts'
import { splitStops } from './diff.ts'
import type { PlanInput, ScopeStage } from './plan.ts'
import type { PaceContext, Slice } from './stage.ts'

/** The slices of a stage: what it makes of its changes, with the stopping parts of changes that wait taken out and put first. */
export function slicesOf<D, Reader, Writer>(
  { scope, desired, reads, now, allows = () => false }: PlanInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  changes: readonly Change[],
  planned: Pick<PaceContext<D>, 'projection' | 'exceptions' | 'leftOut'>,
): readonly Slice[] {
  if (changes.length === 0) return []
  if (!stage.pace) return [{ name: 'all', changes }]
  const slices: Slice[] = []
  const stops: Change[] = []
  for (const slice of stage.pace(changes, { ...planned, desired, reads, now, allows })) {
    if (slice.changes.length === 0) continue
    slices.push(slice.waits ? withoutStops(slice) : slice)
  }
  return stops.length === 0 ? slices : [{ name: 'stops', changes: stops }, ...slices]

  function withoutStops(slice: Slice): Slice {
    const rest = slice.changes.map((change) => {
      const parts = splitStops(scope, stage, change)
      if (parts) stops.push(parts[0])
      return parts?.[1] ?? change
    })
    return { ...slice, changes: rest }
  }
}
