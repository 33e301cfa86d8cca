// What there is to say about a pass, before it is said in any form. A view holds names as they came; whoever prints it escapes them.
import { type Exception, type GuardVerdict, type ObjectConditions, type Plan, stoppedKeys } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { DesiredOrganization } from '../spec/desired.ts'
import type { RunwayItem } from '../trust/runway.ts'
import { checkRemarks, failedChecksInWords } from './checks.ts'
import { healthInWords, nothingIsInSync, someMailboxFails } from './health.ts'
import { MAILBOX_KIND, peopleInWords, touchedInWords } from './people.ts'
import { policyRemarks } from './policy-remarks.ts'
import { type Remark, remarksOnExceptions } from './remarks.ts'
import { estimateInWords, remarksOnPace } from './rollouts.ts'
import { type RunwayLine, runwayInWords } from './runway.ts'
import { isTrustScope, titleOf } from './scope-title.ts'
import { type Sentence, sentencesOf } from './sentences.ts'
import { trustRemarks, withoutAskedFor } from './trust-remarks.ts'
import { isTrustBroken, trustInWords } from './trust-words.ts'
import type { Vocabulary } from './vocabulary.ts'
import { count, duration, type Noun, sentenceList, short } from './wording.ts'

/** What a report about one organization is made of. */
export interface ReportInput {
  readonly result: PassResult
  readonly desired: Pick<DesiredOrganization, 'mailboxes' | 'profiles' | 'rollouts' | 'suspend'>
  readonly vocabulary: Vocabulary
  /** Of all managed objects, where they were worked out. */
  readonly conditions?: readonly ObjectConditions[]
  /** What the run is for: `tests` where it asks for tests and changes nothing else. Default: changes. */
  readonly about?: 'changes' | 'tests'
  /** What a person may do where an organization could not be read, by the code of the failure. */
  readonly advise?: (organization: string, code: string) => string | undefined
  /** What ends by itself, the earliest first; absent where nothing is counted down. */
  readonly runway?: readonly RunwayItem[]
}

/** A plan, ready to be told. */
export interface PlanView {
  /** What it is about, see `titleOf`. */
  readonly title: string
  readonly revision: string
  /** After the name and revision, for example `41 changes for 27 people, nothing stops`. */
  readonly headline: string
  readonly tone: 'calm' | 'changes' | 'stopped'
  readonly sentences: readonly Sentence[]
  /** In which waves changes go out, and what waits for a person or for its turn. */
  readonly rollouts: readonly Remark[]
  readonly remarks: readonly Remark[]
  /** Sets that could not be read, by what was tried. */
  readonly unread: readonly Remark[]
  /** What a person should know beside the plan, and why the pass ended early where it did. */
  readonly notes: readonly string[]
  /** What this version leaves alone of what was written down: told where a plan is told in full. */
  readonly asides: readonly string[]
  /** How long the connection has; told only where there is something else to tell, or somebody must act. */
  readonly runway: readonly RunwayLine[]
  /** `118 mailboxes`; empty where everything is managed. */
  readonly unmanaged: string
  readonly guards: readonly GuardVerdict[]
  readonly decision: GuardVerdict['decision']
  readonly changes: number
  /** Hash of the plan; empty where nobody can use it. */
  readonly digest: string
  /** Some mailbox, or the trust, is known not to work. */
  readonly fails: boolean
}

const OBJECT: Noun = { one: 'object', many: 'objects' }
const CHANGE: Noun = { one: 'change', many: 'changes' }
const TEST: Noun = { one: 'test', many: 'tests' }

/** What a run counts: changes, or tests where it asks for nothing else. */
export function countedBy({ about }: Pick<ReportInput, 'about'>): Noun {
  return about === 'tests' ? TEST : CHANGE
}

/** The noun of a stage; `object` where the vocabulary has none. */
export function nounOfStage({ byStage }: Vocabulary): (stage: string) => Noun {
  return (stage) => byStage.get(stage) ?? OBJECT
}

/** The noun of a kind; `object` where the vocabulary has none. */
export function nounOfKind({ byKind }: Vocabulary): (kind: string) => Noun {
  return (kind) => byKind.get(kind) ?? OBJECT
}

