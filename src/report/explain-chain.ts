// The chain that makes one object work, from the spec to the test. Stages contribute the links they know; what the plan knows of the object
// (in sync, a change, an exception) is laid beside them, so that a stage without links of its own is told all the same. The first broken
// link is the cause; what stands behind it only follows.
import {
  advised,
  type Change,
  type Exception,
  type Link,
  type Reason,
  type StageSummary,
  WAITS,
} from '../engine/index.ts'
import type { ExplainInput, ExplainStage, Target } from './explain-view.ts'
import { sentenceList } from './wording.ts'

/** A link as it is told. */
export interface ToldLink extends Link {
  /** How it stands to the spec: `in sync`. */
  readonly sync?: string
  /** What kind of trouble a broken or unknown link is, where the plan told it. */
  readonly trouble?: 'Drift' | Exception['state']
  /** What others share, to count them. */
  readonly code?: string
  /** It says only that the object does not work, not why: whatever else is broken is the cause. */
  readonly isInferred?: true
}

/** The order of causes: a link that is broken breaks those behind it. Links that are not named here stand where their stage does. */
const ORDER: readonly string[] = [
  'spec',
  'suspended',
  'server',
  'identity',
  'organization',
  'channel',
  'clock',
  'privileges',
  'settings',
  'defaults',
  'profile',
  'connection test',
  'mailbox',
  'held',
  'methods',
  'approval',
  'async service',
  'trust',
  'exchange',
  'test',
  'alerts',
  'mailboxes',
]

/** What the link of a stage is called where the stage itself does not say so. */
const NAMES: Readonly<Record<string, string>> = {
  prerequisites: 'organization',
  'email-server-profile': 'profile',
  'email-settings': 'settings',
  'mailbox-identity': 'mailbox',
  mailbox: 'methods',
  'test-result': 'test',
}

/** What a stage that finds nothing to change says of the object, where only a part of it is meant. */
const IN_ORDER: Readonly<Record<string, string>> = { 'mailbox-identity': 'there, with this address' }

/** All links of one object, in the order of causes. */
export function chainOf(input: ExplainInput, target: Target): readonly ToldLink[] {
  const unread = new Set<string>()
  const links = input.stages.flatMap((stage) => {
    const summary = input.result.plan.stages.find((one) => one.stage === stage.name)
    return linksOfStage(input, target, stage, summary, unread)
  })
  const told = [...links, ...readiness(input, target, links)].filter((link, _index, all) => !isSaidBetter(link, all))
  return inOrder(told.map((link, index) => [link, index]))
}

/** Two stages may tell the same in order of one thing, one of them with more words; and the plan may say that it keeps something from being done. */
function isSaidBetter({ name, state, words }: ToldLink, all: readonly ToldLink[]): boolean {
  if (state === 'told') return all.some((one) => one.name === name && one.trouble !== undefined && one.words === words)
  const says = (one: ToldLink) =>
    one.words !== words && (one.words.startsWith(words) || isOfSameThing(one.words, words))
  return state === 'good' && all.some((one) => one.name === name && says(one))
}

/** Both begin with one name between quotes: the one that tells more than that it is in order stays. */
function isOfSameThing(told: string, good: string): boolean {
  const [name] = /^"[^"]*"(?=,|$)/.exec(good) ?? []
  return name !== undefined && told.startsWith(`${name}, the spec asks for`)
}

function inOrder(links: readonly (readonly [ToldLink, number])[]): readonly ToldLink[] {
  const rank = ({ name }: ToldLink) => {
    const place = ORDER.indexOf(/^trust\b/.test(name) ? 'trust' : name)
    return place < 0 ? ORDER.indexOf('test') - 0.5 : place
  }
  return [...links].sort(([a, i], [b, j]) => rank(a) - rank(b) || i - j).map(([link]) => link)
}

function linksOfStage(
  input: ExplainInput,
  target: Target,
  stage: ExplainStage,
  summary: StageSummary | undefined,
  unread: Set<string>,
): readonly ToldLink[] {
  const { result, desired } = input
  const name = NAMES[stage.name] ?? stage.name
  if (summary?.incomplete) return unreadLink(name, summary.incomplete, unread, input.advise)
  const now = new Date(result.startedAt)
  const { reads, projection } = result
  const own: readonly ToldLink[] = stage.explain?.(target, { desired, reads, projection, now }) ?? []
  if (stage.kind !== target.kind || stage.mode === 'checks')
    return own.length > 0 ? own : verdictLink(stage, name, target, result)
  const fact = factOf(input, stage, name, target)
  if (!fact) return own
  const [first, ...others] = own
  if (fact.trouble !== undefined) return [...own, fact]
  if (!first) return [{ name: fact.name, state: fact.state, words: fact.words }]
  return [{ ...first, ...(fact.sync !== undefined && { sync: fact.sync }) }, ...others]
}

