import { UsageError } from '../../compose/usage-error.ts'
import { EXIT } from '../exit-codes.ts'
import type { Verb } from '../verb.ts'

/** `mailkeel schema` */
export const schema: Verb = {
  name: 'schema',
  summary: 'print the JSON Schema of a kind',
  argument: { syntax: '[kind]', describe: 'a kind such as MailboxSet; without it all kinds are listed' },
  flags: [],
  examples: [
    { command: 'mailkeel schema', does: 'list the kinds' },
    { command: 'mailkeel schema MailboxSet', does: 'print the schema, for editors and other programs' },
  ],
  async run({ argument }, { output }) {
    const [{ listSchemas, readSchema }, { jsonText }] = await Promise.all([
      import('../../spec/schemas.ts'),
      import('../../report/hostile-text.ts'),
    ])
    const kinds = await listSchemas()
    if (argument === undefined) {
      const wide = Math.max(...kinds.map(({ kind }) => kind.length))
      output.write(kinds.map(({ kind, description }) => `${kind.padEnd(wide)}  ${description}\n`).join(''))
      return EXIT.inSync
    }
    const wanted = kinds.find(({ kind }) => kind.toLowerCase() === argument.toLowerCase())
    if (!wanted) {
      throw new UsageError(`there is no kind "${argument}"; there are ${kinds.map(({ kind }) => kind).join(', ')}`)
    }
    output.write(`${jsonText(await readSchema(wanted.kind))}\n`)
    return EXIT.inSync
  },
}
