// Reports as Markdown, for comments and summaries of pipelines. Objects stand in code spans, sentences are escaped letter by letter.
import type { Plan } from '../engine/index.ts'
import { detailsMarkdown } from './details.ts'
import { markdownCode, markdownProse, markdownSentence } from './hostile-text.ts'
import type { OutcomeView } from './outcome-view.ts'
import { guardInWords } from './plan-text.ts'
import { isInSync, type PlanView } from './plan-view.ts'
import type { Remark } from './remarks.ts'
import type { RunwayLine } from './runway.ts'
import type { StatusView } from './status-view.ts'
import { number, places, short } from './wording.ts'

/** How many changes the folded details list; forges limit the size of a comment. */
const DETAILS_LIMIT = 200
const NAMES_LIMIT = 3

/** A plan as Markdown: the headline in bold, a line per sentence, all changes folded away. */
export function planMarkdown(view: PlanView, plan: Plan, commands: readonly string[] = []): string {
  const head = title(view)
  if (isInSync(view)) {
    const act = runwayMarkdown(view.runway.filter(({ urgency }) => urgency === 'Act'))
    return `${[head, ...(act.length > 0 ? [join(act)] : [])].join('\n\n')}\n`
  }
  const sentences = view.sentences.map(({ group, text, names, origins }) => {
    const place = places(origins)
    return `- **${markdownProse(group)}**: ${markdownProse(text)}${listed(names)}${place === '' ? '' : ` (${markdownCode(place)})`}`
  })
  const notes = [...view.notes, ...view.asides].map((note) => `- **note**: ${markdownSentence(note)}`)
  notes.push(...runwayMarkdown(view.runway))
  const guards = view.guards.map((verdict) => `- **guard**: ${markdownSentence(guardInWords(verdict))}`)
  const blocks = [
    head,
    ...[[...sentences, ...remarkLines(view.rollouts)], remarkLines([...view.unread, ...view.remarks]), notes, guards]
      .filter(isFilled)
      .map(join),
  ]
  if (view.unmanaged !== '') blocks.push(`Not managed and left alone: ${markdownProse(view.unmanaged)}.`)
  if (view.changes > 0) {
    blocks.push(fold(`All ${number(view.changes)} changes`, detailsMarkdown(plan, DETAILS_LIMIT)))
    if (view.digest !== '') blocks.push(`plan ${markdownCode(short(view.digest))}`)
  }
  blocks.push(...nextSteps(commands))
  return `${blocks.join('\n\n')}\n`
}

/** What an apply came to, as Markdown. */
export function outcomeMarkdown(view: OutcomeView, commands: readonly string[] = []): string {
  return `${[title(view), remarkLines(view.remarks).join('\n'), ...nextSteps(commands)].filter((block) => block !== '').join('\n\n')}\n`
}

/** How an organization is, as Markdown. */
export function statusMarkdown(view: StatusView, commands: readonly string[] = []): string {
  const notes = view.notes.map((note) => `- **note**: ${markdownSentence(note)}`)
  const lines = [
    ...remarkLines([...view.unread, ...view.failing, ...view.pending, ...view.rollouts, ...view.remarks]),
    ...notes,
    ...runwayMarkdown(view.runway),
  ]
  const blocks = [title(view), lines.join('\n'), ...nextSteps(commands)]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

/** The commands that may come next, and what else there is to know instead of one. */
function nextSteps(commands: readonly string[]): readonly string[] {
  if (commands.length === 0) return []
  return [
    `Next: ${commands.map((one) => (one.startsWith('mailkeel ') ? markdownCode(one) : markdownProse(one))).join(' · ')}`,
  ]
}

function title(view: { readonly title: string; readonly revision: string; readonly headline: string }): string {
  return `**${markdownProse(view.title)} at ${markdownProse(view.revision)}: ${markdownProse(view.headline)}**`
}

/** What ends by itself, as a Markdown list. */
export function runwayMarkdown(lines: readonly RunwayLine[]): readonly string[] {
  return lines.map(({ text }) => `- **runway**: ${markdownSentence(text)}`)
}

/** Remarks as a Markdown list. */
export function remarkLines(remarks: readonly Remark[]): readonly string[] {
  return remarks.map(
    ({ heading, text, names, next }) =>
      `- **${markdownProse(heading)}**: ${markdownSentence(text)}${names.length > 1 ? listed(names) : ''}${next === undefined ? '' : `. ${markdownSentence(next)}`}`,
  )
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, names.length <= NAMES_LIMIT + 1 ? names.length : NAMES_LIMIT).map(markdownCode)
  const rest = names.length - shown.length
  return `: ${shown.join(', ')}${rest > 0 ? ` and ${number(rest)} more` : ''}`
}

function fold(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`
}

function join(lines: readonly string[]): string {
  return lines.join('\n')
}

function isFilled(lines: readonly string[]): boolean {
  return lines.length > 0
}
