// Which exit code a pass comes to. Each of these functions says all that holds; the strongest of it is the exit code.
import type { ObjectConditions, Plan } from '../engine/index.ts'
import { READY_SOON } from '../reconcile/conditions.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { someMailboxFails } from '../report/health.ts'
import { somethingFails } from '../report/status-view.ts'
import type { ExitName } from './exit-codes.ts'

/** Number of changes of a plan. */
export function changesIn({ steps }: Plan): number {
  return steps.reduce((sum, { changes }) => sum + changes.length, 0)
}

function isUnknown({ plan, outcomes }: PassResult): boolean {
  return (
    plan.stages.some(({ incomplete }) => incomplete !== undefined) ||
    plan.exceptions.some(({ state, reason }) => state === 'Unknown' && !isAwaited(reason)) ||
    (outcomes ?? []).some(({ result }) => result === 'Unknown')
  )
}

/** What a person brings from a server is not unknown for good: it waits. */
function awaitsPerson({ plan, outcomes = [] }: PassResult): boolean {
  return [...plan.exceptions, ...outcomes].some(({ reason }) => isAwaited(reason))
}

function isAwaited(reason: { readonly code: string } | undefined): boolean {
  return reason?.code === 'AwaitingResults'
}

/** What holds after `plan`. */
export function planEndings(result: PassResult): readonly ExitName[] {
  const endings: ExitName[] = []
  if (result.failure) endings.push('error')
  if (isUnknown(result) || awaitsPerson(result)) endings.push('unknown')
  if (result.decision === 'blocked' || hasBlocked(result)) endings.push('blocked')
  if (result.decision === 'override') endings.push('override')
  if (changesIn(result.plan) > 0) endings.push('changes')
  return endings
}

/** What `applyEndings` must know of the run beside its last pass. */
export interface ApplyRun {
  /** The run was to wait, so what is still pending counts as waiting. */
  readonly awaited: boolean
  /** An earlier pass of the run wrote something: what is blocked then is a part of what was to be done. */
  readonly wrote?: boolean
}

/** What holds after `apply`. A run that had nothing to do and was to wait for nothing says of mailboxes as little as a plan does. */
export function applyEndings(
  result: PassResult,
  conditions: readonly ObjectConditions[],
  { awaited, wrote = false }: ApplyRun,
): readonly ExitName[] {
  const endings: ExitName[] = []
  const outcomes = result.outcomes ?? []
  if (result.failure || outcomes.some(({ result: came }) => came === 'Cancelled')) endings.push('error')
  if (isUnknown(result)) endings.push('unknown')
  if (awaitsPerson(result)) endings.push('partly')
  if (result.decision === 'blocked' || (!wrote && outcomes.length === 0 && hasBlocked(result))) endings.push('blocked')
  if (result.decision === 'override') endings.push('override')
  if (!awaited && outcomes.length === 0 && changesIn(result.plan) === 0) return endings
  const unfinished = outcomes.some(
    ({ result: came, reason }) => (came !== 'Applied' && came !== 'AlreadyDone') || reason,
  )
  const cared = notHeldBySpec(result, conditions)
  if (unfinished || isException(result) || someMailboxFails(cared)) endings.push('partly')
  if (awaited && cared.some(({ ready }) => READY_SOON.has(ready.code))) endings.push('partly')
  if (result.decision === 'allow' && changesIn(result.plan) > outcomes.length) endings.push('partly')
  return endings
}

/**
 * What holds of a run as a whole. While a person has to carry scripts to servers, what only waits for the trust waits for that person too, and
 * is not blocked.
 */
export function endingsTogether(
  results: readonly PassResult[],
  endings: readonly ExitName[],
  trustWaits: boolean,
): readonly ExitName[] {
  const isBlocked = results.some(
    ({ decision, plan }) =>
      decision === 'blocked' ||
      plan.exceptions.some(({ state, reason }) => state === 'Blocked' && !WAITS_WITH_TRUST.has(reason.code)),
  )
  if (!trustWaits || isBlocked) return endings
  return [...endings.filter((name) => name !== 'blocked'), 'partly']
}

/** Why objects are blocked that only wait for their trust. */
const WAITS_WITH_TRUST: ReadonlySet<string> = new Set(['TrustBroken', 'TrustUnknown', 'AwaitingResults'])

/** What holds after `status`. */
export function statusEndings(result: PassResult, conditions: readonly ObjectConditions[]): readonly ExitName[] {
  const endings: ExitName[] = []
  if (result.failure) endings.push('error')
  if (isUnknown(result)) endings.push('unknown')
  if (awaitsPerson(result)) endings.push('partly')
  if (isException(result) || somethingFails(notHeldBySpec(result, conditions))) endings.push('partly')
  if (changesIn(result.plan) > 0) endings.push('changes')
  return endings
}

/** What the spec itself holds back is as it was asked for. */
function isException({ plan }: PassResult): boolean {
  return plan.exceptions.some(({ bySpec }) => bySpec !== true)
}

/** What is held back and not as the spec says cannot work before that ends; it is told as held. */
function notHeldBySpec({ plan }: PassResult, conditions: readonly ObjectConditions[]): readonly ObjectConditions[] {
  const held = new Set(plan.exceptions.flatMap(({ kind, key, bySpec }) => (bySpec ? [`${kind} ${key}`] : [])))
  return held.size === 0 ? conditions : conditions.filter(({ kind, key }) => !held.has(`${kind} ${key}`))
}

function hasBlocked({ plan }: PassResult): boolean {
  return plan.exceptions.some(({ state }) => state === 'Blocked')
}
