import { jsonText, printable } from '../report/hostile-text.ts'
import type { Problem } from '../spec/problem.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Form } from './flags.ts'
import type { Machine } from './machine.ts'

/** What is wrong with a spec or a configuration. */
export interface Found {
  readonly problems: readonly Problem[]
  /** Files read. */
  readonly files: number
  /** What problems' paths are relative to, as people wrote it; empty where paths are whole. */
  readonly prefix: string
}

/** Prints problems with their places and returns the exit code for an invalid spec. */
export function tellProblems(found: Found, form: Form, { output, errors }: Machine, verb: string): ExitCode {
  if (form === 'json') output.write(`${problemsJson(verb, EXIT.invalid, found)}\n`)
  else (form === 'markdown' ? output : errors).write(problemsText(found))
  return EXIT.invalid
}

/** Problems as lines that editors and terminals make clickable, and a line that counts them. */
export function problemsText({ problems, files, prefix }: Found): string {
  const placed = problems.map((problem) => ({ ...problem, place: placeOf(problem, prefix) }))
  const wide = Math.max(0, ...placed.map(({ place }) => place.length))
  const lines = placed.flatMap(({ place, message, hint }) => {
    const first = `${place.padEnd(Math.min(wide, WIDEST))}  ${printable(message)}`
    return hint === undefined ? [first] : [first, `${' '.repeat(Math.min(wide, WIDEST))}  ${printable(hint)}`]
  })
  const bad = new Set(problems.map(({ file }) => file)).size
  const counted = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`
  return `${lines.join('\n')}\n\n${counted} in ${bad} of ${Math.max(files, bad)} ${files === 1 ? 'file' : 'files'}\n`
}

/** Beyond this, places are not aligned any more. */
const WIDEST = 60

function placeOf({ file, line, column }: Problem, prefix: string): string {
  return printable(`${prefix}${file}:${line}:${column}`)
}

/** Problems for programs. */
export function problemsJson(verb: string, exitCode: number, { problems, files, prefix }: Found): string {
  return jsonText({
    version: 'mailkeel.report/v1',
    verb,
    exitCode,
    files,
    problems: problems.map(({ file, line, column, message, hint }) => ({
      file: `${prefix}${file}`,
      line,
      column,
      message,
      ...(hint === undefined ? {} : { hint }),
    })),
  })
}
