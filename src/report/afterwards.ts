// A pass that wrote holds the plan as it was before. What is told afterwards is what is left of it.
import { succeeded } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'

/** The result with what took effect no longer planned: it counts as in sync. A pass that wrote nothing stays as it is. */
export function afterwards(result: PassResult): PassResult {
  const { plan, outcomes } = result
  if (!outcomes || outcomes.length === 0) return result
  const done = new Set(outcomes.filter(succeeded).map(({ id }) => id))
  const doneIn = new Map<string, number>()
  const steps = plan.steps.flatMap((step) => {
    const changes = step.changes.filter(({ id }) => !done.has(id))
    doneIn.set(step.stage, (doneIn.get(step.stage) ?? 0) + step.changes.length - changes.length)
    return changes.length === 0 ? [] : [{ ...step, changes }]
  })
  const stages = plan.stages.map((summary) => {
    const settled = doneIn.get(summary.stage) ?? 0
    return { ...summary, changes: summary.changes - settled, inSync: summary.inSync + settled }
  })
  return { ...result, plan: { ...plan, steps, stages } }
}
