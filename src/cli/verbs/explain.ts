import type { Machine } from '../../machine.ts'
import type { ExitCode } from '../exit-codes.ts'
import { CONFIG, ORGANIZATION, OUTPUT, SPEC } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { prepare } from '../session.ts'
import type { Invocation, Verb } from '../verb.ts'

/** `mailkeel explain` */
export const explain: Verb = {
  name: 'explain',
  summary: 'say why something does not work, and what to do',
  argument: {
    syntax: '[what]',
    describe:
      'an address (also one the spec does not name), a profile (also one only in CRM), a set, email-settings, an organization, or the trust (`trust`, or the name of a tenant or deployment); without it: why nothing happens',
  },
  flags: [CONFIG, SPEC, ORGANIZATION, OUTPUT],
  examples: [
    {
      command: 'mailkeel explain ann@contoso.com',
      does: 'the chain from the spec to the test, and where it is broken',
    },
    { command: 'mailkeel explain sales', does: 'a set: how many work, and the others by cause' },
    { command: 'mailkeel explain trust', does: 'certificate, servers and tenant, link by link' },
    { command: 'mailkeel explain profile:exchange-online', does: 'a name that is also that of something else' },
    { command: 'mailkeel explain', does: 'why nothing happens: policy, guards, locks, what waits' },
  ],
  run: (invocation, machine) => interruptible(machine, 'stopping', (signal) => runExplain(invocation, machine, signal)),
}

async function runExplain(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const prepared = await prepare('explain', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  const { runExplanation } = await import('../explanation.ts')
  return runExplanation({ prepared, invocation, machine, signal })
}
