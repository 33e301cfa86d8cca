// Where a text that is no YAML goes wrong for a reader. The parser notices a slip of the keyboard late, and then again and again:
// after a list entry with one blank too few it takes the rest of the list for a field name. People think in lines and columns, and so
// does this walk: it keeps the open maps and lists with their columns and stops at the first line that fits none of them, or at the
// quote or bracket that swallows the lines behind it.
//
// It only looks for a better explanation of a text that the parser refused. It may miss what is wrong; it never decides that
// something is. Every character is read a bounded number of times.
import { endOfFlow, endOfLine, endOfQuote, isEntry, keyEnd, skipBlanks } from './layout-tokens.ts'
import {
  BARE_DASH,
  CONFLICT,
  FIELD_WITHOUT_COLON,
  type LayoutFault,
  LIST_WITHOUT_NAME,
  MISSING_DASH,
  notClosed,
  SECOND_COLON,
  TAB,
  wrongIndent,
} from './layout-words.ts'

/** A map or a list that is open, with the offset of its latest entry. */
export interface Level {
  readonly kind: 'map' | 'list'
  readonly indent: number
  offset: number
}

/** One line that is no continuation, and how many open levels it leaves open. */
interface Line {
  readonly offset: number
  readonly end: number
  readonly indent: number
  readonly kind: 'map' | 'list' | 'text'
  readonly depth: number
}

/** The first place where the layout of a refused text goes wrong; undefined where no line is to blame. */
export function findLayoutFault(text: string): LayoutFault | undefined {
  return new Layout(text).firstFault()
}

class Layout {
  readonly #text: string
  readonly #levels: Level[] = []
  #next = 0
  /** True where a value may begin on the next line: behind `name:` or `-`, and at the start of a document. */
  #isExpecting = true
  /** The text in block form (| or >) that is being passed over: of what it must be deeper, and its own column once known. */
  #block: { readonly parent: number; indent: number | undefined } | undefined
  #hasGivenUp = false

  constructor(text: string) {
    this.#text = text
  }

  firstFault(): LayoutFault | undefined {
    while (this.#next < this.#text.length && !this.#hasGivenUp) {
      const fault = this.#line()
      if (fault !== undefined) return fault
    }
    return undefined
  }

