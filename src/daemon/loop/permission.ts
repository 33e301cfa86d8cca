// Whether a pass may write. Looking is always allowed.
import type { Reason } from '../../engine/index.ts'
import type { PassResult } from '../../reconcile/contract.ts'

/** Whether a change window is open; where none is, when the next one opens. */
export type WindowState =
  | { readonly open: true }
  | { readonly open: false; readonly reason: Reason; readonly opensAt?: Date }

/** Everything that has a say. */
export interface PermissionInput {
  readonly policy: 'Observe' | 'Enforce'
  /** Why nothing can be written down. */
  readonly fault: Reason | undefined
  readonly window: WindowState
  /** Another replica writes here. */
  readonly isElsewhere: boolean
}

/** How a pass runs; `held` says why it only plans although the policy is Enforce. */
export interface Permission {
  readonly mode: 'plan' | 'apply'
  readonly held?: Reason
  /** When that is over, where it is known. */
  readonly until?: Date
}

/** Decides. */
export function permissionOf({ policy, fault, window, isElsewhere }: PermissionInput): Permission {
  if (policy === 'Observe' || isElsewhere) return { mode: 'plan' }
  if (fault) return { mode: 'plan', held: fault }
  if (window.open) return { mode: 'apply' }
  return { mode: 'plan', held: window.reason, ...(window.opensAt ? { until: window.opensAt } : {}) }
}

/** Why a pass that might have written did not, or not all: the spec holds the scope, or a guard objects. */
export function heldBy(
  { mode, held }: Permission,
  result: PassResult,
  suspended: Reason | undefined,
): Reason | undefined {
  if (held) return held
  if (mode === 'plan') return undefined
  if (suspended) return suspended
  const objection = result.verdicts.find(({ decision }) => decision === result.decision)
  if (result.failure || result.decision === 'allow' || !objection) return undefined
  return { code: result.decision === 'blocked' ? 'GuardBlocks' : 'OverrideNeeded', message: objection.message }
}
