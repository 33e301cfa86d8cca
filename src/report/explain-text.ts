import type { ExplainedLink, Explanation } from './explain-view.ts'
import { timed } from './explain-view.ts'
import { printable } from './hostile-text.ts'
import { remarkLine, runwayLines, type TextStyle } from './plan-text.ts'
import { runwayInWords } from './runway.ts'
import { type Line, table } from './table.ts'

/** An explanation as text: the sentence, the chain in order, the one next step. What follows from the broken link is dim. */
export function explanationText(told: Explanation, style: TextStyle): string {
  const { paint } = style
  const tone = { works: paint.green, changes: paint.yellow, broken: paint.red, unknown: paint.yellow }[told.state]
  const lines = [
    ...told.links.map(linkLine),
    ...runwayLines({ runway: runwayInWords(told.runway ?? []) }),
    ...told.remarks.map((remark) => remarkLine(remark, 'yellow')),
  ]
  const next = told.next === undefined ? '' : `\n${paint.bold('Next:')} ${printable(told.next)}\n`
  const commands = style.commands.length > 0 ? `\n${paint.dim(style.commands.map(printable).join('  ·  '))}\n` : ''
  return `${tone(printable(told.headline))}\n\n${table(lines, style)}\n${next}${commands}`
}

function linkLine({ name, words, at, evidence, sync, state, isFirst, follows }: ExplainedLink): Line {
  const mark = isFirst ? (state === 'broken' ? '← broken here' : '← not known') : (sync ?? '')
  return {
    heading: name,
    text: timed({ words, ...(at !== undefined && { at }) }),
    ...(evidence !== undefined && { below: [evidence] }),
    ...(mark !== '' && { right: mark }),
    tone: toneOf(state, isFirst, follows),
  }
}

function toneOf(state: ExplainedLink['state'], isFirst?: true, follows?: true): NonNullable<Line['tone']> {
  if (follows) return 'dim'
  if (state === 'broken') return 'red'
  return state === 'unknown' || isFirst ? 'yellow' : 'plain'
}
