// Explanations of a simulated organization, as the command `explain` makes them: from a pass that only reads.
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { lookUpAddress } from '../../src/reconcile/look-up.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import { openState } from '../../src/reconcile/state.ts'
import { type ExplainInput, type Explanation, explainAbsent, explainObject } from '../../src/report/explain-view.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import type { Stack } from './stack.ts'

/** What explaining works on, of a pass of this stack. */
export function explainInput(stack: Stack, result: PassResult, desired: DesiredOrganization): ExplainInput {
  const { stages } = stack.scopeOf(desired)
  const conditions = conditionsOf(result)
  return { result, desired, stages, conditions, policy: 'Enforce', applyCommand: 'mailkeel apply' }
}

/** Explains a mailbox that the spec names. */
export function explainMember(input: ExplainInput, address: string): Explanation {
  const origin = input.desired.mailboxes.get(address)?.origin
  return explainObject(input, { kind: 'Mailbox', key: address, label: address, ...(origin && { origin }) })
}

/** Explains an address that the spec does not name. Throws where anything would be changed for it. */
export async function explainStranger(
  stack: Stack,
  desired: DesiredOrganization,
  address: string,
): Promise<Explanation> {
  const { signal } = new AbortController()
  const found = await lookUpAddress(address, stack.scopeOf(desired), signal)
  if (!found.isKnown) return explainAbsent({ organization: desired.name, revision: 'r1', address, ...found })
  const now = () => stack.simulator.world.now()
  const state = await openState({ directory: stack.stateDirectory, mode: 'plan', now, newId: () => 'p' })
  const environment = { guards: () => [], memory: state.memory, openJournal: state.openJournal, now, newId: () => 'p' }
  const options = { revision: 'r1', mode: 'plan', allow: new Set<string>(), signal } as const
  const [result] = await runPass([found.scope], options, environment)
  await state.close()
  if (!result) throw new Error('no result')
  const changed = result.plan.steps.flatMap(({ changes }) => changes).filter(({ key }) => key === address)
  if (changed.length > 0) throw new Error(`${address} is not in the spec, and ${changed.length} changes are planned`)
  const target = { kind: 'Mailbox', key: address, label: address, unmanaged: true } as const
  return explainObject(explainInput(stack, result, found.scope.desired), target)
}

/** The link that counts. */
export function firstBroken({ links }: Explanation): string | undefined {
  return links.find(({ isFirst }) => isFirst)?.name
}
