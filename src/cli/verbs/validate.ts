import { sep } from 'node:path'
import type { Machine } from '../../machine.ts'
import type { FoundConfiguration } from '../configuration.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { CONFIG, formOf, OUTPUT, REVISION } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { problemsJson, problemsMarkdown, problemsText } from '../problems.ts'
import { loadSpecAt, specNames, specPlace } from '../spec-at.ts'
import type { Invocation, Verb } from '../verb.ts'

/** `mailkeel validate` */
export const validate: Verb = {
  name: 'validate',
  summary: 'check the spec without touching anything',
  argument: {
    syntax: '[path]',
    describe: 'folder of the spec; else what the configuration names, else this folder',
  },
  flags: [CONFIG, REVISION, OUTPUT],
  examples: [
    { command: 'mailkeel validate', does: 'check the spec of this folder' },
    { command: 'mailkeel validate examples/quickstart', does: 'check another one' },
    { command: 'mailkeel validate --output json', does: 'problems with file, line and column, for programs' },
  ],
  run: (invocation, machine) => interruptible(machine, 'stopping', (signal) => check(invocation, machine, signal)),
}

async function check(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const { workingDirectory, output } = machine
  const { argument } = invocation
  const { configuration, problems: misconfigured } =
    argument === undefined ? await configurationOf(invocation, machine) : { problems: [] }
  if (misconfigured.length > 0) {
    const found = { problems: misconfigured, files: 1 }
    if (formOf(invocation) === 'json') output.write(`${problemsJson('validate', EXIT.usage, found)}\n`)
    else output.write(formOf(invocation) === 'markdown' ? problemsMarkdown(found) : problemsText(found))
    return EXIT.usage
  }
  const place = specPlace({ ...specNames(invocation), folder: argument }, configuration, workingDirectory)
  const { loaded, prefix, folder } = await loadSpecAt(place, machine, signal)
  const found = {
    problems: loaded.ok ? [] : loaded.problems.map((one) => ({ ...one, file: prefix + one.file })),
    // Inside the folder of the spec it was counted there.
    files: loaded.fileCount + (configuration && !isWithin(configuration.file, folder) ? 1 : 0),
  }
  const code = found.problems.length > 0 ? EXIT.invalid : EXIT.inSync
  if (formOf(invocation) === 'json') output.write(`${problemsJson('validate', code, found)}\n`)
  else if (formOf(invocation) === 'markdown') output.write(problemsMarkdown(found))
  else if (code === EXIT.invalid) output.write(problemsText(found))
  else output.write(`${found.files} ${found.files === 1 ? 'file is' : 'files are'} valid\n`)
  return code
}

function isWithin(file: string, folder: string | undefined): boolean {
  return folder !== undefined && file.startsWith(folder + sep)
}

/** The configuration is only looked for where no folder is named; then it is not loaded either. */
async function configurationOf(invocation: Invocation, machine: Machine): Promise<FoundConfiguration> {
  const { findConfiguration } = await import('../configuration.ts')
  return findConfiguration(invocation, machine)
}
