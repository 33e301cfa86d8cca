// The history as text, Markdown and JSON.
import type { HistoryPass } from '../reconcile/history.ts'
import type { ToldChange, ToldPass } from './history-view.ts'
import { markdownCode, markdownProse, printable } from './hostile-text.ts'
import { REPORT_VERSION } from './json.ts'
import type { TextStyle } from './plan-text.ts'
import { type Line, table } from './table.ts'
import { sentenceList } from './wording.ts'

const TONES = { well: 'plain', badly: 'red', unclear: 'yellow' } as const

/** Passes as text, in the order given. `named`: say what each was about. */
export function historyText(passes: readonly ToldPass[], style: TextStyle, named: boolean): string {
  return passes.map((pass) => passText(pass, style, named)).join('\n')
}

function passText(told: ToldPass, style: TextStyle, named: boolean): string {
  const { paint } = style
  const where = named ? `${told.title}  ` : ''
  const head = `${paint.bold(printable(where + told.head))}  ${printable(told.summary)}  ${paint.dim(`pass ${printable(told.pass)}`)}`
  const lines: readonly Line[] = [
    ...told.overrides.map((text): Line => ({ heading: 'override', text, tone: 'yellow' })),
    ...(told.failure === '' ? [] : [{ heading: 'ended', text: told.failure, tone: 'red' } as const]),
    ...told.changes.map(changeLine),
  ]
  return lines.length === 0 ? `${head}\n` : `${head}\n${table(lines, style)}\n`
}

function changeLine({ label, sentences, outcome, went, why, place }: ToldChange): Line {
  const text = `${label} ${sentenceList(sentences)}${why === '' ? '' : `: ${why}`}`
  return { heading: outcome, text, right: place, tone: TONES[went] }
}

/** Passes as Markdown. */
export function historyMarkdown(passes: readonly ToldPass[]): string {
  return passes
    .map(({ title, head, summary, overrides, failure, changes }) => {
      const lines = [
        ...overrides.map((text) => `- **override**: ${markdownProse(text)}`),
        ...(failure === '' ? [] : [`- **ended**: ${markdownProse(failure)}`]),
        ...changes.map(
          ({ label, sentences, outcome, why, place }) =>
            `- **${outcome}**: ${markdownCode(label)} ${markdownProse(sentenceList(sentences))}${why === '' ? '' : `: ${markdownProse(why)}`}${place === '' ? '' : ` (${markdownCode(place)})`}`,
        ),
      ]
      return `**${markdownProse(title)}** ${markdownProse(head)}: ${markdownProse(summary)}\n\n${lines.join('\n')}\n`
    })
    .join('\n')
}

/** Passes as a plain value. Every property is named here. */
export function historyJson(
  exitCode: number,
  passes: readonly HistoryPass[],
  hasMore: boolean,
  damaged: number,
): unknown {
  return {
    version: REPORT_VERSION,
    verb: 'history',
    exitCode,
    hasMore,
    damagedLines: damaged,
    passes: passes.map(passJson),
  }
}

function passJson({ scope, pass, time, by, revision, planned, allowed, finished, changes }: HistoryPass): unknown {
  return {
    organization: scope.slice(scope.indexOf('/') + 1),
    scope,
    pass,
    startedAt: time,
    by,
    revision,
    planned,
    overrides: allowed.map(({ guard, by, at, overrides = [] }) => ({
      guard,
      by,
      at,
      documents: overrides.map(({ name, reason, ticket }) => ({
        name,
        reason,
        ...(ticket !== undefined && { ticket }),
      })),
    })),
    ...(finished && { finishedAt: finished.time, results: finished.results }),
    ...(finished?.failure && { failure: { code: finished.failure.code, message: finished.failure.message } }),
    changes: changes.map(changeJson),
  }
}

function changeJson(change: HistoryPass['changes'][number]): unknown {
  const { id, time, stage, kind, key, label, action, fields, result, reason, origin } = change
  return {
    id,
    time,
    stage,
    kind,
    key,
    label,
    ...(action !== undefined && { action }),
    fields: fields.map(({ field, from, to }) => ({ field, ...(from !== undefined && { from }), to })),
    result,
    ...(reason && { reason: { code: reason.code, message: reason.message } }),
    ...(origin && { origin: { file: origin.file, line: origin.line, column: origin.column } }),
  }
}
