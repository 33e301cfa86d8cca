// Words on a terminal: how wide they are, how they break, and how they are coloured. Widths are columns, not characters.

/** What a terminal shows. `width` is Infinity where nothing should be broken. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  readonly green: (text: string) => string
}

/** No colours at all. */
export const PLAIN: Paint = { bold: same, dim: same, red: same, yellow: same, green: same }

/** Colours for a terminal that shows them. */
export const COLOURS: Paint = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  yellow: sgr(33, 39),
  green: sgr(32, 39),
}

function same(text: string): string {
  return text
}

function sgr(on: number, off: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`)
}

const NO_COLUMN = /^\p{M}$/u
const TWO_COLUMNS =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]$|^[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u

/** How many columns a printable text takes. */
export function columns(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  let total = 0
  for (const character of text) total += NO_COLUMN.test(character) ? 0 : TWO_COLUMNS.test(character) ? 2 : 1
  return total
}

/** The text filled up with spaces to a number of columns; longer text stays as it is. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)))
}

/** The text in lines of at most `width` columns, broken at spaces. A word wider than a line is broken inside. */
export function wrap(text: string, width: number): readonly string[] {
  if (columns(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((word) => pieces(word, width))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columns(longer) <= width) line = longer
    else {
      if (line !== '') lines.push(line)
      line = word
    }
  }
  return line === '' ? lines : [...lines, line]
}

function pieces(word: string, width: number): readonly string[] {
  if (columns(word) <= width) return [word]
  const parts: string[] = []
  let part = ''
  for (const character of word) {
    if (part !== '' && columns(part + character) > width) {
      parts.push(part)
      part = ''
    }
    part += character
  }
  return [...parts, part]
}
