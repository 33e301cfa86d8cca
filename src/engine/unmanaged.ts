import type { Key, Read } from './observation.ts'
import type { ScopeStage, StageSummary } from './plan.ts'

/** Which objects of a stage are wished for, as far as counting the others needs it. */
export interface Managed {
  /** Wished objects that are there. */
  count: number
  /** Those, and those that cannot be told. */
  readonly keys: Set<Key> | undefined
}

/** How many observed objects nobody wishes for, and why where the stage knows reasons. */
export function countUnmanaged<D, Reader, Writer>(
  stage: ScopeStage<D, Reader, Writer>,
  actual: Read,
  managed: Managed,
): Pick<StageSummary, 'unmanaged' | 'unmanagedBy'> {
  if (!actual.complete) return { unmanaged: 0 }
  const { unmanagedReason } = stage
  if (!unmanagedReason) return { unmanaged: actual.rows.size - managed.count }
  let unmanaged = 0
  const unmanagedBy: Record<string, number> = {}
  for (const objects of [actual.rows, actual.unknown]) {
    for (const [key, object] of objects) {
      if (managed.keys?.has(key)) continue
      const reason = unmanagedReason(object)
      unmanaged += 1
      unmanagedBy[reason] = (unmanagedBy[reason] ?? 0) + 1
    }
  }
  if (unmanaged === 0) return { unmanaged }
  return { unmanaged, unmanagedBy }
}
