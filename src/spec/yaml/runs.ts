// A shortcut through the one large thing people write: hundreds or thousands of simple list entries,
//
//     - ann@contoso.com
//     - { address: support@contoso.com, type: Queue }   # a comment
//     - address: info@contoso.com
//       type: Queue
//
// The parser spends some 20 to 80 microseconds on each. Here a run of such entries is taken out of the text and a single one, the
// placeholder, left in its place; the parser sees a short document, and where it finds a placeholder in a list, the run is expanded.
//
// Why that is the same: an entry of a run is made of characters without any meaning of their own, and every one but the last is
// followed by another entry of the same column, so nothing can continue it. The last one is left to the parser. Where the lines were
// no entries after all (inside a quoted text, a block text, brackets), the placeholder does
// not come out as an entry of a list, and the whole text is parsed the long way. So is every text with anything wrong in it: the
// shortcut never explains a problem.

/** Lines that are taken out of a text together. */
export interface Run {
  /** Offsets in the original text: the first line of the run, and the line behind it. */
  readonly start: number
  readonly end: number
  /** Entries in it; blank lines and comments do not count. */
  readonly count: number
}

/** A text with placeholders in the place of its runs. */
export interface ShortenedText {
  /** The short text as `shorten` returns it; the original one where runs are expanded. */
  readonly text: string
  readonly runs: readonly Run[]
  /** The offset in the original text of an offset in this one. */
  originalOffset(offset: number): number
}

/** One field of an entry, or the entry itself where it is a text; with offsets in the original text. */
export interface RunEntry {
  readonly offset: number
  /** The text of a plain entry. */
  readonly text?: string
  readonly fields?: readonly {
    readonly key: string
    readonly value: string
    readonly keyOffset: number
    readonly valueOffset: number
  }[]
}

/** Below this a run costs more than it saves. */
const SHORTEST_RUN = 24
/** A character nobody uses; a text that does is not shortened. */
const MARK = '\ue000'

// Every repetition is bounded, so that a hostile text cannot make the expressions remember much.
const VALUE = '(?:[A-Za-z][A-Za-z0-9_@.+-]{0,120}|[0-9][A-Za-z0-9_.+-]{0,80}@[A-Za-z0-9_.+-]{1,80})'
const FIELD = `[A-Za-z]{1,60}: ${VALUE}`
const REST = '(?: {1,80}#[^\\n\\r]{0,400}| {0,80})\\r?\\n'
/** An entry with its lines: 1 is the indentation, 2 a plain text, 3 the fields of a map in braces, 4 those of a map in block form. */
const ENTRY = new RegExp(
  `( {0,80})- (?:([A-Za-z0-9][A-Za-z0-9_.+-]{0,80}@[A-Za-z0-9_.+-]{1,80})${REST}|\\{ ?(${FIELD}(?:, ${FIELD}){0,40}) ?\\}${REST}|(${FIELD}${REST}(?:\\1  ${FIELD}${REST}){0,40}))`,
  'y',
)
const FIELD_LINE = new RegExp(` {0,80}(?:- )?([A-Za-z]+): (${VALUE})${REST}`, 'y')
const NOTHING = / {0,80}(?:#[^\n\r]{0,400})?\r?\n/y
/** Words that stand for something else than themselves; `true` and `false` are understood, the rest is left to the parser. */
const WORDS = /: (?:True|TRUE|False|FALSE|null|Null|NULL)(?![A-Za-z0-9_@.+-])/

/** Takes the runs out of a text; undefined where there are none worth it. */
export function shorten(text: string, shortest = SHORTEST_RUN): ShortenedText | undefined {
  if (text.includes(MARK)) return undefined
  const runs = findRuns(text, shortest)
  if (runs.length === 0) return undefined
  const pieces: string[] = []
  const starts: number[] = [0]
  const shifts: number[] = [0]
  let length = 0
  let taken = 0
  for (const [index, run] of runs.entries()) {
    const indentation = text.slice(run.start).match(/^ */)?.[0] ?? ''
    const placeholder = `${indentation}- '${MARK}${index}${MARK}'\n`
    pieces.push(text.slice(taken, run.start), placeholder)
    length += run.start - taken + placeholder.length
    taken = run.end
    starts.push(length)
    shifts.push(run.end - length)
  }
  pieces.push(text.slice(taken))
  return { text: pieces.join(''), runs, originalOffset: (offset) => offset + (shifts[segmentOf(starts, offset)] ?? 0) }
}

/** The number of the run a value stands for, where it is a placeholder. */
export function placeholderOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return undefined
  return Number(value.slice(1, -1))
}

