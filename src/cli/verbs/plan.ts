import { resolve } from 'node:path'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import type { PassResult } from '../../reconcile/contract.ts'
import { planEndings } from '../endings.ts'
import { EXIT, type ExitCode, strongest } from '../exit-codes.ts'
import {
  ALLOW,
  CONFIG,
  DETAILS,
  ONLY,
  ORGANIZATION,
  OUTPUT,
  PREVIOUS,
  READ_RESULTS,
  REVISION,
  repeated,
  SPEC,
} from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { type Observation, observed } from '../observation.ts'
import { prepare } from '../session.ts'
import { type Invocation, isGiven, textOf, type Verb } from '../verb.ts'

/** `mailkeel plan` */
export const plan: Verb = {
  name: 'plan',
  summary: 'show what would change, and why',
  flags: [
    CONFIG,
    SPEC,
    REVISION,
    PREVIOUS,
    ORGANIZATION,
    ONLY,
    ALLOW,
    DETAILS,
    READ_RESULTS,
    OUTPUT,
    { syntax: '--out <file>', describe: 'write the plan to a file that `apply` takes; only an older plan is replaced' },
  ],
  examples: [
    { command: 'mailkeel plan', does: 'what would change in all organizations' },
    { command: 'mailkeel plan --only ann@contoso.com --details', does: 'every field of one mailbox' },
    { command: 'mailkeel plan --out plan.json', does: 'to be applied later, exactly as it is' },
    { command: 'mailkeel plan --output markdown', does: 'for the summary of a pipeline' },
  ],
  run: (invocation, machine) => interruptible(machine, 'stopping', (signal) => runPlan(invocation, machine, signal)),
}

async function runPlan(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const prepared = await prepare('plan', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  await checkOut(invocation, machine)
  const tell = async ({ results, presenter }: Observation): Promise<ExitCode> => {
    const file = await writeOut(results, prepared.revision, invocation, machine)
    const code = EXIT[strongest(results.flatMap(planEndings))]
    const { nextCommands, organizationOf } = await import('../next-commands.ts')
    const { policy } = prepared.configuration.spec
    const nextSteps = (result: PassResult) => {
      const desired = organizationOf(result, prepared.organizations)
      const next = nextCommands(result, file, invocation, { ask: machine.ask, policy, ...(desired ? { desired } : {}) })
      return next.length === 0 && result.plan.stages.length > 0 ? [`mailkeel status${repeated(invocation)}`] : next
    }
    presenter.plans(results, nextSteps, { details: isGiven(invocation, 'details') })
    presenter.finish('plan', code, results)
    return code
  }
  return observed(prepared, invocation, machine, signal, tell, { trustAs: 'Planned' })
}

/** Looks before the pass whether the plan may be written where it shall be. Throws UsageError. */
async function checkOut(invocation: Invocation, { workingDirectory }: Machine): Promise<void> {
  const out = textOf(invocation, 'out')
  if (out === undefined) return
  const { checkPlanFilePath, PlanFileError } = await import('../../reconcile/plan-file.ts')
  try {
    await checkPlanFilePath(resolve(workingDirectory, out))
  } catch (error) {
    throw error instanceof PlanFileError ? new UsageError(error.message, { cause: error }) : error
  }
}

async function writeOut(
  results: readonly PassResult[],
  revision: string,
  invocation: Invocation,
  { workingDirectory, now }: Machine,
): Promise<string | undefined> {
  const out = textOf(invocation, 'out')
  if (out === undefined) return undefined
  const { createPlanFile, writePlanFile } = await import('../../reconcile/plan-file.ts')
  await writePlanFile(resolve(workingDirectory, out), createPlanFile(results, revision, now()))
  return out
}
