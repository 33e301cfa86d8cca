import { printable } from './hostile-text.ts'
import { columns, type Paint, pad, wrap } from './terminal.ts'

/** One entry of a report: a heading at the left, a sentence, what belongs below it, and where it comes from at the right. */
export interface Line {
  readonly heading: string
  readonly text: string
  /** One line each. */
  readonly below?: readonly string[]
  readonly right?: string
  readonly tone?: 'plain' | 'dim' | 'yellow' | 'red' | 'green'
}

const INDENT = 2
const GAP = 3
const HEADING = 10
/** Below this many columns for the sentence nothing stands at its right any more. */
const NARROW = 40
/** Lines of a report are not wider than this, however wide the terminal is. */
const WIDEST = 108

/** Entries as aligned columns, escaped for a terminal and broken to its width. A heading that repeats is shown once. */
export function table(
  lines: readonly Line[],
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  const shown = lines.map(escaped)
  const right = Math.max(0, ...shown.map((line) => columns(line.right)))
  const left = INDENT + Math.max(HEADING + 1, ...shown.map((line) => columns(line.heading) + 2))
  const room = Math.min(width - left, WIDEST)
  const middle = room - right - GAP
  const beside = right > 0 && middle >= NARROW
  const natural = Math.max(0, ...shown.filter((line) => line.right !== '').map((line) => columns(line.text)))
  const whole = Math.max(10, room)
  const layout = { left, whole, room: beside ? middle : whole, natural: Math.min(natural, middle), beside }
  return shown.map((line, index) => entry(line, shown[index - 1]?.heading, layout, paint).join('\n')).join('\n')
}

interface Layout {
  readonly left: number
  /** Columns right of the headings, and of these what a sentence may take. */
  readonly whole: number
  readonly room: number
  readonly natural: number
  readonly beside: boolean
}

function entry(
  line: Required<Line>,
  previous: string | undefined,
  { left, whole, room, natural, beside }: Layout,
  paint: Paint,
): readonly string[] {
  const blank = ' '.repeat(left)
  const start = `${' '.repeat(INDENT)}${line.heading === previous ? '' : line.heading}`
  const colour = line.tone === 'plain' ? (text: string) => text : paint[line.tone]
  const [first = '', ...rest] = wrap(line.text, room)
  const place = line.right === '' ? '' : paint.dim(line.right)
  const gap = ' '.repeat(Math.max(0, natural - columns(first)) + GAP)
  const rows = [`${pad(start, left)}${colour(first)}${beside && place !== '' ? gap + place : ''}`]
  for (const more of rest) rows.push(blank + colour(more))
  for (const below of line.below) for (const more of wrap(below, whole)) rows.push(blank + paint.dim(more))
  if (!beside && place !== '') rows.push(blank + place)
  return rows
}

function escaped({ heading, text, below = [], right = '', tone = 'plain' }: Line): Required<Line> {
  return {
    heading: printable(heading),
    text: printable(text),
    below: below.filter((one) => one !== '').map(printable),
    right: printable(right),
    tone,
  }
}
