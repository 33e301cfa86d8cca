// Where every value of a document was written, in one array of numbers instead of one object per value: a set of 50,000 mailboxes
// has half a million values, and nearly all of them are right and never asked for.
//
// Each container (object or array) owns a block: the count of its entries, then per entry the offset of the key (objects only)
// and the offset of the value. A map leads from the container to its block; lines are found by bisection when somebody asks.

/** Anything that may hold entries. */
export type Container = readonly unknown[] | Readonly<Record<string, unknown>>

/** Steps from the root of a document to a value. */
export type Path = readonly (string | number)[]

/** A place in a file. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Start offsets of the lines of a text. */
export function lineStartsOf(text: string): Uint32Array {
  const starts: number[] = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return Uint32Array.from(starts)
}

/** Line and column (UTF-16 units, from 1) of an offset. */
export function placeOf(lineStarts: Uint32Array, offset: number): Place {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 }
}

/** The positions of one document. Filled by `reserve` and `set` while the document is converted, read by the others. */
export class Positions {
  readonly #lineStarts: Uint32Array
  readonly #root: number
  readonly #offsets: number[] = []
  readonly #blocks = new Map<Container, number>()

  constructor(lineStarts: Uint32Array, rootOffset: number) {
    this.#lineStarts = lineStarts
    this.#root = rootOffset
  }

  /** Takes room for the entries of a container. Entry 0 of the returned block is at `block`. */
  reserve(container: Container, entries: number): number {
    const block = this.#offsets.length
    this.#blocks.set(container, block)
    const width = Array.isArray(container) ? 1 : 2
    this.#offsets.push(entries)
    for (let index = 0; index < entries * width; index += 1) this.#offsets.push(0)
    return block + 1
  }

  /** Notes one offset inside a reserved block. */
  set(slot: number, offset: number): void {
    this.#offsets[slot] = offset
  }

  /** Offset of the value of an entry of an array; of the array's first entry where there is no such entry. */
  itemOffset(array: readonly unknown[], index: number): number {
    const block = this.#blocks.get(array)
    if (block === undefined) return this.#root
    return this.#offsets[block + 1 + (index < (this.#offsets[block] ?? 0) ? index : 0)] ?? this.#root
  }

  /** Offset of the key, or of the value, under which an object holds a field; undefined where it was not written. */
  fieldOffset(object: Container, key: string, part: 'key' | 'value'): number | undefined {
    const block = this.#blocks.get(object)
    const index = Object.keys(object).indexOf(key)
    // Defaults that validation filled in stand behind the written fields.
    if (block === undefined || index < 0 || index >= (this.#offsets[block] ?? 0)) return undefined
    return this.#offsets[block + 1 + index * 2 + (part === 'key' ? 0 : 1)]
  }

  /** Offset of what a path leads to, or of the deepest thing on it that was written. */
  offsetOf(root: unknown, path: Path, part: 'key' | 'value' = 'key'): number {
    let offset = this.#root
    let node = root
    for (const [depth, step] of path.entries()) {
      if (typeof node !== 'object' || node === null) return offset
      const last = depth === path.length - 1
      const next = Array.isArray(node)
        ? this.itemOffset(node, Number(step))
        : this.fieldOffset(node as Container, String(step), last ? part : 'key')
      if (next === undefined) return offset
      offset = next
      node = (node as Record<string, unknown>)[step]
    }
    return offset
  }

  /** Line and column of an offset. */
  place(offset: number): Place {
    return placeOf(this.#lineStarts, offset)
  }
}
