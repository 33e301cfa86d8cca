// What there is to say about a pass, before it is said in any form. A view holds names as they came; whoever prints it escapes them.
import { type GuardVerdict, type ObjectConditions, type Plan, stoppedKeys } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { DesiredOrganization } from '../spec/desired.ts'
import { checkRemarks, failedChecksInWords } from './checks.ts'
import { MAILBOX_KIND, peopleInWords, touchedInWords } from './people.ts'
import { type Remark, remarkCounts, remarksOnExceptions } from './remarks.ts'
import { runwayInWords } from './runway.ts'
import { type Sentence, sentencesOf } from './sentences.ts'
import { count, duration, type Noun, number, sentenceList, short } from './wording.ts'

/** The words stages have for their objects: by stage name, and by kind for conditions. */
export interface Vocabulary {
  readonly byStage: ReadonlyMap<string, Noun>
  readonly byKind: ReadonlyMap<string, Noun>
}

/** What a report about one organization is made of. */
export interface ReportInput {
  readonly result: PassResult
  readonly desired: Pick<DesiredOrganization, 'mailboxes' | 'profiles'>
  readonly vocabulary: Vocabulary
  /** Of all managed objects, where they were worked out. */
  readonly conditions?: readonly ObjectConditions[]
}

/** A plan, ready to be told. */
export interface PlanView {
  readonly organization: string
  readonly revision: string
  /** After the name and revision, for example `41 changes for 27 people, nothing stops`. */
  readonly headline: string
  readonly tone: 'calm' | 'changes' | 'stopped'
  readonly sentences: readonly Sentence[]
  readonly remarks: readonly Remark[]
  /** Sets that could not be read, by what was tried. */
  readonly unread: readonly Remark[]
  /** What a person should know beside the plan, and why the pass ended early where it did. */
  readonly notes: readonly string[]
  /** How long the connection has; told only where there is something else to tell. */
  readonly runway: readonly string[]
  /** `118 mailboxes`; empty where everything is managed. */
  readonly unmanaged: string
  readonly guards: readonly GuardVerdict[]
  readonly decision: GuardVerdict['decision']
  readonly changes: number
  readonly digest: string
}

const OBJECT: Noun = { one: 'object', many: 'objects' }
const CHANGE: Noun = { one: 'change', many: 'changes' }

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
  const { plan, verdicts, decision, organization, revision, notices, failure } = input.result
  const nounOf = nounOfStage(input.vocabulary)
  const changes = plan.steps.reduce((sum, step) => sum + step.changes.length, 0)
  const excepted = remarksOnExceptions(plan.exceptions, nounOf)
  const checks = checkRemarks(plan, input.conditions ?? [], nounOfKind(input.vocabulary), excepted)
  const unread = unreadStages(plan, nounOf)
  return {
    organization,
    revision: short(revision),
    headline: headline(input, changes, excepted, unread),
    tone: failure || unread.length > 0 || decision !== 'allow' ? 'stopped' : changes > 0 ? 'changes' : 'calm',
    sentences: sentencesOf(plan, nounOf),
    remarks: [...excepted, ...checks.failed],
    unread,
    notes: notices.map(({ message }) => message),
    runway: runwayInWords(input.desired, input.result.finishedAt),
    unmanaged: unmanagedInWords(plan, nounOf),
    guards: verdicts.filter(({ message }) => message !== ''),
    decision,
    changes,
    digest: plan.digest,
  }
}

/** True where a plan has nothing to do, nothing to remark, no objection and nothing it does not know: it is told in one line. */
export function isInSync({ changes, remarks, unread, notes, decision }: PlanView): boolean {
  const remarkable = remarks.length + unread.length + notes.length
  return changes === 0 && remarkable === 0 && decision === 'allow'
}

function headline(input: ReportInput, changes: number, remarks: readonly Remark[], unread: readonly Remark[]): string {
  const { result, conditions = [] } = input
  const took = `checked in ${duration(Date.parse(result.finishedAt) - Date.parse(result.startedAt))}`
  if (result.failure) return `ended early: ${result.failure.message}`
  if (changes > 0) {
    const parts = [changesInWords(input, changes), stopsInWords(input), OBJECTIONS[result.decision]]
    if (unread.length > 0) parts.push('part of the state is unknown')
    return parts.filter((part) => part !== '').join(', ')
  }
  if (unread.length > 0) return `state unknown, ${took}`
  const checks = failedChecksInWords(result.plan, conditions)
  const parts = [inSyncInWords(result.plan), healthInWords(conditions), ...remarkCounts(remarks), checks, took]
  return parts.filter((part) => part !== '').join(', ')
}

/** `in sync` is said only where nothing is left that should be otherwise; what cannot be told or is blocked may be. */
function inSyncInWords({ exceptions }: Plan): string {
  const isOpen = exceptions.some(({ state }) => state === 'Blocked' || state === 'Unknown')
  return isOpen ? 'nothing to apply' : 'in sync'
}

const OBJECTIONS = {
  allow: '',
  override: 'waits for an override',
  blocked: 'blocked by a guard',
} satisfies Record<GuardVerdict['decision'], string>

function changesInWords({ result, desired, vocabulary }: ReportInput, changes: number): string {
  const all = result.plan.steps.flatMap((step) => step.changes)
  return `${count(changes, CHANGE)} for ${touchedInWords(all, desired.mailboxes, nounOfStage(vocabulary))}`
}

function stopsInWords({ result, desired }: ReportInput): string {
  const stopped = stoppedKeys(result.plan, MAILBOX_KIND)
  if (stopped.size === 0) return 'nothing stops'
  return `${peopleInWords(stopped, desired.mailboxes)} ${stopped.size === 1 ? 'stops' : 'stop'}`
}

/** How many mailboxes work: `412 mailboxes healthy`, `380 of 412 mailboxes healthy`. Empty where nothing is known about any. */
export function healthInWords(conditions: readonly ObjectConditions[]): string {
  const mailboxes = conditions.filter(({ kind }) => kind === MAILBOX_KIND)
  if (mailboxes.length === 0) return ''
  const healthy = mailboxes.filter(({ ready }) => ready.status === 'True').length
  const all = count(mailboxes.length, { one: 'mailbox', many: 'mailboxes' })
  return healthy === mailboxes.length ? `${all} healthy` : `${number(healthy)} of ${all} healthy`
}

function unreadStages(plan: Plan, nounOf: (stage: string) => Noun): readonly Remark[] {
  const remarks = new Map<string, Remark>()
  for (const { stage, incomplete } of plan.stages) {
    if (!incomplete) continue
    const id = JSON.stringify([nounOf(stage).many, incomplete.message])
    const text = `${nounOf(stage).many} could not be read completely: ${incomplete.message}`
    if (!remarks.has(id)) remarks.set(id, { heading: 'unknown', code: incomplete.code, text, names: [] })
  }
  return [...remarks.values()]
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
