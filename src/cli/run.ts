// A run of the program: read the command line, run one verb, turn whatever goes wrong into words and an exit code.

import { UsageError } from '../compose/usage-error.ts'
import type { Machine } from '../machine.ts'
import { printable } from '../report/hostile-text.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'

/** Runs a command line and returns the exit code. Never throws. */
export async function run(words: readonly string[], machine: Machine): Promise<ExitCode> {
  try {
    const { parse } = await import('./program.ts')
    const request = await parse(words, { columns: machine.output.columns(), out: machine.output.write })
    return request ? await request.verb.run(request, machine) : EXIT.inSync
  } catch (error) {
    const { VERBS } = await import('./verbs.ts')
    const word = words.find((one) => !one.startsWith('-'))
    return tell(error, VERBS.find(({ name }) => name === word)?.name, machine)
  }
}

function tell(error: unknown, verb: string | undefined, { errors, environment }: Machine): ExitCode {
  const debug = environment['MAILKEEL_DEBUG'] === '1'
  if (error instanceof UsageError) {
    const help = verb === undefined ? 'mailkeel --help' : `mailkeel ${verb} --help`
    errors.write(`mailkeel: ${multiline(error.message)}\n${error.helpHelps ? `\nSee ${printable(help)}\n` : ''}`)
    if (debug) errors.write(`${stackOf(error)}\n`)
    return EXIT.usage
  }
  errors.write(
    `mailkeel: ${multiline(error instanceof Error ? error.message : 'an unexpected failure without a message')}\n`,
  )
  if (debug) errors.write(`${stackOf(error)}\n`)
  else if (!isExplained(error)) errors.write('\nMAILKEEL_DEBUG=1 shows where it comes from.\n')
  return EXIT.error
}

/** Errors whose message says what a person can do. They are told by name, so that nothing is loaded to know them. */
const EXPLAINED: ReadonlySet<string> = new Set([
  'Interrupted',
  'StateDirectoryError',
  'PlanFileError',
  'SecretError',
  'CertificateError',
  'GitError',
  'GitInputError',
])

function isExplained(error: unknown): boolean {
  return error instanceof Error && EXPLAINED.has(error.name)
}

/** Messages of ours may have several lines; each is escaped by itself. */
function multiline(message: string): string {
  return message.split('\n').map(printable).join('\n')
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error))
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`
  return multiline(error.stack ?? error.message) + cause
}