/** Works out what there is to say about a plan. */
export function viewPlan(input: ReportInput): PlanView {
  const { plan, verdicts, decision, revision, notices, failure } = input.result
  const nounOf = nounOfStage(input.vocabulary)
  const changes = plan.steps.reduce((sum, step) => sum + step.changes.length, 0)
  const excepted = remarksOnExceptions(exceptionsToTell(input.result), nounOf)
  const checks = checkRemarks(plan, input.conditions ?? [], nounOfKind(input.vocabulary), excepted)
  const unread = unreadRemarks(input)
  return {
    title: titleOf(input.result),
    revision: short(revision),
    headline: headline(input, changes, unread, checks.failed),
    tone: failure || unread.length > 0 || decision !== 'allow' ? 'stopped' : changes > 0 ? 'changes' : 'calm',
    sentences: planSentences(plan, nounOf),
    rollouts: remarksOnPace(input, nounOf),
    remarks: [...excepted, ...heldBySpec(input), ...checks.failed],
    unread,
    notes: notices.filter(({ code }) => !ASIDES.has(code)).map(({ message }) => message),
    asides: notices.filter(({ code }) => ASIDES.has(code)).map(({ message }) => message),
    runway: runwayInWords(input.runway ?? []),
    unmanaged: unmanagedInWords(plan, nounOf),
    guards: verdicts.filter(({ message }) => message !== ''),
    decision,
    changes,
    digest: input.about === 'tests' ? '' : plan.digest,
    fails: someMailboxFails(input.conditions ?? []) || isTrustBroken(input.result),
  }
}

/** What the spec itself holds back. */
export function heldBySpec({ result, desired }: Pick<ReportInput, 'result' | 'desired'>): readonly Remark[] {
  return isTrustScope(result.scope) ? trustRemarks(result.plan) : policyRemarks(result, desired)
}

/** Codes of notices that stay as long as the spec does: in every plan they would hide what is new. */
const ASIDES: ReadonlySet<string> = new Set(['SpecNotApplied'])

/** What a plan does, in sentences; tests with the time they take. */
export function planSentences(plan: Plan, nounOf: (stage: string) => Noun): readonly Sentence[] {
  return sentencesOf(plan, nounOf).map((sentence) => withEstimate(sentence, plan))
}

function withEstimate(sentence: Sentence, { steps }: Plan): Sentence {
  const estimate = sentence.group === 'test' ? estimateInWords(steps) : ''
  return estimate === '' ? sentence : { ...sentence, text: `${sentence.text}, ${estimate}` }
}

/** True where a plan has nothing to do, nothing to remark, no objection and nothing it does not know: it is told in one line. */
export function isInSync({ changes, remarks, unread, notes, decision, fails }: PlanView): boolean {
  const remarkable = remarks.length + unread.length + notes.length
  return changes === 0 && remarkable === 0 && decision === 'allow' && !fails
}

function headline(
  input: ReportInput,
  changes: number,
  unread: readonly Remark[],
  failedChecks: readonly Remark[],
): string {
  const { result, conditions = [] } = input
  const took = `checked in ${duration(Date.parse(result.finishedAt) - Date.parse(result.startedAt))}`
  if (result.failure) return `ended early: ${result.failure.message}`
  const wrong = wrongOrganizationInWords(result)
  if (wrong !== '') return `${wrong}, ${took}`
  if (changes > 0) {
    const stops = input.about === 'tests' || isTrustScope(result.scope) ? '' : stopsInWords(input)
    const parts = [changesInWords(input, changes), stops, OBJECTIONS[result.decision]]
    if (unread.length > 0) parts.push('part of the state is unknown')
    return parts.filter((part) => part !== '').join(', ')
  }
  const objection = OBJECTIONS[result.decision]
  const health = healthInWords(isTrustScope(result.scope) ? withoutAskedFor(result.plan) : result.plan, conditions)
  const checks = failedChecksInWords(failedChecks)
  const parts =
    unread.length > 0
      ? ['state unknown', objection, ...trustInWords(result), took]
      : [inSyncInWords(result, conditions), objection, ...trustInWords(result), ...health, checks, took]
  return parts.filter((part) => part !== '').join(', ')
}

/** `in sync` is said only where nothing is left that should be otherwise; what cannot be told or is blocked may be. */
function inSyncInWords(result: PassResult, conditions: readonly ObjectConditions[]): string {
  const { plan, decision } = result
  const isOpen = plan.exceptions.some(({ state, bySpec }) => state === 'Blocked' || state === 'Unknown' || bySpec)
  if (decision !== 'allow') return 'no changes'
  const fails = someMailboxFails(conditions) || isTrustBroken(result)
  return isOpen || fails || nothingIsInSync(plan, conditions) ? 'nothing to apply' : 'in sync'
}

