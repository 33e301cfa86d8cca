// Pages are read in the order of the primary key. Sorting 100,000 keys for every page would cost more than serving it, and a world does
// not tell when its set of rows changes. So the sorted keys are kept beside the keys they were made from, and comparing those with the
// table's keys, which is cheap because the strings are the same objects, tells whether they still hold.

import type { EntityName, Row } from '../../world.ts'

/** Ids of a table in the order pages are read. */
export interface KeyOrder {
  ids(entity: EntityName, rows: ReadonlyMap<string, Readonly<Row>>): readonly string[]
}

/** An empty index; it fills itself. */
export function createKeyOrder(): KeyOrder {
  const known = new Map<EntityName, { readonly asStored: readonly string[]; readonly sorted: readonly string[] }>()
  return {
    ids(entity, rows) {
      const entry = known.get(entity)
      if (entry !== undefined && sameKeys(entry.asStored, rows)) return entry.sorted
      const asStored = [...rows.keys()]
      const sorted = [...asStored].sort((a, b) => (a < b ? -1 : 1))
      known.set(entity, { asStored, sorted })
      return sorted
    },
  }
}

/** Position of the first id after `last` in sorted ids. */
export function positionAfter(sorted: readonly string[], last: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') <= last) low = middle + 1
    else high = middle
  }
  return low
}

function sameKeys(keys: readonly string[], rows: ReadonlyMap<string, unknown>): boolean {
  if (keys.length !== rows.size) return false
  let at = 0
  for (const key of rows.keys()) {
    if (keys[at] !== key) return false
    at++
  }
  return true
}
