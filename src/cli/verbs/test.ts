import type { Machine } from '../../machine.ts'
import type { ExitCode } from '../exit-codes.ts'
import { ALLOW, CONFIG, ORGANIZATION, OUTPUT, SPEC } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { prepare } from '../session.ts'
import { durationOf, type Invocation, isGiven, type Verb } from '../verb.ts'

const DEFAULT_WAIT_MS = 15 * 60_000

/** `mailkeel test` */
export const test: Verb = {
  name: 'test',
  summary: 'ask CRM to test mailboxes now, and change nothing else',
  argument: { syntax: '[address...]', describe: 'mailboxes of the spec; together with the selections below' },
  flags: [
    CONFIG,
    SPEC,
    ORGANIZATION,
    { syntax: '--set <set>', describe: 'the members of this set; may be repeated', repeats: true },
    {
      syntax: '--profile <profile>',
      describe: 'the mailboxes the spec puts on this profile; may be repeated',
      repeats: true,
    },
    { syntax: '--failed', describe: 'of these (of all where nothing else is said) only those that do not work' },
    { syntax: '--stale', describe: 'likewise, those without a result, or with one from before their last change' },
    ALLOW,
    OUTPUT,
    { syntax: '-y, --yes', describe: 'do not ask; needed where there is no terminal' },
    { syntax: '--wait [duration]', describe: 'wait for the results and tell them, at most this long (15m)' },
  ],
  examples: [
    { command: 'mailkeel test ann@contoso.com --wait', does: 'one mailbox, and what comes of it' },
    { command: 'mailkeel test --failed --yes', does: 'everything that failed, once the cause is mended' },
    { command: 'mailkeel test --set sales --stale', does: 'those of a set that have no result of their settings' },
  ],
  run: (invocation, machine) => interruptible(machine, STOPPING, (signal) => runTest(invocation, machine, signal)),
}

const STOPPING = 'stopping: tests that were asked for go on in CRM; press Ctrl-C again to end at once'

async function runTest(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const waitMs = isGiven(invocation, 'wait') ? durationOf(invocation, 'wait', DEFAULT_WAIT_MS) : undefined
  const { selectionOf, runTests } = await import('../test-run.ts')
  const selection = selectionOf(invocation)
  const asks = !isGiven(invocation, 'yes')
  const prepared = await prepare('test', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  return runTests({ prepared, invocation, machine, signal, selection, asks, waitMs })
}