/** Said before anything else where the URL may lead to another organization: then nothing else that was read matters. */
export function wrongOrganizationInWords({ reads }: Pick<PassResult, 'reads'>): string {
  for (const read of reads.values()) {
    if (!read.complete) continue
    for (const { forbidsAll, ready } of read.rows.values()) {
      if (forbidsAll && ready?.status === 'False') return `WRONG ORGANIZATION, nothing is written: ${ready.message}`
    }
  }
  return ''
}

/** Code of what waits because CRM does not have it. */
const NOT_IN_CRM = 'NotInCrm'

/**
 * The exceptions of a pass as they are told; what the spec itself holds back is told apart, by `policyRemarks`. Where the guard `vanished` objects, a mailbox that is not there may have been lost from
 * sight, and nobody is sent to make it anew.
 */
export function exceptionsToTell({ plan, verdicts }: PassResult): readonly Exception[] {
  const isLost = verdicts.some(
    ({ guard, decision, overridden }) => guard === 'vanished' && decision !== 'allow' && overridden !== true,
  )
  const exceptions = plan.exceptions.filter(({ bySpec }) => bySpec !== true)
  if (!isLost) return exceptions
  const message = 'CRM shows no such mailbox now; the guard `vanished` says what to look at before anything else'
  return exceptions.map((one) =>
    one.reason.code === NOT_IN_CRM ? { ...one, reason: { code: NOT_IN_CRM, message } } : one,
  )
}

/** What a headline says of guards, by their decision. */
export const OBJECTIONS = {
  allow: '',
  override: 'waits for an override',
  blocked: 'blocked by a guard',
} satisfies Record<GuardVerdict['decision'], string>

function changesInWords(input: ReportInput, changes: number): string {
  const { result, desired, vocabulary } = input
  // Behind a trust stand all people of its organizations: a number of servers and credentials would say nothing.
  if (isTrustScope(result.scope)) return count(changes, countedBy(input))
  const all = result.plan.steps.flatMap((step) => step.changes)
  return `${count(changes, countedBy(input))} for ${touchedInWords(all, desired.mailboxes, nounOfStage(vocabulary))}`
}

function stopsInWords({ result, desired }: ReportInput): string {
  const stopped = stoppedKeys(result.plan, MAILBOX_KIND)
  // Settings of the organization can stop people although no mailbox of theirs changes.
  const stopsOthers = result.plan.steps.some(({ changes }) =>
    changes.some(({ kind, effects }) => kind !== MAILBOX_KIND && effects.includes('stop')),
  )
  if (stopped.size === 0) return stopsOthers ? 'mail of people stops' : 'nothing stops'
  const stops = `${peopleInWords(stopped, desired.mailboxes)} ${stopped.size === 1 ? 'stops' : 'stop'}`
  return stopsOthers ? `${stops}, mail of others too` : stops
}

/** Sets that could not be read, those with one cause told together: what was being read differs, why does not. */
export function unreadRemarks({ result, vocabulary, advise }: ReportInput): readonly Remark[] {
  const nounOf = nounOfStage(vocabulary)
  const causes = new Map<string, { code: string; message: string; why: string; nouns: Set<string> }>()
  for (const { stage, incomplete } of result.plan.stages) {
    if (!incomplete) continue
    const { code, message } = incomplete
    const why = message.slice(message.indexOf(': ') + 1).trim()
    const id = JSON.stringify([code, why])
    const cause = causes.get(id) ?? { code, message, why, nouns: new Set<string>() }
    causes.set(id, cause)
    cause.nouns.add(nounOf(stage).many)
  }
  return [...causes.values()].map(({ code, message, why, nouns }) => {
    const text = `${sentenceList([...nouns])} could not be read completely: ${nouns.size > 1 ? why : message}`
    const next = advise?.(result.organization, code)
    return { heading: 'unknown', code, text, names: [], ...(next === undefined ? {} : { next }) }
  })
}

function unmanagedInWords(plan: Plan, nounOf: (stage: string) => Noun): string {
  const byNoun = new Map<string, { noun: Noun; most: number }>()
  for (const { stage, unmanaged } of plan.stages) {
    if (unmanaged === 0) continue
    const noun = nounOf(stage)
    const most = Math.max(unmanaged, byNoun.get(noun.many)?.most ?? 0)
    byNoun.set(noun.many, { noun, most })
  }
  return sentenceList([...byNoun.values()].map(({ noun, most }) => count(most, noun)))
}
