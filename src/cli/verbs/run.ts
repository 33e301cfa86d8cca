import { UsageError } from '../../compose/usage-error.ts'
import type { LogLevel } from '../../daemon/log.ts'
import type { Machine } from '../../machine.ts'
import { printable } from '../../report/hostile-text.ts'
import { CONFIGURATION_FILE, findConfiguration } from '../configuration.ts'
import { EXIT, EXIT_INTERRUPTED_TWICE, type ExitCode } from '../exit-codes.ts'
import { CONFIG } from '../flags.ts'
import { problemsText } from '../problems.ts'
import { type Invocation, textOf, type Verb } from '../verb.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** `mailkeel run` */
export const run: Verb = {
  name: 'run',
  summary: 'stay running: follow the spec, keep everything as it says, report',
  flags: [
    CONFIG,
    { syntax: '--log-level <level>', describe: 'how much is logged, as lines of JSON (info)', choices: LEVELS },
  ],
  examples: [
    { command: 'mailkeel run', does: 'with the configuration in this folder' },
    { command: 'mailkeel run --config /etc/mailkeel/mailkeel.yaml', does: 'as a service' },
    { command: 'mailkeel run --log-level warn', does: 'log only what needs a person' },
  ],
  run: runUntilAsked,
}

async function runUntilAsked(invocation: Invocation, machine: Machine): Promise<ExitCode> {
  const { configuration, problems } = await findConfiguration(invocation, machine)
  if (problems.length > 0) {
    machine.errors.write(problemsText({ problems, files: 1 }))
    return EXIT.usage
  }
  if (!configuration) {
    throw new UsageError(`there is no ${CONFIGURATION_FILE} here; \`mailkeel init\` writes one, --config names another`)
  }
  const level = LEVELS.find((one) => one === textOf(invocation, 'logLevel')) ?? 'info'
  const [{ startDaemon }, { createLog }] = await Promise.all([
    import('../../daemon/run.ts'),
    import('../../daemon/log.ts'),
  ])
  const asked = askedToEnd(machine)
  try {
    const log = await createLog({ level, output: machine.output, now: machine.now })
    const daemon = await startDaemon({ configuration, machine, log })
    if (machine.errors.isTerminal) {
      const lines = [...daemon.words, `policy: ${configuration.spec.policy}`, 'Ctrl-C ends it']
      machine.errors.write(`${lines.map(printable).join('\n')}\n`)
    }
    log.info({ policy: configuration.spec.policy, words: daemon.words }, 'mailkeel runs')
    await asked.promise
    log.info({}, 'mailkeel was asked to end')
    if (await daemon.stop()) return EXIT.inSync
    log.warn({}, 'passes did not end in time; the journal says how far they got')
    machine.exit(EXIT.inSync)
  } finally {
    asked.forget()
  }
}

/** Resolves at the first request to end; the second one ends the process at once. */
function askedToEnd(machine: Machine): { readonly promise: Promise<void>; readonly forget: () => void } {
  let isAsked = false
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  const forget = machine.onInterrupt(() => {
    if (isAsked) machine.exit(EXIT_INTERRUPTED_TWICE)
    isAsked = true
    resolve()
  })
  return { promise, forget }
}