/** The entries of a run, one after the other. */
export function* entriesOf(text: string, run: Run): Generator<RunEntry> {
  let offset = run.start
  while (offset < run.end) {
    ENTRY.lastIndex = offset
    const match = ENTRY.exec(text)
    if (match === null) {
      NOTHING.lastIndex = offset
      NOTHING.test(text)
      offset = NOTHING.lastIndex
      continue
    }
    const [lines, indentation = '', plain, braces, block] = match
    const start = offset + indentation.length + 2
    offset += lines.length
    if (plain !== undefined) yield { offset: start, text: plain }
    else if (block !== undefined) yield { offset: start, fields: linesOf(text, start, offset) }
    else yield { offset: start, fields: fieldsOf(braces ?? '', text.indexOf(braces ?? '', start)) }
  }
}

function linesOf(text: string, start: number, end: number) {
  const fields: NonNullable<RunEntry['fields']>[number][] = []
  for (let offset = start; offset < end; offset = FIELD_LINE.lastIndex) {
    FIELD_LINE.lastIndex = offset
    const match = FIELD_LINE.exec(text)
    if (match === null) break
    const [line, key = '', value = ''] = match
    const keyOffset = offset + line.indexOf(key)
    fields.push({ key, value, keyOffset, valueOffset: keyOffset + key.length + 2 })
  }
  return fields
}

function fieldsOf(fields: string, offset: number) {
  let at = offset
  return fields.split(', ').map((field) => {
    const colon = field.indexOf(': ')
    const keyOffset = at
    at += field.length + 2
    return { key: field.slice(0, colon), value: field.slice(colon + 2), keyOffset, valueOffset: keyOffset + colon + 2 }
  })
}

function findRuns(text: string, shortest: number): Run[] {
  const runs: Run[] = []
  let offset = 0
  while (offset < text.length) {
    const run = runAt(text, offset)
    if (run === undefined) {
      offset = nextLine(text, offset)
    } else {
      if (run.count >= shortest) runs.push(run)
      offset = run.end
    }
  }
  return runs
}

/** The run that begins in a line. Its last entry, and what follows that, is not part of it. */
function runAt(text: string, start: number): Run | undefined {
  const first = indentationAt(text, start)
  if (first === undefined) return undefined
  let entries = 0
  let last = start
  let offset = start
  for (;;) {
    const indentation = indentationAt(text, offset)
    if (indentation === first) {
      last = offset
      entries += 1
      offset = ENTRY.lastIndex
    } else {
      NOTHING.lastIndex = offset
      if (indentation !== undefined || offset >= text.length || !NOTHING.test(text)) break
      offset = NOTHING.lastIndex
    }
  }
  return entries < 2 ? undefined : { start, end: last, count: entries - 1 }
}

/** Columns before the dash of an entry; undefined for any other line. */
function indentationAt(text: string, offset: number): number | undefined {
  ENTRY.lastIndex = offset
  const match = ENTRY.exec(text)
  const fields = match?.[3] ?? match?.[4]
  if (match === null || (fields !== undefined && WORDS.test(fields))) return undefined
  return match[1]?.length ?? 0
}

function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end === -1 ? text.length : end + 1
}

function segmentOf(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
