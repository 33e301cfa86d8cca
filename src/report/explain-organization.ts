// Why nothing happens in an organization, or why not more: everything that can keep a planned change from being written, in the order in
// which a pass meets it.
import { advised, type Reason } from '../engine/index.ts'
import { chainOf, nextOfWait, type ToldLink } from './explain-chain.ts'
import {
  type ExplainInput,
  type Explanation,
  isToApplyTrust,
  markFirst,
  objectionsIn,
  passing,
} from './explain-view.ts'
import { healthInWords } from './health.ts'
import { remarksOnExceptions } from './remarks.ts'
import { count, minute, number, sentenceList, short } from './wording.ts'

/** What a pass alone does not know. */
export interface Surroundings {
  /** Another process that works with the state directory now, in a sentence. */
  readonly lockHeldBy?: string
  /** Why a process that stays running writes nothing now, such as a change window that is not open. */
  readonly held?: Reason
  /** The last pass that wrote, from the journal. */
  readonly lastPass?: LastPass
  /** Why the journal could not be read. */
  readonly journalUnread?: string
}

/** The last pass of a journal. */
export interface LastPass {
  readonly at: string
  readonly by: string
  readonly revision: string
  readonly changes: number
  readonly applied: number
  /** False where it was cut off. */
  readonly isFinished: boolean
}

const CHANGE = { one: 'change', many: 'changes' }
const NOUN = { one: 'object', many: 'objects' }

/** Explains an organization. */
export function explainOrganization(input: ExplainInput, around: Surroundings, nounOf = () => NOUN): Explanation {
  const { result, desired, conditions } = input
  const { plan } = result
  const key = desired.name
  const { before, after } = surroundingLinks(input, around)
  const links = [specLink(input), ...before, ...chainOf(input, { kind: 'Organization', key, label: key }), ...after]
  const marked = markFirst(links)
  const first = marked.find(({ isFirst }) => isFirst)
  const changes = changesIn(input)
  const notes = result.notices.map(({ code, message }) => ({ heading: 'note', code, text: message, names: [] }))
  const remarks = [...remarksOnExceptions(plan.exceptions, nounOf), ...notes]
  const isBroken = first?.state === 'broken'
  const next = nextOf(input, first, changes)
  return {
    organization: result.organization,
    scope: result.scope,
    revision: short(result.revision),
    subject: { kind: 'Organization', key, label: key },
    state: isBroken
      ? 'broken'
      : first || result.failure
        ? 'unknown'
        : changes > 0
          ? 'changes'
          : plan.exceptions.length > 0
            ? 'broken'
            : 'works',
    headline: `${key}: ${headline(input, first, changes, healthInWords(plan, conditions))}`,
    alike: 0,
    links: marked,
    remarks,
    ...(next !== undefined && { next }),
  }
}

type Waiting = Pick<ExplainInput, 'result' | 'policy' | 'applyCommand'>

/** What can keep a planned change of any scope from being written: before anything is read, and after it is planned. */
export function surroundingLinks(
  input: Waiting,
  around: Surroundings,
): { readonly before: readonly ToldLink[]; readonly after: readonly ToldLink[] } {
  return {
    before: [policyLink(input), ...lockLinks(around), ...heldLinks(around)],
    after: [...journalLinks(around), ...changeLinks(input), ...guardLinks(input)],
  }
}

function changesIn({ result }: Pick<ExplainInput, 'result'>): number {
  return result.plan.steps.reduce((sum, step) => sum + step.changes.length, 0)
}

function headline(
  { result }: ExplainInput,
  first: ToldLink | undefined,
  changes: number,
  health: readonly string[],
): string {
  if (result.failure) return `the pass ended early: ${result.failure.message}`
  if (first?.state === 'unknown') return `part of the state is not known: ${first.words}`
  if (changes > 0 && first) return `${count(changes, CHANGE)} planned and not written: ${first.words}`
  if (changes > 0) return `nothing stands in the way of ${count(changes, CHANGE)}; nobody applied them yet`
  const why = result.plan.exceptions.length > 0 ? 'there is nothing to apply' : 'there is nothing to do'
  return [`${why}`, ...health, ...(first ? [first.words] : [])].join(', ')
}

function nextOf(
  { applyCommand, conditions, trustNext }: ExplainInput,
  first: ToldLink | undefined,
  changes: number,
): string | undefined {
  if (first && trustNext !== undefined && isToApplyTrust(first)) return trustNext
  if (first?.next !== undefined) return first.next
  if (!first && changes > 0) return applyCommand ? `\`${applyCommand}\` applies them.` : 'The next pass applies them.'
  const fails = conditions.some(({ ready }) => ready.status === 'False')
  return !first && fails ? '`mailkeel status` tells what does not work, and why.' : undefined
}

