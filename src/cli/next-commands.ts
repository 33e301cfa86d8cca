// The commands a plan offers: each of them works, and does something.
import { type Reason, WAITS } from '../engine/index.ts'
import type { Machine } from '../machine.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { isTrustScope } from '../report/scope-title.ts'
import type { DesiredOrganization } from '../spec/desired.ts'
import { cannotWrite } from '../stages/prerequisites/cannot-write.ts'
import { changesIn } from './endings.ts'
import { repeated, shellWord } from './flags.ts'
import { type Invocation, isGiven } from './verb.ts'

/** What next commands depend on beside the result. */
export interface Surroundings {
  readonly ask?: Machine['ask']
  readonly policy?: 'Observe' | 'Enforce'
  readonly desired?: Pick<DesiredOrganization, 'rollouts'>
}

/** The organization that a result is about; undefined for a trust. */
export function organizationOf(
  { scope, organization }: Pick<PassResult, 'scope' | 'organization'>,
  all: readonly DesiredOrganization[],
): DesiredOrganization | undefined {
  return isTrustScope(scope) ? undefined : all.find(({ name }) => name === organization)
}

/** What a person may want to type next. Where there is no terminal to be asked on, `--yes` belongs to it. */
export function nextCommands(
  result: PassResult,
  file: string | undefined,
  invocation: Invocation,
  { ask, policy = 'Enforce', desired }: Surroundings,
): readonly string[] {
  const flags = repeated(invocation, ['config', 'spec', 'previous', 'organization', 'only'])
  const details = isGiven(invocation, 'details') ? [] : [`mailkeel plan${flags} --details`]
  if (changesIn(result.plan) === 0) return []
  if (result.decision === 'blocked') return details
  if (policy === 'Observe') return ['the policy is Observe: apply would write nothing', ...details]
  if (cannotWrite(result.reads)) return ['the account may write nothing: apply would be refused', ...details]
  const isHeld = result.plan.steps.every(({ waits, changes }) => changes.length === 0 || isHold(waits))
  if (isHeld) return [...heldCommand(result, invocation, { ask, desired }), ...details]
  const asked = result.verdicts
    .filter(({ decision, overrides }) => decision === 'override' && overrides === undefined)
    .map(({ guard }) => ` --allow ${guard}`)
  const plan = file === undefined ? '' : ` ${shellWord(file)}`
  return [`mailkeel apply${plan}${ask ? '' : ' --yes'}${flags}${asked.join('')}`, ...details]
}

function isHold(waits: Reason | undefined): boolean {
  return waits !== undefined && HOLDS.has(waits.code)
}

/** What no `apply` passes by itself. */
const HOLDS: ReadonlySet<string> = new Set([WAITS.stopped, WAITS.paused])

/** What lets a rollout go on where all of a plan waits for it. A pause of the configuration has no command. */
function heldCommand(
  { plan }: PassResult,
  invocation: Invocation,
  { ask, desired }: Pick<Surroundings, 'ask'> & { readonly desired: Surroundings['desired'] },
): readonly string[] {
  const flags = repeated(invocation)
  if (plan.steps.some(({ waits }) => waits?.code === WAITS.stopped)) {
    return [`mailkeel test${flags} --failed${ask ? '' : ' --yes'} --wait`]
  }
  const paused = plan.steps.flatMap(({ rollout }) => rollout?.name ?? [])
  const set = paused.find((name) => desired?.rollouts?.get(name)?.paused)
  return set === undefined ? [] : [`mailkeel resume${flags} ${set}`]
}
