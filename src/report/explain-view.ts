// Why an object does or does not work, ready to be told in any form.
import {
  advised,
  asSentence,
  type GuardVerdict,
  type ObjectConditions,
  type Reason,
  type Subject,
} from '../engine/index.ts'
import type { OrganizationStage, PassResult } from '../reconcile/contract.ts'
import type { DesiredOrganization, Origin } from '../spec/desired.ts'
import type { RunwayItem } from '../trust/runway.ts'
import { chainOf, type ToldLink } from './explain-chain.ts'
import { MAILBOX_KIND } from './people.ts'
import type { Remark } from './remarks.ts'
import { isTrustScope } from './scope-title.ts'
import { minute, number, sentenceList, short } from './wording.ts'

/** A stage as far as explaining needs it. */
export type ExplainStage = Pick<OrganizationStage, 'name' | 'kind' | 'mode' | 'explain'>

/** What explaining works on: one pass that only read. */
export interface ExplainInput {
  readonly result: PassResult
  readonly desired: DesiredOrganization
  readonly stages: readonly ExplainStage[]
  readonly conditions: readonly ObjectConditions[]
  readonly policy: 'Observe' | 'Enforce'
  /** Why nothing could be written with the account there is, whatever is planned. */
  readonly cannotWrite?: Reason
  /** What a person may do where the organization could not be read, by the code of the failure. */
  readonly advise?: (code: string) => string | undefined
  /** What to do about the trust, where applying it is what mends an object; its own guards are known here only. */
  readonly trustNext?: string
  /** The command that would make a planned change of this object. Absent where a process that stays running makes it. */
  readonly applyCommand?: string
}

/** The object asked about. */
export interface Target extends Subject {
  readonly label: string
  readonly origin?: Origin
  /** CRM has it and the spec does not name it: why it was looked at all the same. */
  readonly unmanaged?: true
  /** Its label is a plural. */
  readonly isPlural?: true
}

/** `works`, or what keeps it from that. `changes`: nothing is wrong but that it is not as the spec says yet. */
export type ExplainedState = 'works' | 'changes' | 'broken' | 'unknown'

/** A link with what it is to the whole. */
export interface ExplainedLink extends ToldLink {
  /** The first broken link, or where none is broken the first unknown one. */
  readonly isFirst?: true
  /** It stands behind the first broken link. */
  readonly follows?: true
}

/** An object explained. */
export interface Explanation {
  readonly organization: string
  readonly scope: string
  readonly revision: string
  readonly subject: Subject & { readonly label: string }
  readonly state: ExplainedState
  readonly headline: string
  /** Others with the same cause, of those in the same pass. */
  readonly alike: number
  readonly links: readonly ExplainedLink[]
  /** What ends by itself, the earliest first. */
  readonly runway?: readonly RunwayItem[]
  /** Of a set or an organization: objects by cause. */
  readonly remarks: readonly Remark[]
  readonly next?: string
}

/** Explains one object. */
export function explainObject(input: ExplainInput, target: Target): Explanation {
  const { result, conditions } = input
  const links = [specLink(input, target), ...chainOf(input, target)]
  const marked = markFirst(links)
  const first = marked.find(({ isFirst }) => isFirst)
  const ready = conditions.find(({ kind, key }) => kind === target.kind && key === target.key)?.ready
  const alike = first ? alikeTo(input, target, first) : 0
  const next = first ? nextOf(input, target, marked, ready) : plannedNext(input, marked)
  return {
    organization: result.organization,
    scope: result.scope,
    revision: short(result.revision),
    subject: { kind: target.kind, key: target.key, label: target.label },
    state: stateOf(links),
    headline: headlineOf(target, first, ready, alike),
    alike,
    links: marked,
    remarks: [],
    ...(next !== undefined && { next }),
  }
}

/** Marks the link that counts, and those behind it. What keeps mail from flowing now counts more than what is not written yet. */
export function markFirst(links: readonly ToldLink[]): readonly ExplainedLink[] {
  const now = links.findIndex(
    ({ state, trouble, isInferred }) => state === 'broken' && trouble !== 'Drift' && !isInferred,
  )
  const broken = now >= 0 ? now : links.findIndex(({ state }) => state === 'broken')
  const first = broken >= 0 ? broken : links.findIndex(({ state }) => state === 'unknown')
  return links.map((link, index) => {
    if (index === first) return { ...link, isFirst: true }
    return broken >= 0 && index > broken ? { ...link, follows: true } : link
  })
}

/** What all links together come to. */
export function stateOf(links: readonly ToldLink[]): ExplainedState {
  if (links.some(({ state, trouble }) => state === 'broken' && trouble !== 'Drift')) return 'broken'
  if (links.some(({ state }) => state === 'unknown')) return 'unknown'
  return links.some(({ trouble }) => trouble === 'Drift') ? 'changes' : 'works'
}

