// Work over many objects, done in turns: between them the process answers others, and a loop goes on.
import { setImmediate } from 'node:timers/promises'

/** How much is done in one turn; a few milliseconds' worth. */
const TURN = 4096

/** Calls back for every item. */
export async function eachInTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let count = 0
  for (const item of items) {
    work(item)
    count += 1
    if (count % TURN === 0) await setImmediate()
  }
}

/** The items in order: sorted in runs of one turn each, which are then merged. */
export async function sortedInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<readonly T[]> {
  let runs: (readonly T[])[] = []
  for (let from = 0; from < items.length; from += TURN) {
    runs.push(items.slice(from, from + TURN).sort(compare))
    await setImmediate()
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = []
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], compare))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Promise<readonly T[]> {
  const merged: T[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]]
    if (right === undefined || (left !== undefined && compare(left, right) <= 0)) {
      merged.push(left as T)
      i += 1
    } else {
      merged.push(right)
      j += 1
    }
    if (merged.length % TURN === 0) await setImmediate()
  }
  return merged
}
