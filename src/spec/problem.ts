/** Something in the spec that a person must change. Lines and columns count from 1. */
export interface Problem {
  /** Path in the source, printable. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** One line: what is wrong, and what to write where that is known. */
  readonly message: string
  /** A second sentence for where the next step is not obvious. */
  readonly hint?: string
}

/** A problem of a file whose path is not part of it: equal bytes under two paths share it. */
export type FileProblem = Omit<Problem, 'file'>

const LONGEST_MESSAGE = 400
const LONGEST_QUOTE = 100
// Control characters, line and paragraph separators, and the marks that reorder text on a screen.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu

/** Text of a stranger made fit for one line of a terminal: unprintable characters become `?`, and it is cut to `longest`. */
export function printable(text: string, longest = LONGEST_QUOTE): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return cut.replace(UNPRINTABLE, '?')
}

/** Builds a problem, with every part made printable. */
export function problemAt(
  origin: { readonly file: string; readonly line: number; readonly column: number },
  message: string,
  hint?: string,
): Problem {
  return {
    file: printable(origin.file, 300),
    line: origin.line,
    column: origin.column,
    message: printable(message, LONGEST_MESSAGE),
    ...(hint === undefined ? {} : { hint: printable(hint, LONGEST_MESSAGE) }),
  }
}

/** The problems by file, line, column and text, each once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const sorted = [...problems].sort(compareProblems)
  return sorted.filter((problem, index) => {
    const before = sorted[index - 1]
    return before === undefined || compareProblems(before, problem) !== 0
  })
}

function compareProblems(a: Problem, b: Problem): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.message, b.message)
}

/** Order by code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