function specLink({ result, desired, conditions }: ExplainInput, target: Target): ToldLink {
  const { kind, key, origin, unmanaged } = target
  if (unmanaged) {
    const ready = conditions.find((one) => one.kind === kind && one.key === key)?.ready
    const isIdle = ready?.code === 'NotUsed'
    const names = kind === MAILBOX_KIND ? 'no set of the spec' : 'nothing in the spec'
    const words = `${names} names it, so mailkeel leaves it alone`
    const next = 'Add it to a set to have it connected.'
    return isIdle
      ? { name: 'spec', state: 'broken', words: `it is not set up to synchronize, and ${words}`, next }
      : { name: 'spec', state: 'told', words }
  }
  const set = kind === MAILBOX_KIND ? desired.mailboxes.get(key)?.set : undefined
  const where = [origin ? `${origin.file}:${origin.line}` : '', set === undefined ? '' : `set "${set}"`]
  const words = where.filter((word) => word !== '').join(', ')
  return {
    name: 'spec',
    state: 'good',
    words: words || 'in the spec',
    sync: `spec ${short(result.revision)}`,
  }
}

const HEADS = {
  Drift: 'is not as the spec says yet',
  Waiting: 'waits',
  Held: 'is left alone',
  Blocked: 'is blocked',
  Unknown: 'cannot be told',
} satisfies Record<NonNullable<ToldLink['trouble']>, string>

const PLURAL_HEADS = {
  Drift: 'are not as the spec says yet',
  Waiting: 'wait',
  Held: 'are left alone',
  Blocked: 'are blocked',
  Unknown: 'cannot be told',
} satisfies Record<keyof typeof HEADS, string>

function headlineOf(
  { label, unmanaged, kind, isPlural }: Target,
  first: ExplainedLink | undefined,
  ready: ObjectConditions['ready'] | undefined,
  alike: number,
): string {
  if (!first) {
    const why = ready?.status === 'True' ? `: ${advised(ready.message).what}` : ''
    const flows = kind === MAILBOX_KIND && ready?.code !== 'NotUsed'
    const asSaid = isPlural ? 'are as the spec says' : 'is as the spec says'
    const doing = unmanaged
      ? kind === MAILBOX_KIND
        ? 'works, and is not managed'
        : 'is not managed'
      : flows
        ? 'works'
        : asSaid
    return `${label} ${doing}${why}`
  }
  if (first.name === 'spec' && first.state === 'broken') return `${label} does not synchronize: ${first.words}`
  const does = first.trouble
    ? isPlural
      ? PLURAL_HEADS[first.trouble]
      : HEADS[first.trouble]
    : first.state === 'unknown'
      ? 'is not proven to work'
      : 'does not work'
  const about = [
    first.state === 'broken' && first.at !== undefined && !first.words.includes(minute(first.at))
      ? `since ${minute(first.at)}`
      : '',
    alike > 0 ? `${number(alike)} ${alike === 1 ? 'other' : 'others'} with the same cause` : '',
  ].filter((part) => part !== '')
  return `${label} ${does}: ${first.words.replace(/^planned: /, '')}${about.length > 0 ? ` (${about.join(', ')})` : ''}`
}

/** Words with the time they are of, where they do not say it themselves. */
export function timed({ words, at }: Pick<ToldLink, 'words' | 'at'>): string {
  return at === undefined || words.includes(minute(at)) ? words : `${words}, ${minute(at)}`
}

/** The one thing to do: what the link says, what the condition says, or what carries out the plan. */
function nextOf(
  input: ExplainInput,
  { unmanaged }: Target,
  links: readonly ExplainedLink[],
  ready: ObjectConditions['ready'] | undefined,
): string | undefined {
  const first = links.find(({ isFirst }) => isFirst)
  if (!first || first.trouble === 'Drift') return plannedNext(input, links)
  if (input.trustNext !== undefined && isToApplyTrust(first)) return input.trustNext
  const said = first.next ?? (ready?.status === 'True' || !ready ? undefined : advised(ready.message).next)
  if (said === undefined) return plannedNext(input, links)
  if (!unmanaged) return said
  // Advice to take something out of the spec is none for what the spec does not name.
  const left = said.replace(/(?:,? or )?remove (?:it|the mailbox) from the spec/i, '')
  return left === '.' ? undefined : left
}

/** A link of the trust that says to apply it. */
export function isToApplyTrust({ name, next = '' }: Pick<ToldLink, 'name' | 'next'>): boolean {
  return /^trust\b/.test(name) && next.includes('`mailkeel apply')
}

function plannedNext(input: ExplainInput, links: readonly ExplainedLink[]): string | undefined {
  const planned = links.find(({ trouble }) => trouble === 'Drift')
  return planned && toApply(input, planned)
}

/** What carries out a planned change, or what keeps it from being carried out. */
export function toApply(
  {
    result,
    policy,
    applyCommand,
    cannotWrite,
  }: Pick<ExplainInput, 'result' | 'policy' | 'applyCommand' | 'cannotWrite'>,
  { next }: Pick<ToldLink, 'next'>,
): string {
  if (policy === 'Observe')
    return 'The policy is Observe, so nothing is written; `policy: Enforce` in the configuration lets mailkeel apply.'
  if (cannotWrite) return `It cannot be written: ${asSentence(cannotWrite.message)}`
  const objections = objectionsIn(result.verdicts)
  if (objections.length > 0) return passing(objections, applyCommand, result.scope)
  if (next !== undefined) return next
  return applyCommand === undefined ? 'The next pass makes it so.' : `\`${applyCommand}\` makes it so.`
}

