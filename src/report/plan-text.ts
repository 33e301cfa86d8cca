import type { GuardVerdict } from '../engine/index.ts'
import { printable } from './hostile-text.ts'
import { isInSync, type PlanView } from './plan-view.ts'
import { type Line, table } from './table.ts'
import type { Paint } from './terminal.ts'
import { names, places, short } from './wording.ts'

/** How text is laid out. `commands` are the next steps offered; they are made by the caller, who knows the flags in use. */
export interface TextStyle {
  readonly paint: Paint
  /** Columns of the terminal; Infinity where nothing should be broken. */
  readonly width: number
  readonly commands: readonly string[]
}

/** A plan as text for a terminal or a log. A scope in sync is one line. */
export function planText(view: PlanView, style: TextStyle): string {
  const { paint } = style
  const title = `${paint.bold(`${printable(view.organization)} at ${printable(view.revision)}`)}: `
  const head = title + toned(view, paint)(printable(view.headline))
  if (isInSync(view)) return `${head}\n`
  const blocks = [table(changeLines(view), style), table(remarkLines(view), style), table(guardLines(view), style)]
  return `${[head, ...blocks.filter((block) => block !== ''), footer(view, style)].join('\n\n')}\n`
}

function toned({ tone }: PlanView, paint: Paint): (text: string) => string {
  if (tone === 'stopped') return paint.red
  return tone === 'calm' ? paint.green : (text) => text
}

function changeLines({ sentences }: PlanView): readonly Line[] {
  return sentences.map(({ group, text, names: labels, origins, stops }) => ({
    heading: group,
    text,
    below: names(labels),
    right: places(origins),
    tone: stops ? 'yellow' : 'plain',
  }))
}

function remarkLines(view: PlanView): readonly Line[] {
  const told = [...view.unread, ...view.remarks].map(
    (remark): Line => ({
      heading: remark.heading,
      text: remark.text,
      below: remark.names.length > 1 ? names(remark.names) : '',
      tone: remark.heading === 'waiting' ? 'plain' : 'yellow',
    }),
  )
  for (const note of view.notes) told.push({ heading: 'note', text: note, tone: 'yellow' })
  if (view.unmanaged !== '') {
    const text = `${view.unmanaged}; mailkeel leaves them alone`
    told.push({ heading: 'unmanaged', text, tone: 'dim' })
  }
  return told
}

function guardLines({ guards }: PlanView): readonly Line[] {
  return guards.map((verdict) => ({ heading: 'guard', text: guardInWords(verdict), tone: guardTone(verdict) }))
}

/** What a guard said, and that a person passed it where one did. */
export function guardInWords({ guard, message, overridden }: GuardVerdict): string {
  return overridden ? `${message} (passed with --allow ${guard}; the journal records it)` : message
}

function guardTone({ decision, overridden }: GuardVerdict): NonNullable<Line['tone']> {
  if (decision === 'allow') return 'plain'
  return overridden ? 'yellow' : 'red'
}

function footer({ changes, digest }: PlanView, { commands, paint }: TextStyle): string {
  const parts = changes > 0 ? [`plan ${short(digest)}`, ...commands] : commands
  return paint.dim(parts.map(printable).join('  ·  '))
}
