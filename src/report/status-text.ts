import { printable } from './hostile-text.ts'
import type { TextStyle } from './plan-text.ts'
import type { Remark } from './remarks.ts'
import type { StatusView } from './status-view.ts'
import { type Line, table } from './table.ts'
import { names } from './wording.ts'

/** How an organization is, as text. One line where everything is well. */
export function statusText(view: StatusView, style: TextStyle): string {
  const { paint } = style
  const tone = { calm: paint.green, trouble: paint.yellow, unknown: paint.red }[view.tone]
  const title = paint.bold(`${printable(view.organization)} at ${printable(view.revision)}`)
  const head = `${title}: ${tone(printable(view.headline))}`
  const lines: readonly Line[] = [
    ...view.unread.map((message): Line => ({ heading: 'unknown', text: message, tone: 'red' })),
    ...view.failing.map((remark) => line(remark, 'red')),
    ...view.pending.map((remark) => line(remark, 'plain')),
    ...view.remarks.map((remark) => line(remark, 'yellow')),
  ]
  const next = style.commands.length > 0 ? `\n${paint.dim(style.commands.map(printable).join('  ·  '))}\n` : ''
  return lines.length === 0 ? `${head}\n` : `${head}\n\n${table(lines, style)}\n${next}`
}

function line({ heading, text, names: labels }: Remark, tone: NonNullable<Line['tone']>): Line {
  return { heading, text, below: labels.length > 1 ? names(labels) : '', tone }
}
