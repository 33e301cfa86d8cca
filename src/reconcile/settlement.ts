import { type ObjectConditions, type Outcome, WAITS } from '../engine/index.ts'
import { conditionsOf, READY_SOON } from './conditions.ts'
import type { PassResult } from './contract.ts'

/** Whether another pass would find something to do or to see. `unclear`: part of the state could not be read. */
export type Settlement = 'settled' | 'waiting' | 'unclear'

/** Codes of failures that go away by themselves. */
const TRANSIENT: ReadonlySet<string> = new Set([
  'Throttled',
  'Unavailable',
  'Unreachable',
  'TimedOut',
  'Conflict',
  'Incomplete',
])

/** What all scopes together come to: waiting where one waits, else unclear where one is. `conditions` are those of what was selected. */
export function settlementOf(
  results: readonly PassResult[],
  conditions: (result: PassResult) => readonly ObjectConditions[] = conditionsOf,
): Settlement {
  const all = new Set(results.map((result) => settlementOfScope(result, conditions(result))))
  return all.has('waiting') ? 'waiting' : all.has('unclear') ? 'unclear' : 'settled'
}

function settlementOfScope(result: PassResult, conditions: readonly ObjectConditions[]): Settlement {
  // A guard that objects waits for a person, not for another pass.
  if (result.failure || result.decision !== 'allow') return 'settled'
  if (result.outcomes?.some(changesSomething)) return 'waiting'
  if (conditions.some(({ ready }) => ready.status === 'Unknown' && READY_SOON.has(ready.code))) return 'waiting'
  // Tests of others end too. A turn that waits for what no pass can change, a stop and a pause wait for a person.
  if (result.plan.steps.some(({ waits }) => waits?.code === WAITS.place)) return 'waiting'
  const unread = result.plan.stages.some(({ incomplete }) => incomplete && TRANSIENT.has(incomplete.code))
  return unread ? 'unclear' : 'settled'
}

/**
 * True where the next pass would look different: something was written, the object moved meanwhile, or a failure may have passed.
 * A refused write, and one that has no effect, would only be repeated; a blocked one waits for those.
 */
function changesSomething({ result, reason }: Outcome): boolean {
  if (result === 'Failed' || result === 'Blocked') return reason !== undefined && TRANSIENT.has(reason.code)
  return result !== 'WriteNotEffective' && result !== 'AlreadyDone'
}
