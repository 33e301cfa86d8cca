/** A queue that gives the earliest entry first; entries of one moment come in the order they were added. */
export class EventQueue<T extends { readonly atMs: number; readonly order: number }> {
  readonly #entries: T[] = []

  get size(): number {
    return this.#entries.length
  }

  peek(): T | undefined {
    return this.#entries[0]
  }

  push(entry: T): void {
    const entries = this.#entries
    let index = entries.length
    entries.push(entry)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(entry, entries[parent] as T)) break
      entries[index] = entries[parent] as T
      index = parent
    }
    entries[index] = entry
  }

  pop(): T | undefined {
    const entries = this.#entries
    const first = entries[0]
    const last = entries.pop()
    if (first === undefined || last === undefined || entries.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && isBefore(entries[child + 1] as T, entries[child] as T)) child += 1
      if (!isBefore(entries[child] as T, last)) break
      entries[index] = entries[child] as T
      index = child
    }
    entries[index] = last
    return first
  }

  /** The entries in no particular order, for saving. */
  toArray(): T[] {
    return [...this.#entries]
  }

  clear(): void {
    this.#entries.length = 0
  }
}

function isBefore(
  left: { readonly atMs: number; readonly order: number },
  right: { readonly atMs: number; readonly order: number },
): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order)
}
