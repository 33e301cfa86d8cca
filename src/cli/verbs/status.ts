import type { ObjectConditions } from '../../engine/index.ts'
import type { Machine } from '../../machine.ts'
import type { PassResult } from '../../reconcile/contract.ts'
import { statusEndings } from '../endings.ts'
import { EXIT, type ExitCode, strongest } from '../exit-codes.ts'
import { CONFIG, ORGANIZATION, OUTPUT, READ_RESULTS, REVISION, repeated, SPEC, shellWord } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { observed } from '../observation.ts'
import { prepare } from '../session.ts'
import { type Invocation, isGiven, type Verb } from '../verb.ts'

/** `mailkeel status` */
export const status: Verb = {
  name: 'status',
  summary: 'show what works, what fails and why',
  flags: [
    CONFIG,
    SPEC,
    REVISION,
    ORGANIZATION,
    { syntax: '--details', describe: 'every cause and every name, however many there are' },
    READ_RESULTS,
    OUTPUT,
  ],
  examples: [
    { command: 'mailkeel status', does: 'how many mailboxes work, and the causes of those that do not' },
    { command: 'mailkeel status --details', does: 'every mailbox that does not work, by cause' },
    { command: 'mailkeel status --output json', does: 'the conditions of every object, for programs' },
  ],
  run: (invocation, machine) => interruptible(machine, 'stopping', (signal) => runStatus(invocation, machine, signal)),
}

async function runStatus(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const prepared = await prepare('status', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  return observed(prepared, invocation, machine, signal, async ({ results: observedNow, presenter, conditionsOf }) => {
    const results = await Promise.all(observedNow.map((result) => withLastKnown(result, prepared.stateDirectory)))
    const code = EXIT[strongest(results.flatMap((result) => statusEndings(result, conditionsOf(result))))]
    const flags = repeated(invocation)
    const details = isGiven(invocation, 'details')
    presenter.states(results, (result) => nextCommands(result, conditionsOf(result), flags), {
      details,
      detailsCommand: `mailkeel status${flags} --details`,
    })
    presenter.finish('status', code, results)
    return code
  })
}

/** What a person may want to see next: one of those that fail, and the plan where there is one. */
function nextCommands({ plan }: PassResult, conditions: readonly ObjectConditions[], flags: string): readonly string[] {
  const failing = conditions.find(({ kind, ready }) => kind === 'Mailbox' && ready.status === 'False')
  return [
    ...(failing ? [`mailkeel explain${flags} ${shellWord(failing.key)}`] : []),
    ...(plan.steps.length > 0 ? [`mailkeel plan${flags}`] : []),
  ]
}

/** Where part of the state cannot be read, how old the last thing that is known of it is. */
async function withLastKnown(result: PassResult, stateDirectory: string): Promise<PassResult> {
  if (result.plan.stages.every(({ incomplete }) => incomplete === undefined)) return result
  const { readHistory } = await import('../../reconcile/history.ts')
  const found = await readHistory({ stateDirectory, scope: result.scope, limit: 1 }).catch(() => undefined)
  const last = found?.passes[0]
  if (!last) return result
  const { duration } = await import('../../report/wording.ts')
  const age = duration(Date.parse(result.finishedAt) - Date.parse(last.time))
  const message = `what cannot be read now was last read in full ${age} ago at the latest, by the last pass that wrote`
  return { ...result, notices: [...result.notices, { code: 'LastKnown', message }] }
}
