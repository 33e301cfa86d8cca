import type { HandedOut } from '../compose/carried.ts'
import { sentenceList } from '../report/wording.ts'
import { repeated, shellWord } from './flags.ts'
import { type Invocation, isGiven, textOf } from './verb.ts'

/** What a person has to carry where, and what to type then; empty where there is nothing. `out`: undefined where every server can be reached. */
export function handedOutInWords(
  out: HandedOut | undefined,
  folder: string | undefined,
  invocation: Invocation,
): string {
  if (!out) return 'The configuration has no server with `offline: true`, so no script was written.'
  const { bundles, servers } = out
  const again = repeated(invocation, ['config', 'spec', 'previous', 'organization', 'only', 'allow'])
  const flags = `${isGiven(invocation, 'yes') ? ' --yes' : ''}${again}${waitAgain(invocation)}`
  if (servers.length === 0) return folder === undefined ? '' : 'Nothing waits for a person, so no script was written.'
  if (folder === undefined) {
    const who = sentenceList(servers)
    return `Scripts wait to be run on ${who}, which nobody connects to: \`mailkeel apply${flags} --emit-scripts <dir>\` writes them.`
  }
  const width = Math.max(...bundles.map(({ name }) => name.length))
  return [
    `Run ${bundles.length === 1 ? 'this' : 'these, in this order'}; ${shellWord(folder)}/README.txt says how:`,
    ...bundles.map(({ name, server, words }) => `  ${`${name}.ps1`.padEnd(width + 4)}  on ${server}: ${words}`),
    `Then bring back the answers: \`mailkeel apply${flags} --read-results <dir> --emit-scripts ${shellWord(folder)}\``,
  ].join('\n')
}

function waitAgain(invocation: Invocation): string {
  if (!isGiven(invocation, 'wait')) return ''
  const duration = textOf(invocation, 'wait')
  return duration === undefined ? ' --wait' : ` --wait ${duration}`
}
