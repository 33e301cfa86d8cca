import type { GuardVerdict } from '../engine/index.ts'
import { printable } from './hostile-text.ts'
import { isInSync, type PlanView } from './plan-view.ts'
import type { Remark } from './remarks.ts'
import { type Line, table } from './table.ts'
import type { Paint } from './terminal.ts'
import { names, number, places, short } from './wording.ts'

/** How text is laid out. `commands` are the next steps offered; they are made by the caller, who knows the flags in use. */
export interface TextStyle {
  readonly paint: Paint
  /** Columns of the terminal; Infinity where nothing should be broken. */
  readonly width: number
  readonly commands: readonly string[]
}

/** A plan as text for a terminal or a log. A scope in sync is one line, and one for each note. */
export function planText(view: PlanView, style: TextStyle, details = false): string {
  const { paint } = style
  const title = `${paint.bold(`${printable(view.title)} at ${printable(view.revision)}`)}: `
  const head = title + toned(view, paint)(printable(view.headline))
  const asides = details ? view.asides.map((text): Line => ({ heading: 'note', text, tone: 'dim' })) : []
  if (isInSync({ ...view, notes: [] })) {
    const act = runwayLines({ runway: view.runway.filter(({ urgency }) => urgency === 'Act') })
    const notes = [...noteLines(view), ...asides, ...act]
    return notes.length === 0 ? `${head}\n` : `${head}\n\n${table(notes, style)}\n`
  }
  const remarks = [...remarkLines(view), ...asides]
  const tables = [[...changeLines(view), ...rolloutLines(view)], remarks, guardLines(view)].map((lines) =>
    table(lines, style),
  )
  return `${[head, ...tables, footer(view, style)].filter((block) => block !== '').join('\n\n')}\n`
}

/** A plan in short, for who has seen it before: the headline, what is done how often, what is blocked, and the guards. */
export function planBriefly(view: PlanView, style: TextStyle): string {
  const [head = ''] = planText(view, style).split('\n', 1)
  if (view.changes === 0) return planText(view, style)
  const doing: Line = { heading: 'doing', text: groupsInWords(view) }
  // What is left out although the plan before may have shown it.
  const blocked = view.remarks
    .filter(({ heading }) => heading === 'blocked')
    .map((remark) => remarkLine(remark, 'yellow'))
  return `${head}\n\n${table([doing, ...rolloutLines(view), ...blocked, ...guardLines(view)], style)}\n`
}

function groupsInWords({ sentences }: PlanView): string {
  const groups = new Map<string, number>()
  for (const { group, names: labels } of sentences) {
    groups.set(group, (groups.get(group) ?? 0) + Math.max(1, labels.length))
  }
  return [...groups].map(([group, times]) => `${group} ${number(times)}`).join(', ')
}

function toned({ tone }: PlanView, paint: Paint): (text: string) => string {
  if (tone === 'stopped') return paint.red
  return tone === 'calm' ? paint.green : (text) => text
}

function changeLines({ sentences }: PlanView): readonly Line[] {
  return sentences.map(({ group, text, names: labels, origins, stops }) => ({
    heading: group,
    text,
    below: [names(labels)],
    right: places(origins),
    tone: stops ? 'yellow' : 'plain',
  }))
}

/** In which waves it goes, and what holds waves back. */
export function rolloutLines({ rollouts }: Pick<PlanView, 'rollouts'>): readonly Line[] {
  return rollouts.map((remark) => remarkLine(remark, remark.next === undefined ? 'plain' : 'yellow'))
}

/** What comes by itself, or was asked for. */
const CALM: ReadonlySet<string> = new Set(['waiting', 'waits', 'by hand'])

function remarkLines(view: PlanView): readonly Line[] {
  const told = [...view.unread, ...view.remarks].map(
    (remark): Line => remarkLine(remark, CALM.has(remark.heading) ? 'plain' : 'yellow'),
  )
  told.push(...noteLines(view))
  told.push(...runwayLines(view))
  if (view.unmanaged !== '') {
    const text = `${view.unmanaged}; mailkeel leaves them alone`
    told.push({ heading: 'unmanaged', text, tone: 'dim' })
  }
  return told
}

/** How long the connection has. */
export function runwayLines({ runway }: Pick<PlanView, 'runway'>): readonly Line[] {
  return runway.map(({ text, urgency }) => ({ heading: 'runway', text, tone: urgency === 'None' ? 'dim' : 'yellow' }))
}

function noteLines({ notes }: PlanView): readonly Line[] {
  return notes.map((text): Line => ({ heading: 'note', text, tone: 'yellow' }))
}

/** A remark as an entry: who and why, the names, the next step. */
export function remarkLine({ heading, text, next, names: labels }: Remark, tone: NonNullable<Line['tone']>): Line {
  return { heading, text, below: [labels.length > 1 ? names(labels) : '', next === undefined ? '' : `→ ${next}`], tone }
}

function guardLines({ guards }: PlanView): readonly Line[] {
  return guards.map((verdict) => ({ heading: 'guard', text: guardInWords(verdict), tone: guardTone(verdict) }))
}

/** What a guard said, and that a person passed it where one did. */
export function guardInWords({ guard, decision, message, overridden, overrides }: GuardVerdict): string {
  if (decision === 'blocked') return `${message}; no flag passes this guard, so the run ends with exit code 4`
  if (!overridden) return message
  if (!overrides) return `${message}; passed with --allow ${guard}, which the journal records`
  const by = overrides.map(
    ({ name, reason, ticket }) => `${name} (${reason}${ticket === undefined ? '' : `, ${ticket}`})`,
  )
  return `${message}; passed by the override ${by.join(' and ')}, which the journal records`
}

function guardTone({ decision, overridden }: GuardVerdict): NonNullable<Line['tone']> {
  if (decision === 'allow') return 'plain'
  return overridden ? 'yellow' : 'red'
}

function footer({ changes, digest }: PlanView, { commands, paint }: TextStyle): string {
  const parts = changes > 0 && digest !== '' ? [`plan ${short(digest)}`, ...commands] : commands
  return paint.dim(parts.map(printable).join('  ·  '))
}
