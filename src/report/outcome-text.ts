import { printable } from './hostile-text.ts'
import type { OutcomeView } from './outcome-view.ts'
import { remarkLine, type TextStyle } from './plan-text.ts'
import { type Line, table } from './table.ts'

/** What an apply came to, as text. One line where all was applied. */
export function outcomeText(view: OutcomeView, style: TextStyle): string {
  const { paint } = style
  const title = paint.bold(`${printable(view.title)} at ${printable(view.revision)}`)
  const head = `${title}: ${(view.allApplied ? paint.green : paint.yellow)(printable(view.headline))}`
  const lines = view.remarks.map((remark): Line => remarkLine(remark, 'yellow'))
  const next = style.commands.length > 0 ? `\n${paint.dim(style.commands.map(printable).join('  ·  '))}\n` : ''
  return lines.length === 0 ? `${head}\n${next}` : `${head}\n\n${table(lines, style)}\n${next}`
}
