// One guard for everything that is limited by what it does to people. It counts distinct objects with certain effects, in the plan and,
// where there is a limit per hour, together with what was changed within the last hour; and it asks beyond any of its limits.
import type { Finding, Guard, GuardInput } from '../guard.ts'
import type { Key } from '../observation.ts'
import type { Effect, Subject } from '../stage.ts'

/** The most that passes without a question. A limit that is absent does not hold. */
export interface EffectLimits {
  /** Of the managed objects, in percent. */
  readonly maximumPercent?: number
  /** The percentage holds from this many managed objects on; default 0. */
  readonly minimumMailboxes?: number
  /** Objects in one plan; 0 = always asks. */
  readonly maximum?: number
  /** Objects in the plan and the hour before it. */
  readonly maximumPerHour?: number
}

/** What a guard counts, and in which words. */
export interface EffectRule {
  readonly name: string
  /** Only objects of this kind; absent: of every kind. */
  readonly kind?: string
  readonly noun: { readonly one: string; readonly many: string }
  /** What happens to them: `stops`, `stop`. */
  readonly verb: { readonly one: string; readonly many: string }
  counts(effects: readonly Effect[]): boolean
}

/** A guard that counts the objects of an effect and asks beyond its limits. */
export function effectGuard(rule: EffectRule, limits: EffectLimits): Guard {
  return {
    name: rule.name,
    looksBack: limits.maximumPerHour !== undefined,
    counted: (input) => subjectsOf(countedIn(input, rule)),
    judge: (input) => judgeCount(rule, limits, input),
  }
}

function judgeCount(rule: EffectRule, limits: EffectLimits, input: GuardInput): Finding {
  const counted = countedIn(input, rule)
  const count = sizeOf(counted)
  if (count === 0) return { decision: 'allow', message: '' }
  const total = totalOf(rule, input)
  const told =
    limits.maximumPercent === undefined
      ? inWords(rule, count)
      : shareInWords(rule, count, total, isAnyAbsent(rule, input))
  const objection =
    beyondMaximum(rule, limits, count) ?? beyondShare(limits, count, total) ?? beyondHour(rule, limits, input, counted)
  if (objection !== undefined) {
    return { decision: 'override', message: `${told}: ${objection}`, condition: 'if that is meant' }
  }
  const limit = limitInWords(rule, limits, total)
  return { decision: 'allow', message: limit === '' ? '' : `${told}: allowed, ${limit}` }
}

function beyondMaximum(rule: EffectRule, { maximum }: EffectLimits, count: number): string | undefined {
  if (maximum === undefined || count <= maximum) return undefined
  return maximum === 0 ? 'that always needs a second yes' : `the limit is ${nounOf(rule, maximum)}`
}

function beyondShare(limits: EffectLimits, count: number, total: number): string | undefined {
  const { maximumPercent, minimumMailboxes = 0 } = limits
  if (maximumPercent === undefined || total < minimumMailboxes) return undefined
  // Compared in whole steps: 30 % of 10 is 3, which binary fractions may miss.
  return count * 100 <= maximumPercent * total ? undefined : `the limit is ${maximumPercent} %`
}

function beyondHour(
  rule: EffectRule,
  { maximumPerHour }: EffectLimits,
  { recent }: GuardInput,
  counted: Counted,
): string | undefined {
  if (maximumPerHour === undefined) return undefined
  if (recent === undefined)
    return `the limit is ${maximumPerHour} an hour, and the journal does not tell what was changed in the last one`
  const earlier: Counted = new Map()
  for (const change of recent) {
    const isNew = counted.get(change.kind)?.has(change.key) !== true
    const wasPassed = change.passed?.some(({ guard }) => guard === rule.name) ?? false
    if (isNew && isCounted(rule, change) && !wasPassed) add(earlier, change)
  }
  const all = sizeOf(counted) + sizeOf(earlier)
  if (all <= maximumPerHour) return undefined
  const within = earlier.size > 0 ? `${all} with those of the last hour, and ` : ''
  return `${within}the limit is ${maximumPerHour} an hour`
}

/** Keys by kind: a text made of both would be made anew for each of 100,000 changes, by every guard. */
type Counted = Map<string, Set<Key>>

function countedIn({ plan, passed }: GuardInput, rule: EffectRule): Counted {
  const counted: Counted = new Map()
  for (const { changes } of plan.steps) {
    for (const change of changes) if (isCounted(rule, change) && !passed?.(change)) add(counted, change)
  }
  return counted
}

function add(counted: Counted, { kind, key }: Subject): void {
  const keys = counted.get(kind)
  if (keys) keys.add(key)
  else counted.set(kind, new Set([key]))
}

function sizeOf(counted: Counted): number {
  let size = 0
  for (const keys of counted.values()) size += keys.size
  return size
}

function subjectsOf(counted: Counted): readonly Subject[] {
  return [...counted].flatMap(([kind, keys]) => Array.from(keys, (key) => ({ kind, key })))
}

function isCounted({ kind, counts }: EffectRule, change: Subject & { readonly effects: readonly Effect[] }): boolean {
  return (kind === undefined || change.kind === kind) && counts(change.effects)
}

function totalOf({ kind }: EffectRule, { presence }: GuardInput): number {
  if (kind !== undefined) return presence.get(kind)?.present.size ?? 0
  return [...presence.values()].reduce((total, { present }) => total + present.size, 0)
}

/** True where fewer objects are there than are wished for: the share is of those that are. */
function isAnyAbsent({ kind }: EffectRule, { presence }: GuardInput): boolean {
  const counted =
    kind === undefined ? [...presence.values()] : [...presence.values()].filter((one) => one.kind === kind)
  return counted.some(({ wished, present }) => present.size < wished.size)
}

function limitInWords(rule: EffectRule, limits: EffectLimits, total: number): string {
  const { maximumPercent, minimumMailboxes = 0, maximum, maximumPerHour } = limits
  const from = total < minimumMailboxes ? ` from ${nounOf(rule, minimumMailboxes)}` : ''
  const parts = [
    maximumPercent === undefined ? '' : `${maximumPercent} %${from}`,
    maximum === undefined ? '' : nounOf(rule, maximum),
    maximumPerHour === undefined ? '' : `${maximumPerHour} an hour`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `the ${parts.length === 1 ? 'limit is' : 'limits are'} ${parts.join(', ')}`
}

function nounOf({ noun }: EffectRule, count: number): string {
  return `${count} ${count === 1 ? noun.one : noun.many}`
}

function inWords(rule: EffectRule, count: number): string {
  return `${nounOf(rule, count)} ${count === 1 ? rule.verb.one : rule.verb.many}`
}

/** A share in words: `12 of 40 managed mailboxes change (30 %)`. */
function shareInWords({ noun, verb }: EffectRule, count: number, total: number, isAnyAbsent: boolean): string {
  const percent = total === 0 ? 0 : (count / total) * 100
  const shown = percent > 0 && percent < 1 ? percent.toFixed(1) : String(Math.round(percent))
  const there = isAnyAbsent ? ' that are there' : ''
  return `${count} of ${total} managed ${noun.many}${there} ${count === 1 ? verb.one : verb.many} (${shown} %)`
}
