import { statusEndings } from '../endings.ts'
import { EXIT, type ExitCode, strongest } from '../exit-codes.ts'
import { CONFIG, ORGANIZATION, OUTPUT, repeated, SPEC } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import type { Machine } from '../machine.ts'
import { observed } from '../observation.ts'
import { prepare } from '../session.ts'
import type { Invocation, Verb } from '../verb.ts'

/** `mailkeel status` */
export const status: Verb = {
  name: 'status',
  summary: 'show what works, what fails and why',
  flags: [CONFIG, SPEC, ORGANIZATION, OUTPUT],
  examples: [
    { command: 'mailkeel status', does: 'how many mailboxes work, and the causes of those that do not' },
    { command: 'mailkeel status --output json', does: 'the conditions of every object, for programs' },
  ],
  run: (invocation, machine) => interruptible(machine, 'stopping', (signal) => runStatus(invocation, machine, signal)),
}

async function runStatus(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const prepared = await prepare('status', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  return observed(prepared, invocation, machine, signal, ({ results, presenter, conditionsOf }) => {
    const code = EXIT[strongest(results.flatMap((result) => statusEndings(result, conditionsOf(result))))]
    const flags = repeated(invocation)
    presenter.states(results, ({ plan }) => (plan.steps.length > 0 ? [`mailkeel plan${flags}`] : []))
    presenter.finish('status', code, results)
    return code
  })
}
