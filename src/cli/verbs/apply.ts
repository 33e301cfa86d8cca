import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import type { ExitCode } from '../exit-codes.ts'
import {
  ALLOW,
  brought,
  CONFIG,
  DETAILS,
  formOf,
  ONLY,
  ORGANIZATION,
  OUTPUT,
  PREVIOUS,
  READ_RESULTS,
  SPEC,
} from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { createProgress } from '../progress.ts'
import { connected, prepare } from '../session.ts'
import { durationOf, type Invocation, isGiven, type Verb } from '../verb.ts'

const DEFAULT_WAIT_MS = 15 * 60_000

/** `mailkeel apply` */
export const apply: Verb = {
  name: 'apply',
  summary: 'bring the organizations to the spec',
  argument: { syntax: '[plan-file]', describe: 'a file of `mailkeel plan --out`: only the changes in it are applied' },
  flags: [
    CONFIG,
    SPEC,
    PREVIOUS,
    ORGANIZATION,
    ONLY,
    ALLOW,
    DETAILS,
    OUTPUT,
    { syntax: '-y, --yes', describe: 'do not ask; needed where there is no terminal' },
    READ_RESULTS,
    {
      syntax: '--emit-scripts <dir>',
      describe: 'write what a person has to run on servers without SSH to this folder; without secrets',
    },
    { syntax: '--wait [duration]', describe: 'repeat passes until every result is there, at most this long (15m)' },
  ],
  examples: [
    { command: 'mailkeel apply', does: 'show the plan, ask, apply' },
    { command: 'mailkeel apply --yes --wait', does: 'in a pipeline: apply, and wait for the results of tests' },
    { command: 'mailkeel apply plan.json --yes', does: 'apply exactly what was reviewed' },
    { command: 'mailkeel apply --yes --allow change', does: 'a guard asked a person, and the person says yes' },
    { command: 'mailkeel apply --yes --only sales', does: 'only one set' },
    {
      command: 'mailkeel apply --read-results in --emit-scripts out',
      does: 'servers without SSH: take answers, ask for more',
    },
  ],
  run: (invocation, machine) => interruptible(machine, STOPPING, (signal) => runApply(invocation, machine, signal)),
}

const STOPPING =
  'stopping: what is under way is finished and written into the journal; press Ctrl-C again to end at once'

async function runApply(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const waitMs = isGiven(invocation, 'wait') ? durationOf(invocation, 'wait', DEFAULT_WAIT_MS) : undefined
  const form = formOf(invocation)
  const asks = !isGiven(invocation, 'yes')
  if (asks && (machine.ask === undefined || form === 'json')) {
    throw new UsageError(
      'apply asks before it writes, and there is nobody to ask here; say --yes to apply without asking',
    )
  }
  const prepared = await prepare('apply', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  const [{ Application }, { followPasses }] = await Promise.all([
    import('../application.ts'),
    import('../pass-progress.ts'),
  ])
  const display = createProgress(machine)
  const progress = followPasses(display)
  const { configuration, organizations, trusts } = prepared
  const enforces = configuration.spec.policy === 'Enforce'
  const connection = {
    configuration,
    organizations,
    trusts,
    writing: enforces,
    machine,
    ...brought(invocation, machine),
    onEvent: progress.onCrmEvent,
  }
  return connected(connection, (composition) => {
    const application = new Application(
      { prepared, composition, invocation, machine, progress, signal },
      display,
      waitMs,
    )
    if (!enforces) return application.refuse()
    return asks ? application.askAndApply() : application.apply()
  })
}
