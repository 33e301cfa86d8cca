import type { Composition } from '../compose/compose.ts'
import type { RunwayOfResult } from '../compose/runway.ts'
import type { ObjectConditions } from '../engine/index.ts'
import type { Machine } from '../machine.ts'
import type { PassOptions, PassResult } from '../reconcile/contract.ts'
import type { ExitCode } from './exit-codes.ts'
import { brought, formOf } from './flags.ts'
import type { Presenter } from './presenter.ts'
import { createProgress } from './progress.ts'
import { connected, type Prepared } from './session.ts'
import { type Invocation, listOf } from './verb.ts'

/** What one pass that only reads came to, and how to tell it. */
export interface Observation {
  readonly results: readonly PassResult[]
  /** What the pass ran over. */
  readonly composition: Composition
  readonly presenter: Presenter
  readonly conditionsOf: (result: PassResult) => readonly ObjectConditions[]
  readonly runwayOf: RunwayOfResult
}

/** How a pass that only reads is run. */
export interface ObservationOptions {
  /** May change what the pass runs over, once connected. */
  readonly arrange?: (composition: Composition) => Promise<Composition>
  /** What organizations are told of their trust. Default: what is observed. */
  readonly trustAs?: PassOptions['trustAs']
}

/**
 * Runs one pass without a writer and hands over what it came to. What it needs is loaded here, not at start-up.
 */
export async function observed(
  prepared: Prepared,
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
  tell: (observation: Observation) => Promise<ExitCode> | ExitCode,
  { arrange, trustAs = 'Observed' }: ObservationOptions = {},
): Promise<ExitCode> {
  const [
    { withPasses, conditionsBook, onlyOf },
    { createPresenter },
    { followPasses },
    { adviceOn },
    { runwayOfResults },
  ] = await Promise.all([
    import('./pass-run.ts'),
    import('./presenter.ts'),
    import('./pass-progress.ts'),
    import('../compose/advice.ts'),
    import('../compose/runway.ts'),
  ])
  const form = formOf(invocation)
  const display = createProgress(machine)
  const progress = followPasses(display)
  const { configuration, organizations, trusts } = prepared
  const connection = {
    configuration,
    organizations,
    trusts,
    writing: false,
    machine,
    ...brought(invocation, machine),
    onEvent: progress.onCrmEvent,
  }
  return connected(connection, async (connection) => {
    const composition = arrange ? await arrange(connection) : connection
    const input = { prepared, composition, invocation, machine, progress, signal, trustAs }
    const results = await withPasses('plan', input, (runOnce) => runOnce({ mode: 'plan' }))
    display.clear()
    const conditionsOf = conditionsBook(onlyOf(listOf(invocation, 'only'), composition))
    const { scopes, trusts } = composition
    const told = { advise: adviceOn(configuration), runwayOf: runwayOfResults(configuration, scopes) }
    const presenter = createPresenter({ form, scopes, trusts, conditionsOf, machine, ...told })
    return tell({ results, composition, presenter, conditionsOf, runwayOf: told.runwayOf })
  })
}
