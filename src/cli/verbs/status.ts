import { statusEndings } from '../endings.ts'
import { EXIT, type ExitCode, strongest } from '../exit-codes.ts'
import { CONFIG, formOf, ORGANIZATION, OUTPUT, repeated, SPEC } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import type { Machine } from '../machine.ts'
import { createProgress } from '../progress.ts'
import { connected, prepare } from '../session.ts'
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
  const [{ withPasses, conditionsBook }, { createPresenter }, { followPasses }, { adviceOn }] = await Promise.all([
    import('../pass-run.ts'),
    import('../presenter.ts'),
    import('../pass-progress.ts'),
    import('../advice.ts'),
  ])
  const form = formOf(invocation)
  const display = createProgress(machine)
  const progress = followPasses(display)
  const { configuration, organizations } = prepared
  const connection = { configuration, organizations, writing: false, machine, onEvent: progress.onCrmEvent }
  return connected(connection, async (composition) => {
    const input = { prepared, composition, invocation, machine, progress, signal }
    const results = await withPasses('plan', input, (runOnce) => runOnce({ mode: 'plan' }))
    display.clear()
    const conditionsOf = conditionsBook()
    const presenter = createPresenter({
      form,
      scopes: composition.scopes,
      conditionsOf,
      machine,
      advise: adviceOn(configuration),
    })
    const code = EXIT[strongest(results.flatMap((result) => statusEndings(result, conditionsOf(result))))]
    const flags = repeated(invocation)
    presenter.states(results, ({ plan }) => (plan.steps.length > 0 ? [`mailkeel plan${flags}`] : []))
    presenter.finish('status', code, results)
    return code
  })
}
