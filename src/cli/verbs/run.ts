import { UsageError } from '../../compose/usage-error.ts'
import type { LogLevel } from '../../daemon/log.ts'
import type { Machine } from '../../machine.ts'
import { printable } from '../../report/hostile-text.ts'
import { CONFIGURATION_FILE, findConfiguration } from '../configuration.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { CONFIG } from '../flags.ts'
import { problemsText } from '../problems.ts'
import { type Invocation, isGiven, textOf, type Verb } from '../verb.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** `mailkeel run` */
export const run: Verb = {
  name: 'run',
  summary: 'stay running: follow the spec, keep everything as it says, report',
  flags: [
    CONFIG,
    { syntax: '--log-level <level>', describe: 'how much is logged, as lines of JSON (info)', choices: LEVELS },
    { syntax: '--demo', describe: 'with a simulated company, a git repository and the page; nothing stays behind' },
  ],
  examples: [
    { command: 'mailkeel run --demo', does: 'watch it work: commit, push, break something' },
    { command: 'mailkeel run', does: 'with the configuration in this folder' },
    { command: 'mailkeel run --config /etc/mailkeel/mailkeel.yaml', does: 'as a service' },
    { command: 'mailkeel run --log-level warn', does: 'log only what needs a person' },
  ],
  run: (invocation, machine) =>
    isGiven(invocation, 'demo') ? runDemo(invocation, machine) : runConfigured(invocation, machine),
}

async function runDemo(invocation: Invocation, machine: Machine): Promise<ExitCode> {
  if (textOf(invocation, 'config') !== undefined) {
    throw new UsageError('--demo has a configuration of its own; leave --config out')
  }
  const { runLiveDemo } = await import('../demo/live/run-live-demo.ts')
  return runLiveDemo(machine, levelOf(invocation))
}

async function runConfigured(invocation: Invocation, machine: Machine): Promise<ExitCode> {
  const { configuration, problems } = await findConfiguration(invocation, machine)
  if (problems.length > 0) {
    machine.errors.write(problemsText({ problems, files: 1 }))
    return EXIT.usage
  }
  if (!configuration) {
    throw new UsageError(`there is no ${CONFIGURATION_FILE} here; \`mailkeel init\` writes one, --config names another`)
  }
  const [{ stayRunning }, { createLog }] = await Promise.all([
    import('../stay-running.ts'),
    import('../../daemon/log.ts'),
  ])
  const { policy } = configuration.spec
  const log = await createLog({ level: levelOf(invocation) ?? 'info', output: machine.output, now: machine.now })
  return stayRunning({
    configuration,
    machine,
    log,
    started({ words }) {
      if (machine.errors.isTerminal) {
        const lines = [...words, `policy: ${policy}`, 'Ctrl-C ends it']
        machine.errors.write(`${lines.map(printable).join('\n')}\n`)
      }
      log.info({ policy, words }, 'mailkeel runs')
      return undefined
    },
  })
}

function levelOf(invocation: Invocation): LogLevel | undefined {
  return LEVELS.find((one) => one === textOf(invocation, 'logLevel'))
}