  #line(): LayoutFault | undefined {
    const start = this.#next
    const end = endOfLine(this.#text, start)
    this.#next = end + 1
    const offset = skipBlanks(this.#text, start, ' ')
    const indent = offset - start
    if (offset >= end || this.#text.slice(offset, end).trim() === '') return undefined
    const wasBlock = this.#block !== undefined
    if (this.#isInBlock(indent) || this.#text[offset] === '#') return undefined
    if (this.#text[offset] === '\t') return { offset, message: TAB }
    if (indent === 0) {
      const head = this.#text.slice(offset, offset + 8).trimEnd()
      if (/^(?:<{7}|={7}|>{7})(?: |$)/.test(head)) return { offset, message: CONFLICT }
      if (/^(?:---|\.\.\.)(?:\s|$)/.test(head)) return this.#newDocument(offset + 3, end)
      if (head.startsWith('%')) return this.#giveUp()
    }
    return this.#content(offset, end, indent, wasBlock)
  }

  #isInBlock(indent: number): boolean {
    if (this.#block === undefined) return false
    if (indent > this.#block.parent) this.#block.indent ??= indent
    if (this.#block.indent !== undefined && indent >= this.#block.indent) return true
    this.#block = undefined
    return false
  }

  #newDocument(offset: number, end: number): undefined {
    this.#levels.length = 0
    this.#isExpecting = true
    const rest = skipBlanks(this.#text, offset)
    if (rest < end && this.#text[rest] !== '#') this.#giveUp()
  }

  #giveUp(): undefined {
    this.#hasGivenUp = true
  }

  #content(offset: number, end: number, indent: number, wasBlock: boolean): LayoutFault | undefined {
    if (this.#text.startsWith('? ', offset)) return this.#giveUp()
    const kind = this.#kindAt(offset, end)
    const line = { offset, end, indent, kind, depth: this.#depthOf(indent, kind) }
    const parent = this.#levels[line.depth - 1]
    const wasExpecting = this.#isExpecting && line.depth === this.#levels.length
    if ((wasExpecting || parent?.indent === indent) && this.#isBareDash(line, wasExpecting))
      return { offset, message: BARE_DASH }
    if (parent?.indent === indent) return this.#sibling(line, parent, wasExpecting)
    if (wasExpecting) return this.#child(line)
    const mayContinue = line.depth === this.#levels.length && kind === 'text' && !wasBlock
    return mayContinue ? undefined : this.#misplaced(line)
  }

  #kindAt(offset: number, end: number): Line['kind'] {
    if (isEntry(this.#text, offset)) return 'list'
    return keyEnd(this.#text, offset, end) === undefined ? 'text' : 'map'
  }

  /** How many levels stay open at a line of this column. */
  #depthOf(indent: number, kind: Line['kind']): number {
    let depth = this.#levels.length
    while ((this.#levels[depth - 1]?.indent ?? -1) > indent) depth -= 1
    const isBehindList = this.#levels[depth - 1]?.kind === 'list' && kind !== 'list'
    return isBehindList && this.#levels[depth - 2]?.indent === indent ? depth - 1 : depth
  }

  #isBareDash({ offset, kind }: Line, wasExpecting: boolean): boolean {
    if (this.#levels.length === 0) return false
    const head = this.#text.slice(offset, offset + 2)
    if (!/^-[^\s-]/.test(head)) return false
    return !(wasExpecting && kind === 'text' && /^-[0-9.]/.test(head))
  }

  /** A line in the column of an open map or list. */
  #sibling(line: Line, parent: Level, wasExpecting: boolean): LayoutFault | undefined {
    if (line.kind === parent.kind) {
      this.#levels.length = line.depth
      return this.#entry(line)
    }
    if (line.kind === 'list') return wasExpecting ? this.#child(line) : this.#misplaced(line)
    if (line.kind === 'map') return this.#misplaced(line)
    if (this.#beginsSpecially(line)) return this.#giveUp()
    return { offset: line.offset, message: parent.kind === 'list' ? MISSING_DASH : FIELD_WITHOUT_COLON }
  }

  /** A line that begins the value of the line above. */
  #child(line: Line): LayoutFault | undefined {
    if (line.kind !== 'text') return this.#entry(line)
    if (this.#levels.length > 0 || this.#beginsSpecially(line)) return this.#value(line.offset, line.end)
    return { offset: line.offset, message: FIELD_WITHOUT_COLON }
  }

  #beginsSpecially({ offset }: Line): boolean {
    return /["'[\]{}&*!|>@`,]/.test(this.#text[offset] ?? '')
  }

  #misplaced(line: Line): LayoutFault {
    const wanted = line.kind === 'list' ? 'list' : 'map'
    const distance = (level: Level) => Math.abs(level.indent - line.indent)
    const possible = this.#levels.filter((level) => level.kind === wanted && level.indent !== line.indent)
    const least = possible.reduce((shortest, level) => Math.min(shortest, distance(level)), Number.POSITIVE_INFINITY)
    const nearest = possible.filter((level) => distance(level) === least)
    if (nearest.length > 0) return wrongIndent(this.#text, line.offset, nearest.reverse())
    return { offset: line.offset, message: LIST_WITHOUT_NAME }
  }

  /** Opens or goes on with the levels of a line, then looks at its value. */
  #entry(line: Line): LayoutFault | undefined {
    let { offset, indent, kind } = line
    for (;;) {
      this.#note(kind === 'list' ? 'list' : 'map', indent, offset)
      const value = skipBlanks(
        this.#text,
        kind === 'list' ? offset + 1 : (keyEnd(this.#text, offset, line.end) ?? line.end),
      )
      this.#isExpecting = value >= line.end || '#\r'.includes(this.#text[value] ?? '#')
      if (this.#isExpecting) return undefined
      const inner = kind === 'list' ? this.#kindAt(value, line.end) : 'text'
      if (inner === 'text') return this.#value(value, line.end)
      indent += value - offset
      offset = value
      kind = inner
    }
  }

  #note(kind: Level['kind'], indent: number, offset: number): void {
    const open = this.#levels.at(-1)
    if (open?.kind === kind && open.indent === indent) open.offset = offset
    else this.#levels.push({ kind, indent, offset })
  }

  #value(offset: number, end: number): LayoutFault | undefined {
    this.#isExpecting = false
    const first = this.#text[offset] ?? ''
    const parent = this.#levels.at(-1)?.indent ?? -1
    if (first === '|' || first === '>') this.#block = { parent, indent: undefined }
    else if (first === '"' || first === "'") return this.#span(endOfQuote(this.#text, offset, parent), offset)
    else if (first === '[' || first === '{') return this.#span(endOfFlow(this.#text, offset, parent), offset)
    else if (!'&*!%@`'.includes(first) && keyEnd(this.#text, offset, end) !== undefined)
      return { offset, message: SECOND_COLON }
    return undefined
  }

  /** Goes on behind a quoted text or a bracket, which may have taken several lines. */
  #span(span: { readonly end: number } | { readonly unclosed: number }, offset: number): LayoutFault | undefined {
    if ('unclosed' in span) return { offset: span.unclosed, message: notClosed(this.#text[span.unclosed] ?? '') }
    this.#next = Math.max(this.#next, endOfLine(this.#text, Math.max(offset, span.end - 1)) + 1)
    return undefined
  }
}
