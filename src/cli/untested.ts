import type { ObjectConditions } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { STAGE_NAMES } from '../stages/stage-names.ts'

/** Labels of those asked for that are not tested although nothing excepts them, by why. */
export function untestedIn(
  { plan }: PassResult,
  asked: readonly ObjectConditions[],
): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, string[]>()
  if (plan.stages.some(({ stage, incomplete }) => stage === STAGE_NAMES.mailbox && incomplete)) return told
  const isPlanned = new Set(plan.steps.flatMap(({ changes }) => changes.map(({ key }) => key)))
  for (const { key } of plan.exceptions) isPlanned.add(key)
  for (const { key, label, ready } of asked) {
    if (isPlanned.has(key)) continue
    const words = WHY_UNTESTED[ready.code] ?? 'a test is on its way already'
    told.set(words, [...(told.get(words) ?? []), label])
  }
  return told
}

const DOES_NOT_END =
  'a test was asked for and does not end, and CRM takes no second one; `mailkeel explain` tells what to look at'

/** By code of `Ready`; everything else that is not tested has a test on its way. */
const WHY_UNTESTED: Readonly<Record<string, string>> = {
  NotUsed: 'there is nothing to test, no server-side synchronization is in use',
  NotBegun: 'there is nothing to test, server-side synchronization is not in use yet; `mailkeel apply` comes first',
  TestTimedOut: DOES_NOT_END,
  AsyncServiceOff: DOES_NOT_END,
}
