import { printable } from './hostile-text.ts'
import { remarkLine, rolloutLines, type TextStyle } from './plan-text.ts'
import type { StatusView } from './status-view.ts'
import { type Line, table } from './table.ts'

/** How an organization is, as text. One line where everything is well. */
export function statusText(view: StatusView, style: TextStyle): string {
  const { paint } = style
  const head = statusHeadline(view, style)
  const lines: readonly Line[] = [
    ...view.unread.map((remark) => remarkLine(remark, 'red')),
    ...view.failing.map((remark) => remarkLine(remark, 'red')),
    ...view.pending.map((remark) => remarkLine(remark, 'plain')),
    ...rolloutLines(view),
    ...view.remarks.map((remark) => remarkLine(remark, 'yellow')),
    ...view.notes.map((text): Line => ({ heading: 'note', text, tone: 'yellow' })),
    ...view.runway.map((text): Line => ({ heading: 'runway', text, tone: 'dim' })),
  ]
  const next = style.commands.length > 0 ? `\n${paint.dim(style.commands.map(printable).join('  ·  '))}\n` : ''
  return lines.length === 0 ? `${head}\n${next}` : `${head}\n\n${table(lines, style)}\n${next}`
}

/** The one line that says how an organization is. */
export function statusHeadline(view: StatusView, { paint }: Pick<TextStyle, 'paint'>): string {
  const tone = { calm: paint.green, trouble: paint.yellow, unknown: paint.red }[view.tone]
  const title = paint.bold(`${printable(view.organization)} at ${printable(view.revision)}`)
  return `${title}: ${tone(printable(view.headline))}`
}
