// Why a trust does or does not work: what its organizations are told of it, link by link, and what keeps its plan from being carried out.
import { advised, type Link } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { TrustView } from '../trust/view.ts'
import { checkRemarks, failedChecksInWords } from './checks.ts'
import type { ToldLink } from './explain-chain.ts'
import { type Surroundings, surroundingLinks } from './explain-organization.ts'
import { type ExplainedLink, type ExplainInput, type Explanation, markFirst, stateOf, toApply } from './explain-view.ts'
import { remarksOnExceptions, withoutRequest } from './remarks.ts'
import { titleOf } from './scope-title.ts'
import { trustRemarks, withoutAskedFor } from './trust-remarks.ts'
import { trustInWords } from './trust-words.ts'
import { count, type Noun, namesInSentence, sentenceList, short } from './wording.ts'

/** What explaining a trust works on: one pass that only read, with the views of its organizations. */
export type ExplainTrustInput = Omit<ExplainInput, 'desired' | 'stages'> & {
  /** Documents that the trust is made of, as `tenant contoso` and where each stands. */
  readonly parts: readonly string[]
  readonly nounOf: (stage: string) => Noun
}

/** Explains a trust. */
export function explainTrust(input: ExplainTrustInput, around: Surroundings): Explanation {
  const { result, parts } = input
  const { plan } = result
  const spec: ToldLink = {
    name: 'spec',
    state: 'good',
    words: sentenceList(parts),
    sync: `spec ${short(result.revision)}`,
  }
  const changes = plan.steps.reduce((sum, step) => sum + step.changes.length, 0)
  const links = marked(
    [spec, ...unreadLinks(result), ...toldOnce(viewLinks(result))],
    surroundingLinks(input, around),
    changes,
  )
  const first = links.find(({ isFirst }) => isFirst)
  const label = titleOf(result)
  const isNew = notToldBy(links)
  const open = withoutAskedFor(plan).exceptions.filter(({ reason }) => isNew(reason.message))
  const excepted = remarksOnExceptions(open, input.nounOf)
  const unfit = input.conditions.filter(({ ready }) => isNew(ready.message))
  const checks = checkRemarks(plan, unfit, () => CHECK, excepted).failed
  const notes = result.notices.map(({ code, message }) => ({ heading: 'note', code, text: message, names: [] }))
  const next = nextOf(input, links, changes)
  return {
    organization: result.organization,
    scope: result.scope,
    revision: short(result.revision),
    subject: { kind: 'Trust', key: result.organization, label },
    state: result.failure ? 'unknown' : first ? stateOf([first]) : changes > 0 ? 'changes' : 'works',
    headline: [`${label} ${headline(result, first, changes)}`, failedChecksInWords(checks)].filter(Boolean).join(', '),
    alike: 0,
    links,
    remarks: [...excepted, ...checks, ...trustRemarks(plan), ...notes],
    ...(next !== undefined && { next }),
  }
}

/** What the trust itself lacks is the cause; what keeps changes from being written counts only where some are planned. */
function marked(
  chain: readonly ToldLink[],
  { before, after }: ReturnType<typeof surroundingLinks>,
  changes: number,
): readonly ExplainedLink[] {
  const around = [...before, ...after]
  const isWell = chain.every(({ state }) => state === 'good' || state === 'told')
  if (!isWell) return [...markFirst(chain), ...around]
  return [...chain, ...(changes > 0 ? markFirst(around) : around)]
}

/** What mends the first broken link, or what carries out the plan. Where that is to apply, what keeps one from it comes first. */
function nextOf(input: ExplainTrustInput, links: readonly ExplainedLink[], changes: number): string | undefined {
  const first = links.find(({ isFirst }) => isFirst)
  if (first && AROUND.has(first.name)) return first.next
  if (first?.next !== undefined && !first.next.includes('`mailkeel apply')) return first.next
  if (changes > 0) {
    const apply = input.applyCommand === undefined ? 'The next pass' : `\`${input.applyCommand}\``
    const next = first?.next === undefined ? `${apply} applies what is planned.` : only(first.next, input)
    return toApply(input, { next })
  }
  if (!first) return undefined
  const obstacle = withoutAskedFor(input.result.plan).exceptions[0]
  if (!obstacle) return first.next
  return advised(obstacle.reason.message).next ?? first.next
}

