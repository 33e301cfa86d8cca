import { resolve } from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { CONFIG, formOf, OUTPUT } from '../flags.ts'
import { problemsJson, tellProblems } from '../problems.ts'
import { loadSpecAt } from '../spec-at.ts'
import type { Verb } from '../verb.ts'

/** `mailkeel validate` */
export const validate: Verb = {
  name: 'validate',
  summary: 'check the spec without touching anything',
  argument: { syntax: '[path]', describe: 'folder of the spec; without it the one the configuration names, else this folder' },
  flags: [CONFIG, OUTPUT],
  examples: [
    { command: 'mailkeel validate', does: 'check the spec of this folder' },
    { command: 'mailkeel validate examples/quickstart', does: 'check another one' },
    { command: 'mailkeel validate --output json', does: 'problems with file, line and column, for programs' },
  ],
  async run(invocation, machine) {
    const form = formOf(invocation)
    const { loaded, prefix, configured } = await loadSpecAt(invocation.argument, invocation, machine)
    const problems = [...configured, ...(loaded.ok ? [] : loaded.problems)]
    const found = { problems, files: loaded.fileCount, prefix }
    if (problems.length > 0) return tellProblems(found, form, machine, 'validate')
    if (form === 'json') machine.output.write(`${problemsJson('validate', EXIT.inSync, found)}\n`)
    else machine.output.write(`${counted(loaded.fileCount)} valid${note(loaded.fileCount, resolve(machine.workingDirectory, prefix))}\n`)
    return EXIT.inSync
  },
}
