import type { Machine } from '../../machine.ts'
import type { ExitCode } from '../exit-codes.ts'
import { CONFIG, ORGANIZATION, OUTPUT, SPEC } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import type { Invocation, Verb } from '../verb.ts'

/** `mailkeel history` */
export const history: Verb = {
  name: 'history',
  summary: 'show what mailkeel did, from its journal',
  argument: { syntax: '[what]', describe: 'an address or the name of a profile; without it everything' },
  flags: [
    CONFIG,
    ORGANIZATION,
    { syntax: '--set <set>', describe: 'only members of this set, as the spec names them now' },
    SPEC,
    { syntax: '--revision <hash>', describe: 'only what was applied of this revision; its first digits are enough' },
    { syntax: '--pass <id>', describe: 'only this pass; the first digits of its id are enough' },
    { syntax: '--since <when>', describe: 'a day, a time, or how long ago: 2026-11-20, 2026-11-20T16:00Z, 3d, 8h' },
    { syntax: '--limit <number>', describe: 'the most changes that are shown (100)' },
    OUTPUT,
  ],
  examples: [
    { command: 'mailkeel history ann@contoso.com', does: 'who changed what of ann, when, and what came of it' },
    { command: 'mailkeel history --since 3d', does: 'everything of the last three days, the newest first' },
    { command: 'mailkeel history --revision 3f2a91c --output json', does: 'what one revision came to, for programs' },
  ],
  run: (invocation, machine) => interruptible(machine, 'stopping', (signal) => runHistory(invocation, machine, signal)),
}

async function runHistory(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const { tellHistory } = await import('../history.ts')
  return tellHistory(invocation, machine, signal)
}
