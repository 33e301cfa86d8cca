import { packageVersion } from '../../compose/package-version.ts'
import { EXIT } from '../exit-codes.ts'
import type { Verb } from '../verb.ts'

/** `mailkeel version` */
export const version: Verb = {
  name: 'version',
  summary: 'print the version',
  flags: [],
  examples: [{ command: 'mailkeel version', does: 'print the version and what it runs on' }],
  async run(_invocation, { output }) {
    output.write(`mailkeel ${packageVersion()} on Node.js ${process.version}\n`)
    return EXIT.inSync
  },
}
