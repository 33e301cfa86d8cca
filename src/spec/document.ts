import type { Origin } from './desired.ts'
import type { Documents } from './generated/types.ts'
import type { Kind, SpecKind } from './kinds.ts'
import { type Problem, problemAt } from './problem.ts'
import type { Path, Positions } from './yaml/positions.ts'

/** A document of one kind, valid against its schema, as it stands in some bytes. Two files of equal bytes share it. */
export interface ParsedDocument<K extends Kind = Kind> {
  readonly kind: K
  readonly value: Documents[K]
  readonly positions: Positions
  /** Members of a set that are wrong and told as that, where only members are: nothing else may look at them. */
  readonly wrong?: ReadonlySet<number>
}

/** An origin that finds its line when asked: most are never asked. */
class LazyOrigin implements Origin {
  readonly file: string
  readonly #positions: Positions
  readonly #offset: number

  constructor(file: string, positions: Positions, offset: number) {
    this.file = file
    this.#positions = positions
    this.#offset = offset
  }

  get line(): number {
    return this.#positions.place(this.#offset).line
  }

  get column(): number {
    return this.#positions.place(this.#offset).column
  }

  toJSON(): Origin {
    return { file: this.file, line: this.line, column: this.column }
  }
}

const NONE: ReadonlySet<number> = new Set()

/** A document with the file it stands in. */
export class SpecDocument<K extends SpecKind = SpecKind> {
  readonly kind: K
  readonly file: string
  readonly value: Documents[K]
  /** As in `ParsedDocument`; empty where there are none. */
  readonly wrong: ReadonlySet<number>
  readonly #positions: Positions

  constructor(file: string, parsed: ParsedDocument<K>) {
    this.kind = parsed.kind
    this.file = file
    this.value = parsed.value
    this.wrong = parsed.wrong ?? NONE
    this.#positions = parsed.positions
  }

  /** metadata.name, where the document has one. */
  get name(): string | undefined {
    return this.value.metadata?.name
  }

  /** Where a value was written: its key, or the value itself. The nearest thing around it where it was not. */
  origin(path: Path = [], part: 'key' | 'value' = 'key'): Origin {
    return new LazyOrigin(this.file, this.#positions, this.#positions.offsetOf(this.value, path, part))
  }

  /** Where an entry of a list of this document was written. */
  itemOrigin(list: readonly unknown[], index: number): Origin {
    return new LazyOrigin(this.file, this.#positions, this.#positions.itemOffset(list, index))
  }

  /** A problem at a value. */
  problem(
    path: Path,
    message: string,
    options: { readonly part?: 'key' | 'value'; readonly hint?: string } = {},
  ): Problem {
    return problemAt(this.origin(path, options.part ?? 'key'), message, options.hint)
  }
}

/** Narrows a document to a kind. */
export function isOfKind<K extends SpecKind>(document: SpecDocument, kind: K): document is SpecDocument<K> {
  return document.kind === (kind as SpecKind)
}

/** `sales.yaml:9:7`: how one message refers to another place. */
export function placeName(origin: Origin): string {
  return `${origin.file}:${origin.line}:${origin.column}`
}
