/** Something wrong in the layout of a text: where, and what to write. */
export interface LayoutFault {
  readonly offset: number
  readonly message: string
}

export const TAB = 'a tab cannot indent; write blanks instead'
export const BARE_DASH = 'a list entry begins with a dash and a blank; write a blank behind the `-`'
export const MISSING_DASH = 'this line stands among the entries of a list; write `- ` before it'
export const FIELD_WITHOUT_COLON = 'a field needs a colon and a blank behind its name; write `name: value`'
export const SECOND_COLON =
  'a second `: ` on one line; begin a new line for a second field, or put a text that holds `: ` in quotes'
export const LIST_WITHOUT_NAME = 'a list stands below a line with only its name and a colon; that line is missing here'
export const CONFLICT = 'this is the mark of a merge conflict; resolve it and remove the marks'

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/** What to say of a quote or bracket that is not closed, where it was opened. */
export function notClosed(opening: string): string {
  const closing = CLOSING[opening]
  if (closing !== undefined) return `this \`${opening}\` is not closed; write \`${closing}\` behind its last entry`
  return `this quote is not closed; write ${opening} at the end of the text`
}

/** What to say of a line that should begin in the column of an entry above it; of one of several where they are equally near. */
export function wrongIndent(
  text: string,
  offset: number,
  neighbours: readonly { readonly indent: number; readonly offset: number }[],
): LayoutFault {
  const choices = neighbours.map(
    (one) => `${blanks(one.indent)}, to stand below the entry of line ${lineOf(text, one.offset)}`,
  )
  return { offset, message: `the indentation does not fit; write ${choices.join('; or ')}` }
}

function blanks(count: number): string {
  return count === 0 ? 'no blanks' : count === 1 ? '1 blank' : `${count} blanks`
}

function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}
