import type { ObjectConditions } from '../engine/index.ts'
import { checkRemarks, failedChecksInWords, isCheckIn } from './checks.ts'
import { healthInWords, NOT_CHECKED } from './health.ts'
import {
  exceptionsToTell,
  heldBySpec,
  nounOfKind,
  nounOfStage,
  OBJECTIONS,
  type ReportInput,
  unreadRemarks,
  wrongOrganizationInWords,
} from './plan-view.ts'
import { type Remark, remarksOnExceptions, remarksOnReadiness } from './remarks.ts'
import { remarksOnPace, rolloutsInWords } from './rollouts.ts'
import { type RunwayLine, runwayInWords } from './runway.ts'
import { isTrustScope, titleOf } from './scope-title.ts'
import { stagesInWords, unmanagedByReason } from './status-counts.ts'
import { withoutAskedFor } from './trust-remarks.ts'
import { isTrustBroken, trustInWords } from './trust-words.ts'
import { count, duration, short } from './wording.ts'

/** How one organization is, ready to be told. */
export interface StatusView {
  /** What it is about, see `titleOf`. */
  readonly title: string
  readonly revision: string
  /** `380 of 412 mailboxes healthy, 32 fail, 12 changes planned`. */
  readonly headline: string
  readonly tone: 'calm' | 'trouble' | 'unknown'
  /** Causes of what does not work, the most frequent first. */
  readonly failing: readonly Remark[]
  /** What cannot be told yet, for example because a test runs. */
  readonly pending: readonly Remark[]
  /** How far rollouts are, and what holds them back. */
  readonly rollouts: readonly Remark[]
  /** What the plan could not settle: waiting, held, blocked, unknown. */
  readonly remarks: readonly Remark[]
  readonly unread: readonly Remark[]
  /** What a person should know beside, and why the pass ended early where it did. */
  readonly notes: readonly string[]
  /** How long the connection has. */
  readonly runway: readonly RunwayLine[]
  /** `approval 401 of 412 in sync, 3 to change, 8 waiting`: stages that have anything to tell; all of them where `details` are asked for. */
  readonly stages: readonly string[]
  /** What nobody manages, by reason. */
  readonly unmanaged: readonly string[]
}

/** Works out what there is to say about the state of an organization. */
export function viewStatus(input: ReportInput & { readonly conditions: readonly ObjectConditions[] }): StatusView {
  const { result, conditions, vocabulary } = input
  const { plan, revision, startedAt, finishedAt, notices, failure } = result
  const excepted = keysByKind(plan.exceptions)
  const isCheck = isCheckIn(plan)
  const settled = conditions.filter(
    (object) =>
      object.ready.code !== NOT_CHECKED && !isCheck(object) && excepted.get(object.kind)?.has(object.key) !== true,
  )
  const failing = remarksOnReadiness(settled, 'False', 'failing', nounOfKind(vocabulary))
  // What could not be read is told once, above its objects.
  const unreadWhy = new Set(plan.stages.map(({ incomplete }) => incomplete?.message))
  const unsettled = settled.filter(({ ready }) => !unreadWhy.has(ready.message))
  const pending = remarksOnReadiness(unsettled, 'Unknown', 'pending', nounOfKind(vocabulary))
  const unread = unreadRemarks(input)
  const changes = plan.steps.reduce((sum, step) => sum + step.changes.length, 0)
  const remarks = remarksOnExceptions(exceptionsToTell(result), nounOfStage(vocabulary))
  const checks = checkRemarks(plan, conditions, nounOfKind(vocabulary), [...remarks, ...failing])
  const health = healthInWords(isTrustScope(result.scope) ? withoutAskedFor(plan) : plan, conditions)
  const wrong = wrongOrganizationInWords(result)
  const took = `checked in ${duration(Date.parse(finishedAt) - Date.parse(startedAt))}`
  const parts = [
    failure ? `ended early: ${failure.message}` : '',
    ...(health.length === 0 && unread.length > 0 ? ['state unknown'] : []),
    ...trustInWords(result),
    ...health,
    failedChecksInWords(checks.failed),
    OBJECTIONS[result.decision],
    changes > 0 ? `${count(changes, { one: 'change', many: 'changes' })} planned` : '',
    rolloutsInWords(result),
    took,
  ]
  const calm =
    failing.length === 0 &&
    plan.exceptions.every(({ bySpec }) => bySpec === true) &&
    checks.failed.length === 0 &&
    !isTrustBroken(result)
  return {
    title: titleOf(result),
    revision: short(revision),
    headline: (wrong === '' ? parts : [wrong, took]).filter((part) => part !== '').join(', '),
    tone: failure || wrong !== '' || unread.length > 0 ? 'unknown' : calm ? 'calm' : 'trouble',
    failing,
    pending,
    rollouts: remarksOnPace(input, nounOfStage(vocabulary)).map((remark) => withoutTold(remark, failing)),
    remarks: [...remarks, ...heldBySpec(input), ...checks.failed, ...checks.advice],
    unread,
    notes: notices.map(({ message }) => message),
    runway: runwayInWords(input.runway ?? []),
    stages: stagesInWords(plan),
    unmanaged: unmanagedByReason(plan, nounOfStage(vocabulary)),
  }
}

/** By kind and then by key: one text made of both would be made anew for each of tens of thousands of mailboxes. */
function keysByKind(
  objects: readonly { readonly kind: string; readonly key: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const kinds = new Map<string, Set<string>>()
  for (const { kind, key } of objects) kinds.set(kind, (kinds.get(kind) ?? new Set<string>()).add(key))
  return kinds
}

/** A remark without the cause and the advice that another tells already. */
function withoutTold(remark: Remark, told: readonly Remark[]): Remark {
  const cause = told.map(({ text }) => text.slice(text.indexOf(': '))).find((why) => remark.text.endsWith(why))
  const advice = told.flatMap(({ next }) => next ?? []).find((next) => remark.next?.startsWith(next))
  const text = cause === undefined ? remark.text : remark.text.slice(0, -cause.length)
  const next = advice === undefined ? remark.next : remark.next?.slice(advice.length).trim()
  const { next: _, ...rest } = remark
  return next === undefined || next === '' ? { ...rest, text } : { ...rest, text, next }
}

/** True where anything is known not to work or not to be in order. */
export function somethingFails(conditions: readonly ObjectConditions[]): boolean {
  return conditions.some(({ ready }) => ready.status === 'False')
}