/** Whether a message says something that no link says already. */
function notToldBy(links: readonly ExplainedLink[]): (message: string) => boolean {
  const told = new Set(links.map(({ words }) => withoutRequest(words)))
  return (message) => !told.has(withoutRequest(advised(message).what))
}

/** A bare `mailkeel apply` would apply organizations too. */
function only(next: string, { applyCommand }: ExplainTrustInput): string {
  if (next !== 'Run `mailkeel apply`.') return next
  return applyCommand === undefined ? 'The next pass applies what is planned.' : `Run \`${applyCommand}\`.`
}

const CHECK = { one: 'prerequisite', many: 'prerequisites' }
const CHANGE = { one: 'change', many: 'changes' }

function headline(result: PassResult, first: ExplainedLink | undefined, changes: number): string {
  if (result.failure) return `is not known: the pass ended early: ${result.failure.message}`
  const planned = changes === 0 ? '' : `${count(changes, CHANGE)} ${changes === 1 ? 'is' : 'are'} planned`
  const isAround = first !== undefined && AROUND.has(first.name)
  if (first && !isAround) {
    const doing = first.state === 'broken' ? 'does not work' : 'is not proven to work'
    return [`${doing}: ${first.words}`, planned].filter((part) => part !== '').join(', and ')
  }
  const how = trustInWords(result).join(', ')
  const why = first ? ` and not written: ${first.words}` : ''
  return [`works${how === '' ? '' : `: ${how}`}`, planned === '' ? '' : planned + why]
    .filter((part) => part !== '')
    .join(', and ')
}

/** Links that keep changes from being written, and say nothing of whether the trust works. */
const AROUND: ReadonlySet<string> = new Set(['policy', 'lock', 'held', 'waves', 'guard'])

function unreadLinks({ plan }: PassResult): readonly ToldLink[] {
  const unread = plan.stages.flatMap(({ stage, incomplete }) => (incomplete ? [[stage, incomplete] as const] : []))
  return unread.map(([name, { message }]) => {
    const { what, next } = advised(message)
    return { name, state: 'unknown', words: `it could not be read: ${what}`, ...(next !== undefined && { next }) }
  })
}

const NO_VIEWS: NonNullable<PassResult['views']> = new Map()

/** What keeps several things from being known is told with the first. */
function toldOnce(links: readonly ToldLink[]): readonly ToldLink[] {
  const told = new Set<string>()
  return links.map((link) => {
    const why = withoutRequest(link.words)
    if (link.state !== 'unknown' || !told.has(why)) {
      told.add(why)
      return link
    }
    return { name: link.name, state: link.state, words: 'not known, for the same reason' }
  })
}

/** The links of all views, once each; one that others of the trust see otherwise says for whom it is so. */
function viewLinks({ views = NO_VIEWS }: PassResult): readonly ToldLink[] {
  const all = [...views].flatMap(([organization, view]) => linksOf(view).map((link) => ({ organization, link })))
  const names = [...new Set(all.map(({ link }) => link.name))]
  return names.flatMap((name) => {
    const groups = new Map<string, { readonly link: Link; readonly organizations: string[] }>()
    for (const { organization, link } of all) {
      if (link.name !== name) continue
      const id = JSON.stringify([link.state, link.words])
      const known = groups.get(id)
      if (known) known.organizations.push(organization)
      else groups.set(id, { link, organizations: [organization] })
    }
    // Of one name there may be several, such as attestations: what all are told alike names nobody.
    const isOfAll = (organizations: readonly string[]) => organizations.length === views.size
    return [...groups.values()].map(({ link, organizations }) =>
      isOfAll(organizations) ? link : { ...link, words: `${link.words} (${namesInSentence(organizations)})` },
    )
  })
}

/** A view that is not working says why, also where no link of it does. */
function linksOf({ state, reason, links }: TrustView): readonly Link[] {
  const wanted = { Broken: 'broken', Unknown: 'unknown', Working: undefined, Unmanaged: undefined } as const
  const missing = wanted[state]
  if (missing === undefined || !reason || links.some((link) => link.state === missing)) return links
  const { what, next } = advised(reason.message)
  return [{ name: 'trust', state: missing, words: what, ...(next !== undefined && { next }) }, ...links]
}