function specLink({ desired, result }: ExplainInput): ToldLink {
  const sets = new Set([...desired.mailboxes.values()].map(({ set }) => set))
  const asked = [
    count(desired.mailboxes.size, { one: 'mailbox', many: 'mailboxes' }),
    `in ${count(sets.size, { one: 'set', many: 'sets' })}`,
  ].join(' ')
  const profiles = count(desired.profiles.size, { one: 'profile', many: 'profiles' })
  const sync = `spec ${short(result.revision)}`
  if (desired.mailboxes.size + desired.profiles.size === 0 && !desired.settings) {
    const next = 'Add a MailboxSet; `mailkeel init` shows what one looks like.'
    return { name: 'spec', state: 'broken', words: 'the spec asks for nothing in this organization', next }
  }
  return { name: 'spec', state: 'good', words: sentenceList([asked, profiles]), sync }
}

function policyLink({ policy }: Pick<ExplainInput, 'policy'>): ToldLink {
  if (policy === 'Enforce') return { name: 'policy', state: 'good', words: 'Enforce: mailkeel may write' }
  const next = '`policy: Enforce` in the configuration lets mailkeel apply.'
  return { name: 'policy', state: 'broken', words: 'the policy is Observe, so nothing is written', next }
}

function lockLinks({ lockHeldBy }: Surroundings): readonly ToldLink[] {
  if (lockHeldBy === undefined) return [{ name: 'lock', state: 'good', words: 'no other mailkeel is at work here' }]
  const { what, next } = advised(lockHeldBy)
  return [{ name: 'lock', state: 'broken', words: what, ...(next !== undefined && { next }) }]
}

function heldLinks({ held }: Surroundings): readonly ToldLink[] {
  if (held === undefined) return []
  const { what, next } = advised(held.message)
  return [{ name: 'held', state: 'broken', words: what, ...(next !== undefined && { next }) }]
}

function journalLinks({ lastPass, journalUnread }: Surroundings): readonly ToldLink[] {
  if (journalUnread !== undefined) return [{ name: 'last pass', state: 'told', words: journalUnread }]
  if (!lastPass) return [{ name: 'last pass', state: 'told', words: 'mailkeel has written nothing here so far' }]
  const { at, by, revision, changes, applied, isFinished } = lastPass
  const cut = isFinished ? '' : ', and was cut off'
  const words = `${minute(at)} by ${by} at ${short(revision)}: ${number(applied)} of ${count(changes, CHANGE)} applied${cut}`
  return [{ name: 'last pass', state: 'told', words, evidence: '`mailkeel history` tells what it did' }]
}

/** What the plan would do, and what of it waits for another pass. */
function changeLinks(input: Pick<ExplainInput, 'result' | 'applyCommand'>): readonly ToldLink[] {
  const { steps } = input.result.plan
  const changes = changesIn(input)
  if (changes === 0) return [{ name: 'changes', state: 'good', words: 'none are planned' }]
  const waiting = steps.filter(({ waits }) => waits !== undefined)
  const waits = waiting.reduce((sum, step) => sum + step.changes.length, 0)
  const planned: ToldLink = { name: 'changes', state: 'told', words: `${count(changes, CHANGE)} planned` }
  const reasons = new Map(waiting.flatMap(({ waits: why }) => (why ? [[why.message, why] as const] : [])))
  const links = [...reasons.values()].map((why): ToldLink => {
    const { what, next = nextOfWait(why, input) } = advised(why.message)
    const held = waiting.filter((step) => step.waits?.message === why.message)
    const total = held.reduce((sum, step) => sum + step.changes.length, 0)
    const state = waits === changes ? 'broken' : 'told'
    return { name: 'waves', state, words: `${count(total, CHANGE)}: ${what}`, next }
  })
  return [planned, ...links]
}

/** Where several guards object, the one next step names them all: passing one alone leads to the next. */
function guardLinks({
  result: { verdicts, scope },
  applyCommand,
}: Pick<ExplainInput, 'result' | 'applyCommand'>): readonly ToldLink[] {
  const objections = objectionsIn(verdicts)
  const pass = objections.length > 0 ? passing(objections, applyCommand, scope) : ''
  return objections.map(({ guard, message }): ToldLink => {
    const words = advised(message).what
    return { name: 'guard', state: 'broken', words: `${guard}: ${words}`, next: pass }
  })
}
