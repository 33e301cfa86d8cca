import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { exitTable } from '../../src/cli/exit-codes.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { loadVerbs } from '../../src/cli/verbs.ts'

const PAGE = fileURLToPath(new URL('../../docs/reference/command-line.md', import.meta.url))

it('docs/reference/command-line.md says what the program does (-u behind the name of this file writes it anew)', async () => {
  const page = [HEAD, ...(await loadVerbs()).map(verbSection)].join('\n')

  await expect(page).toMatchFileSnapshot(PAGE)
})

const HEAD = `# Command line

Made from the program itself; a test keeps it true. \`mailkeel help <verb>\` says the same.

Exit codes are the same everywhere. Where several hold, the first of this list wins: 65 invalid spec, 64 usage, 1 error, 5 state
unknown, 4 blocked, 3 an override is needed, 6 applied but some objects failed or wait, 2 changes planned, 0 in sync. A second
Ctrl-C ends at once with 130.

| variable | what it does |
|---|---|
| \`MAILKEEL_CONFIG\` | the runtime configuration, where \`--config\` is not given |
| \`MAILKEEL_DEBUG=1\` | unexpected errors show where they come from |
| \`NO_COLOR=1\` | no colours on a terminal |

\`--output json\` prints one value, described by [report.schema.json](report.schema.json); everything else goes to the error stream.
`

function verbSection({ name, summary, argument, flags, examples }: Verb): string {
  const usage = ['mailkeel', name, ...(flags.length > 0 ? ['[flags]'] : []), ...(argument ? [argument.syntax] : [])]
  const parts = [
    `## mailkeel ${name}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}: \`${usage.join(' ')}\`\n`,
    argument ? `\`${argument.syntax}\`: ${cell(argument.describe)}.\n` : '',
    table(
      'flag',
      flags.map(({ syntax, describe, choices }) => [code(syntax), withChoices(describe, choices)]),
    ),
    table(
      'example',
      examples.map(({ command, does }) => [code(command), does]),
    ),
    table(
      'exit code',
      exitTable(name).map(({ code: number, meaning }) => [String(number), meaning]),
    ),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function withChoices(describe: string, choices: readonly string[] | undefined): string {
  return choices ? `${describe}: ${choices.map(code).join(', ')}` : describe
}

function table(head: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return ''
  return `| ${head} | |\n|---|---|\n${rows.map(([left, right]) => `| ${left} | ${cell(right)} |\n`).join('')}`
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/<(\w+)>/g, (whole) => (text.includes('`') ? whole : `\`${whole}\``))
}
