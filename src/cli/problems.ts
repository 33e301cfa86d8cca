import { jsonText, markdownCode, markdownSentence, printable } from '../report/hostile-text.ts'
import { number } from '../report/wording.ts'
import type { Problem } from '../spec/problem.ts'

/** What is wrong with a spec or a configuration. */
export interface Found {
  readonly problems: readonly Problem[]
  /** Files read. */
  readonly files: number
}

/** Beyond this, places are not aligned any more. */
const WIDEST = 60

/** Problems as lines that editors and terminals make clickable, and a line that counts them. */
export function problemsText({ problems, files }: Found): string {
  const placed = problems.map((problem) => ({ ...problem, place: placeOf(problem) }))
  const wide = Math.min(WIDEST, Math.max(0, ...placed.map(({ place }) => place.length)))
  const lines = placed.flatMap(({ place, message, hint }) => [
    `${place.padEnd(wide)}  ${printable(message)}`,
    ...(hint === undefined ? [] : [`${' '.repeat(wide)}  ${printable(hint)}`]),
  ])
  return `${lines.join('\n')}\n\n${countInWords({ problems, files })}\n`
}

/** The same as Markdown: the count in bold, and a list. */
export function problemsMarkdown({ problems, files }: Found): string {
  if (problems.length === 0) return `**${number(files)} ${files === 1 ? 'file is' : 'files are'} valid**\n`
  const lines = problems.map((problem) => {
    const hint = problem.hint === undefined ? '' : `. ${markdownSentence(problem.hint)}`
    return `- ${markdownCode(placeOf(problem))}: ${markdownSentence(problem.message)}${hint}`
  })
  return `**${countInWords({ problems, files })}**\n\n${lines.join('\n')}\n`
}

function countInWords({ problems, files }: Found): string {
  const bad = new Set(problems.map(({ file }) => file)).size
  const counted = `${number(problems.length)} ${problems.length === 1 ? 'problem' : 'problems'}`
  return `${counted} in ${bad} of ${number(Math.max(files, bad))} ${files === 1 ? 'file' : 'files'}`
}

function placeOf({ file, line, column }: Problem): string {
  return printable(`${file}:${line}:${column}`)
}

/** Problems for programs. */
export function problemsJson(verb: string, exitCode: number, { problems, files }: Found): string {
  return jsonText({
    version: 'mailkeel.report/v1',
    verb,
    exitCode,
    files,
    problems: problems.map(({ file, line, column, message, hint }) => ({
      file,
      line,
      column,
      message,
      ...(hint === undefined ? {} : { hint }),
    })),
  })
}