/** The guards that stand in the way: nobody passed them. */
export function objectionsIn(verdicts: readonly GuardVerdict[]): readonly GuardVerdict[] {
  return verdicts.filter(({ decision, overridden }) => decision !== 'allow' && overridden !== true)
}

/** What messages tell whoever sits at the command line, and what is true instead where a process stays running. */
const WHERE_IT_RUNS: readonly (readonly [RegExp, string])[] = [
  [/, say --allow [a-z-]+$/, ', commit an Override for it'],
  [/with `(?:mailkeel apply )?--allow ([a-z-]+)`/g, 'with a committed Override of `$1`'],
  [/Run `mailkeel apply`\./g, 'The next pass that may write does so.'],
  [/Run `mailkeel plan` again once/g, 'Nothing but waiting: a later pass goes on once'],
]

/** A message for whoever reads it from a process that stays running: there a guard is passed, and a plan applied, by what is committed. */
export function withoutFlag(message: string): string {
  return WHERE_IT_RUNS.reduce((text, [command, instead]) => text.replace(command, instead), message)
}

/** What a person does about guards that object: all of them, for passing one alone leads to the next. */
export function passing(objections: readonly GuardVerdict[], applyCommand: string | undefined, scope: string): string {
  const fixed = objections.filter(({ decision }) => decision === 'blocked')
  const names = (all: readonly GuardVerdict[]) => sentenceList(all.map(({ guard }) => `\`${guard}\``))
  if (fixed.length > 0) return `Mend what ${names(fixed)} objects to; nobody can pass that.`
  const flags = objections.map(({ guard }) => ` --allow ${guard}`).join('')
  const who = objections.length === 1 ? `The guard ${names(objections)} stops` : `The guards ${names(objections)} stop`
  const stops = `${who} the whole ${isTrustScope(scope) ? 'trust' : 'organization'}`
  const each = objections.length === 1 ? 'it' : 'each'
  if (applyCommand === undefined) return `${stops}; if that is meant, commit an Override for ${each}.`
  return `${stops}; if that is meant, \`${applyCommand}${flags}\`.`
}

/** How many other objects of the pass have the cause of this link. Causes nobody could name are the same where their words are. */
function alikeTo({ result, conditions }: ExplainInput, { kind, key }: Target, first: ExplainedLink): number {
  const { trouble, code } = first
  if (trouble === 'Drift') return 0
  if (trouble !== undefined) {
    const same = result.plan.exceptions.filter(
      (one) => one.kind === kind && one.state === trouble && one.reason.code === code,
    )
    return new Set(same.map((one) => one.key).filter((one) => one !== key)).size
  }
  const ready = conditions.find((one) => one.kind === kind && one.key === key)?.ready
  if (!ready || ready.status === 'True') return 0
  const tail = ready.message.slice(ready.message.indexOf(': ') + 1)
  return conditions.filter(
    (one) =>
      one.kind === kind &&
      one.key !== key &&
      one.ready.status === ready.status &&
      one.ready.code === ready.code &&
      (ready.code !== 'Unknown' || one.ready.message.endsWith(tail)),
  ).length
}

/** What is known of an address that no mailbox has. */
export interface AbsentAddress {
  readonly organization: string
  readonly revision: string
  readonly address: string
  /** A user or queue has it all the same. */
  readonly holder?: { readonly type: 'User' | 'Queue'; readonly name: string }
  /** An address it may be a slip of. */
  readonly near?: string
}

/** Explains an address that neither the spec nor any mailbox in CRM knows. */
export function explainAbsent({ organization, revision, address, holder, near }: AbsentAddress): Explanation {
  const links: readonly ToldLink[] = [
    { name: 'spec', state: 'told', words: 'no set of the spec names it' },
    { name: 'mailbox', state: 'broken', words: absenceInWords(holder) },
  ]
  const give = 'Give a user or queue in CRM this address, CRM makes the mailbox by itself; then add it to a set.'
  const next = near !== undefined ? `Did you mean ${near}? ${give}` : give
  return {
    organization,
    scope: `organization/${organization}`,
    revision: short(revision),
    subject: { kind: MAILBOX_KIND, key: address, label: address },
    state: 'broken',
    headline: `${address} cannot synchronize: ${absenceInWords(holder)}`,
    alike: 0,
    links: markFirst(links),
    remarks: [],
    next: holder
      ? 'Save the address of that user or queue in CRM again, so that CRM makes the mailbox; then add it to a set.'
      : next,
  }
}

function absenceInWords(holder: AbsentAddress['holder']): string {
  if (!holder) return 'no user, queue or mailbox in CRM has this address'
  return `the ${holder.type === 'Queue' ? 'queue' : 'user'} "${holder.name}" has this address, but no mailbox in CRM does`
}
