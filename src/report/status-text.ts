import { printable } from './hostile-text.ts'
import { remarkLine, rolloutLines, runwayLines, type TextStyle } from './plan-text.ts'
import type { Remark } from './remarks.ts'
import type { StatusView } from './status-view.ts'
import { type Line, table } from './table.ts'
import { isCutShort, number } from './wording.ts'

/** The most causes of one sort that are told where nobody asked for all of them. */
const CAUSES_SHOWN = 12

/** How an organization is, as text. One line where everything is well. `details`: every cause with every name. */
export function statusText(view: StatusView, style: TextStyle, details = false): string {
  const { paint } = style
  const told = (remarks: readonly Remark[], tone: Line['tone']) => remarkLines(remarks, tone ?? 'plain', details)
  const head = statusHeadline(view, style)
  const lines: readonly Line[] = [
    ...told(view.unread, 'red'),
    ...told(view.failing, 'red'),
    ...told(view.pending, 'plain'),
    ...rolloutLines(view),
    ...told(view.remarks, 'yellow'),
    ...view.notes.map((text): Line => ({ heading: 'note', text, tone: 'yellow' })),
    ...runwayLines(view),
    ...view.stages.map((text): Line => ({ heading: 'stages', text, tone: 'dim' })),
    ...view.unmanaged.map((text): Line => ({ heading: 'unmanaged', text, tone: 'dim' })),
  ]
  const next = style.commands.length > 0 ? `\n${paint.dim(style.commands.map(printable).join('  ·  '))}\n` : ''
  return lines.length === 0 ? `${head}\n${next}` : `${head}\n\n${table(lines, style)}\n${next}`
}

function remarkLines(remarks: readonly Remark[], tone: NonNullable<Line['tone']>, details: boolean): readonly Line[] {
  if (details) {
    return remarks.map((remark) => {
      const { below = [], ...line } = remarkLine({ ...remark, names: [] }, tone)
      return { ...line, below: [remark.names.length > 1 ? remark.names.join(', ') : '', ...below] }
    })
  }
  const left = remarks.slice(CAUSES_SHOWN)
  const lines = remarks.slice(0, CAUSES_SHOWN).map((remark) => remarkLine(remark, tone))
  const [first] = left
  if (!first) return lines
  return [
    ...lines,
    { heading: first.heading, text: `and ${number(left.length)} more causes; --details tells them all`, tone },
  ]
}

/** True where a status without details leaves names or causes out. */
export function isCut({ unread, failing, pending, remarks }: StatusView): boolean {
  const all = [unread, failing, pending, remarks]
  return all.some((sort) => sort.length > CAUSES_SHOWN || sort.some((remark) => isCutShort(remark.names)))
}

/** The one line that says how an organization is. */
export function statusHeadline(view: StatusView, { paint }: Pick<TextStyle, 'paint'>): string {
  const tone = { calm: paint.green, trouble: paint.yellow, unknown: paint.red }[view.tone]
  const title = paint.bold(`${printable(view.title)} at ${printable(view.revision)}`)
  return `${title}: ${tone(printable(view.headline))}`
}
