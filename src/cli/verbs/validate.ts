import { sep } from 'node:path'
import type { Machine } from '../../machine.ts'
import type { FoundConfiguration } from '../configuration.ts'
import { EXIT } from '../exit-codes.ts'
import { CONFIG, formOf, OUTPUT } from '../flags.ts'
import { problemsJson, problemsMarkdown, problemsText } from '../problems.ts'
import { loadSpecAt, specFolder } from '../spec-at.ts'
import type { Invocation, Verb } from '../verb.ts'

/** `mailkeel validate` */
export const validate: Verb = {
  name: 'validate',
  summary: 'check the spec without touching anything',
  argument: {
    syntax: '[path]',
    describe: 'folder of the spec; else the one the configuration names, else this folder',
  },
  flags: [CONFIG, OUTPUT],
  examples: [
    { command: 'mailkeel validate', does: 'check the spec of this folder' },
    { command: 'mailkeel validate examples/quickstart', does: 'check another one' },
    { command: 'mailkeel validate --output json', does: 'problems with file, line and column, for programs' },
  ],
  async run(invocation, machine) {
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
    const folder = specFolder(argument, configuration, workingDirectory)
    const { loaded, prefix } = await loadSpecAt(folder, workingDirectory)
    const found = {
      problems: loaded.ok ? [] : loaded.problems.map((one) => ({ ...one, file: prefix + one.file })),
      // Inside the folder of the spec it was counted there.
      files: loaded.fileCount + (configuration && !configuration.file.startsWith(folder + sep) ? 1 : 0),
    }
    const code = found.problems.length > 0 ? EXIT.invalid : EXIT.inSync
    if (formOf(invocation) === 'json') output.write(`${problemsJson('validate', code, found)}\n`)
    else if (formOf(invocation) === 'markdown') output.write(problemsMarkdown(found))
    else if (code === EXIT.invalid) output.write(problemsText(found))
    else output.write(`${found.files} ${found.files === 1 ? 'file is' : 'files are'} valid\n`)
    return code
  },
}

/** The configuration is only looked for where no folder is named; then it is not loaded either. */
async function configurationOf(invocation: Invocation, machine: Machine): Promise<FoundConfiguration> {
  const { findConfiguration } = await import('../configuration.ts')
  return findConfiguration(invocation, machine)
}
