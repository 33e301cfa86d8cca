// Running passes for a verb: state opened and closed, guards and flags put in, progress shown.

import type { Composition } from '../compose/compose.ts'
import { UsageError } from '../compose/usage-error.ts'
import type { ObjectConditions } from '../engine/index.ts'
import type { Machine } from '../machine.ts'
import { conditionsOf } from '../reconcile/conditions.ts'
import type { PassOptions, PassResult } from '../reconcile/contract.ts'
import { fightRule } from '../reconcile/fights.ts'
import { GUARD_NAMES } from '../reconcile/guards.ts'
import { OnlyError, onlyRule } from '../reconcile/only.ts'
import { runPass } from '../reconcile/pass.ts'
import type { PassEnvironment } from '../reconcile/run.ts'
import { openState, type State } from '../reconcile/state.ts'
import { isTrustScope } from '../report/scope-title.ts'
import { organizationEndpoint } from '../spec/configuration/load.ts'
import type { PassProgress } from './pass-progress.ts'
import type { Prepared } from './session.ts'
import { type Invocation, listOf } from './verb.ts'

/** What passes are run with. */
export interface PassRunInput {
  readonly prepared: Prepared
  readonly composition: Composition
  readonly invocation: Invocation
  readonly machine: Machine
  readonly progress: PassProgress
  readonly signal: AbortSignal
  /** In place of what `--only` says. */
  readonly only?: PassOptions['only']
  /** What organizations are told of their trust by a pass that only plans. */
  readonly trustAs?: PassOptions['trustAs']
}

/** Runs one pass over all scopes. `approved`: only these changes. */
export type RunOnce = (options: Pick<PassOptions, 'mode' | 'approved'>) => Promise<readonly PassResult[]>

/** Opens the state, runs `work`, closes the state. Throws UsageError for guards and selections that do not exist. */
export async function withPasses<T>(
  mode: PassOptions['mode'],
  input: PassRunInput,
  work: (runOnce: RunOnce, state: State) => Promise<T>,
): Promise<T> {
  const { prepared, composition, invocation, machine, progress, signal, trustAs } = input
  const { now, newId } = machine
  const allow = allowedGuards(listOf(invocation, 'allow'))
  const only = input.only ?? onlyOf(listOf(invocation, 'only'), composition)
  const by = await machine.user()
  const state = await openState({ directory: prepared.stateDirectory, mode, now, newId })
  const { guards } = composition
  const permits = (scope: string, at: Date) => prepared.permits.get(scope)?.(at) ?? []
  const fights = fightRule(prepared.configuration.spec)
  const environment: PassEnvironment = { guards, permits, fights, ...state, now, newId }
  // A guard is passed for the changes of the first pass, which a person saw or asked for; what turns up later is judged anew.
  let allowedIds: ReadonlySet<string> | undefined
  try {
    return await work(async (options) => {
      const results = await runPass(
        composition.scopes,
        {
          ...options,
          revision: prepared.revision,
          allow,
          ...(allowedIds ? { allowedIds } : {}),
          by,
          ...(only ? { only } : {}),
          ...(trustAs ? { trustAs } : {}),
          signal,
          onEvent(event) {
            composition.carried?.onPassEvent(event)
            progress.onPassEvent(event)
          },
        },
        environment,
        composition.trusts,
      )
      // Where nobody allowed anything there is nothing to confine.
      if (allow.size > 0) allowedIds ??= new Set(results.flatMap(idsOf))
      return results.map((result) => withNotices(result, prepared))
    }, state)
  } finally {
    await state.close()
  }
}

function idsOf({ plan }: PassResult): readonly string[] {
  return plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id))
}

/** A result with what was to be said before the pass, and with what its reads say of the accounts. */
function withNotices(result: PassResult, { notices, configuration }: Prepared): PassResult {
  const known = isTrustScope(result.scope) ? undefined : notices.get(result.organization)
  if (known === undefined) return result
  return { ...result, notices: [...result.notices, ...known, ...readOnlyNotices(result, configuration)] }
}

/** Applying will fail where the one account there is may write nothing; that is told while it is only planned. */
function readOnlyNotices(result: PassResult, configuration: Prepared['configuration']): PassResult['notices'] {
  const endpoint = organizationEndpoint(configuration, result.organization)
  const isSame = endpoint !== undefined && (endpoint.writing ?? endpoint.reading) === endpoint.reading
  if (configuration.spec.policy !== 'Enforce' || !isSame) return []
  if (!isReadOnly(result)) return []
  const message = `the identity \`${endpoint.reading}\` may write nothing in CRM, and it is the one that writes; name another as \`organizations.${result.organization}.writing\``
  return [{ code: READ_ONLY, message }]
}

function isReadOnly({ reads }: PassResult): boolean {
  for (const read of reads.values()) {
    if (!read.complete) continue
    for (const { ready } of read.rows.values()) if (ready?.code === READ_ONLY) return true
  }
  return false
}

/** Code of the check that finds an account without any right to write. */
const READ_ONLY = 'ReadOnlyAccount'

function allowedGuards(names: readonly string[]): ReadonlySet<string> {
  const unknown = names.find((name) => !GUARD_NAMES.includes(name))
  if (unknown !== undefined) throw new UsageError(`there is no guard "${unknown}"; there are ${GUARD_NAMES.join(', ')}`)
  return new Set(names)
}

/** What `--only` keeps, as a rule; undefined where it was not given. Throws UsageError. */
export function onlyOf(values: readonly string[], { scopes, trusts }: Composition): PassOptions['only'] {
  if (values.length === 0) return undefined
  const writing = [...(scopes[0]?.stages ?? []), ...(trusts[0]?.stages ?? [])].filter(({ mode }) => mode === 'writes')
  const stages = writing.map(({ name }) => name)
  try {
    return onlyRule(values, scopes, stages, trusts)
  } catch (error) {
    if (error instanceof OnlyError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}

/** Conditions of a result, worked out once. With `only`, those of objects that it leaves out are left out too; checks are of all. */
export function conditionsBook(only?: PassOptions['only']): (result: PassResult) => readonly ObjectConditions[] {
  const known = new WeakMap<PassResult, readonly ObjectConditions[]>()
  const selected = (result: PassResult) => {
    const all = conditionsOf(result)
    if (!only) return all
    const writing = result.plan.stages.filter(({ mode }) => mode === 'writes')
    return all.filter(({ kind, key }) => {
      const stages = writing.filter((one) => one.kind === kind)
      return stages.length === 0 || stages.some(({ stage }) => only({ stage, kind, key }, result.scope))
    })
  }
  return (result) => {
    const conditions = known.get(result) ?? selected(result)
    known.set(result, conditions)
    return conditions
  }
}
