import { printable } from './hostile-text.ts'
import type { OutcomeView } from './outcome-view.ts'
import type { TextStyle } from './plan-text.ts'
import { type Line, table } from './table.ts'
import { names } from './wording.ts'

/** What an apply came to, as text. One line where all was applied. */
export function outcomeText(view: OutcomeView, style: TextStyle): string {
  const { paint } = style
  const title = paint.bold(`${printable(view.organization)} at ${printable(view.revision)}`)
  const head = `${title}: ${(view.allApplied ? paint.green : paint.yellow)(printable(view.headline))}`
  const lines = view.remarks.map(
    ({ heading, text, names: labels }): Line => ({
      heading,
      text,
      below: labels.length > 1 ? names(labels) : '',
      tone: 'yellow',
    }),
  )
  return lines.length === 0 ? `${head}\n` : `${head}\n\n${table(lines, style)}\n`
}