/** What could not be read at all is told once, however many stages wanted it. */
function unreadLink(
  name: string,
  { code, message }: Reason,
  unread: Set<string>,
  advise: ExplainInput['advise'],
): readonly ToldLink[] {
  const why = message.slice(message.indexOf(': ') + 1).trim()
  if (unread.has(why)) return []
  unread.add(why)
  const { what, next = advise?.(code) } = advised(message)
  return [{ name, state: 'unknown', words: `it could not be read: ${what}`, ...(next !== undefined && { next }) }]
}

/** What the plan says of the object in one writing stage; undefined where the stage does not wish for it. */
function factOf(input: ExplainInput, stage: ExplainStage, name: string, target: Target): ToldLink | undefined {
  const { stages } = input
  const { plan, reads, presence } = input.result
  const { kind, key, unmanaged } = target
  const isIt = (one: Change | Exception) => one.stage === stage.name && one.key === key
  const exception = plan.exceptions.find(isIt)
  if (exception) return repeatedBefore(exception, plan.exceptions, stages) ? undefined : exceptionLink(name, exception)
  for (const { changes, waits } of plan.steps) {
    const change = changes.find(isIt)
    if (change) return changeLink(name, change, waits, target, input)
  }
  const read = reads.get(stage.name)
  const row = read?.complete ? read.rows.get(key) : undefined
  if (unmanaged || !row || !presence.get(kind)?.wished.has(key)) return undefined
  return { name, state: 'good', words: IN_ORDER[stage.name] ?? 'as the spec says', sync: 'in sync' }
}

/** Stages that speak of one object often except it for one reason; the first says it. */
function repeatedBefore(
  { stage, key, kind, reason }: Exception,
  exceptions: readonly Exception[],
  stages: ExplainInput['stages'],
): boolean {
  const before = stages.slice(
    0,
    stages.findIndex(({ name }) => name === stage),
  )
  return exceptions.some(
    (one) =>
      one.key === key &&
      one.kind === kind &&
      one.reason.message === reason.message &&
      before.some(({ name }) => name === one.stage),
  )
}

function exceptionLink(name: string, { state, reason }: Exception): ToldLink {
  const { what, next } = advised(reason.message)
  const heading = state === 'Held' ? 'held' : name
  const link = {
    name: heading,
    state: state === 'Unknown' ? 'unknown' : 'broken',
    words: what,
    trouble: state,
  } as const
  return { ...link, code: reason.code, ...(next !== undefined && { next }) }
}

/** What to do about a change that waits, where the reason does not say it. Without a command a process that stays running writes it. */
export function nextOfWait({ code }: Reason, { applyCommand }: Pick<ExplainInput, 'applyCommand'>): string {
  if (code === WAITS.paused)
    return 'Ask whoever paused it; `mailkeel resume <set> --rollout` takes a pause out of the spec.'
  if (code === WAITS.unread) return 'Run `mailkeel plan` again once its tests can be read.'
  if (applyCommand === undefined) return 'Nothing but waiting: a later pass writes it when it is its turn.'
  return 'Nothing but waiting: `mailkeel apply` writes it when it is its turn, and `mailkeel apply --wait` stays until then.'
}

/** A change that is not made yet. That only a test is due is no break. */
function changeLink(
  name: string,
  { phrases, effects }: Change,
  waits: Reason | undefined,
  { isPlural }: Target,
  input: Pick<ExplainInput, 'applyCommand'>,
): ToldLink {
  const words = `planned: ${isPlural ? 'they' : 'it'} ${sentenceList(phrases.map(({ one, many }) => (isPlural ? many : one)))}`
  const onlyTest = effects.every((effect) => effect === 'test')
  const link = { name, state: onlyTest ? 'told' : 'broken', words, trouble: 'Drift' } as const
  if (waits === undefined) return link
  const { what, next } = advised(waits.message)
  return { ...link, evidence: what, next: next ?? nextOfWait(waits, input) }
}

const STATES = { True: 'good', False: 'broken', Unknown: 'unknown', Unverifiable: 'told' } as const

/** The verdict of a checking stage that has no links of its own for the object. */
function verdictLink(
  stage: ExplainStage,
  name: string,
  { kind, key }: Target,
  { reads }: ExplainInput['result'],
): readonly ToldLink[] {
  const read = reads.get(stage.name)
  const ready = stage.kind === kind && read?.complete ? read.rows.get(key)?.ready : undefined
  if (!ready) return []
  const { what, next } = advised(ready.message)
  return [{ name, state: STATES[ready.status], words: what, code: ready.code, ...(next !== undefined && { next }) }]
}

/** What the conditions say is wrong must be in the chain, also where no link tells it. */
function readiness(
  { conditions }: ExplainInput,
  { kind, key }: Target,
  links: readonly ToldLink[],
): readonly ToldLink[] {
  const ready = conditions.find((one) => one.kind === kind && one.key === key)?.ready
  if (ready?.status !== 'False' || links.some(({ state, trouble }) => state === 'broken' && trouble !== 'Drift'))
    return []
  const { what, next } = advised(ready.message)
  const { code } = ready
  return [{ name: 'test', state: 'broken', words: what, code, isInferred: true, ...(next !== undefined && { next }) }]
}
