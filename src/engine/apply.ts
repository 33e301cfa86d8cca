// Applying a plan, step by step. Nothing here waits for what the remote system does afterwards (a test, a replication).
import type { ApplyInput } from './apply-input.ts'
import { applyStep } from './apply-step.ts'
import { type Change, isApproved } from './change.ts'
import { onlyStops } from './gate.ts'
import type { Key, Reason } from './observation.ts'
import { type Outcome, succeeded } from './outcome.ts'
import type { Plan } from './plan.ts'
import type { Dependency } from './stage.ts'

/**
 * Applies a plan and returns one outcome per change. One object that fails never stops another. Throws only where the journal cannot
 * be written: then nothing more is sent. Cancelling ends what is under way and leaves the rest `Cancelled`. Steps that wait are left for
 * a later pass: they have no outcomes.
 */
export async function applyPlan<D, Reader, Writer>(input: ApplyInput<D, Reader, Writer>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const failed = notApproved(input)
  const blocked = (change: Change) => (onlyStops(change) ? undefined : failureAmong(change.needs, failed))
  for (const step of input.plan.steps) {
    const stage = input.stages.find(({ name }) => name === step.stage)
    if (!stage) throw new TypeError(`the plan names a stage that does not exist: ${step.stage}`)
    if (step.waits) continue
    const { approved } = input
    const changes = approved ? step.changes.filter((change) => isApproved(change, approved)) : step.changes
    input.onEvent?.({ type: 'step', stage: step.stage, changes: changes.length })
    for await (const concluded of applyStep(input, stage, changes, blocked)) {
      for (const outcome of concluded) {
        outcomes.push(outcome)
        if (!succeeded(outcome)) failed.set(subject(outcome.stage, outcome.key), failureOf(outcome))
      }
      input.onEvent?.({ type: 'outcomes', stage: step.stage, outcomes: concluded })
    }
  }
  return outcomes
}

/** Objects that will not be created, or not be updated where that is needed, because nobody approved it: what needs them waits too. */
function notApproved({
  plan,
  approved,
}: {
  readonly plan: Plan
  readonly approved?: ReadonlySet<string>
}): Map<string, Reason> {
  const missing = new Map<string, Reason>()
  if (!approved) return missing
  const changes = plan.steps.flatMap((step) => step.changes)
  const updated = new Set(
    changes.flatMap(({ needs }) => needs.filter((need) => need.updated).map(({ stage, key }) => subject(stage, key))),
  )
  for (const change of changes) {
    const { action, stage, key, label } = change
    const matters = action === 'create' || updated.has(subject(stage, key))
    if (!matters || isApproved(change, approved)) continue
    missing.set(subject(stage, key), {
      code: 'NotApproved',
      message: `needs ${label}, whose ${action === 'create' ? 'creation' : 'update'} is not among the approved changes`,
    })
  }
  return missing
}

function failureAmong(needs: readonly Dependency[], failed: ReadonlyMap<string, Reason>): Reason | undefined {
  return needs.map(({ stage, key }) => failed.get(subject(stage, key))).find(Boolean)
}

function failureOf({ label, result, reason }: Outcome): Reason {
  return { code: reason?.code ?? result, message: `needs ${label}: ${reason?.message ?? result}` }
}

function subject(stage: string, key: Key): string {
  return `${stage}\n${key}`
}
