// Somebody else changes back what we write: an administrator by hand, or a second program. Whoever goes on writing then only makes noise in
// CRM and takes the mailbox away from people twice an hour. So after some reversals the object is left alone: until the spec asks for
// something else, a person says so (the guard `fight`), or the time is over without a write of ours. That may only veto: nothing is written
// that the plan did not hold before. What CRM does by itself is no fight: tests, their results and values that move are not counted.
import { type Change, FIGHT, type Key, type Plan, type Reason } from '../engine/index.ts'
import { parseDuration } from '../spec/duration.ts'
import type { Configuration } from '../spec/generated/types.ts'
import { DELETION, type Repeated } from './journal-repeated.ts'
import { type LastWriters, objectId } from './last-writers.ts'

/** When an object is left alone. */
export interface FightRule {
  /** So many times a change of ours may be undone ... */
  readonly reversals: number
  /** ... within this time. */
  readonly withinMs: number
}

/** The rule of a configuration. */
export function fightRule({ fights }: Pick<Configuration['spec'], 'fights'>): FightRule {
  return { reversals: fights.reversals, withinMs: parseDuration(fights.within) }
}

/** An object that somebody else keeps changing back. Times are ISO 8601 in UTC. */
export interface Fought {
  readonly stage: string
  readonly kind: string
  readonly key: Key
  readonly label: string
  readonly reversals: number
  /** The first of our writes that was undone. */
  readonly since: string
  /** When it is tried again, if nothing else happens. */
  readonly until: string
  /** Who changed it last, where CRM tells. */
  readonly by?: string
}

/** Decides about changes, and keeps what it decided. */
export interface FightWatch {
  /** Those of the changes that somebody fights over. */
  over(changes: readonly Change[]): readonly Change[]
  /** Takes the names of those who do. */
  name(writers: LastWriters): void
  /** Why a change is left alone, or undefined where nobody fights over it. */
  leaveAlone(change: Change): Reason | undefined
  /** Where a fight stands over this object. */
  of(stage: string, key: Key): Fought | undefined
}

/** Writes older than this matter to nobody. */
export function fightsBegin({ withinMs }: FightRule, now: Date): Date {
  return new Date(now.getTime() - 2 * withinMs)
}

/** Keys of objects over which somebody may fight: those with a change that is no mere test. */
export function fightableKeys({ steps }: Plan): ReadonlySet<Key> {
  const changes = steps.flatMap((step) => step.changes)
  return new Set(changes.filter((change) => placesIn(change).length > 0).map(({ key }) => key))
}

/** Watches over fights by what was written before. Pure but for what it keeps. */
export function watchFights(rule: FightRule, repeated: Repeated, now: Date): FightWatch {
  const known = new Map<string, Fought>()
  let writers: LastWriters = new Map()
  return {
    over: (changes) => changes.filter((change) => foughtOver(change, rule, repeated, now)),
    name(told) {
      writers = told
    },
    leaveAlone(change) {
      const found = foughtOver(change, rule, repeated, now)
      if (!found) return undefined
      const by = writers.get(objectId(change))
      const fought = by === undefined ? found : { ...found, by }
      known.set(objectId(change), fought)
      return reasonOf(fought)
    },
    of: (stage, key) => known.get(objectId({ stage, key })),
  }
}

/** The fights that a plan leaves objects alone for. */
export function foughtIn({ exceptions }: Plan, watch: FightWatch | undefined): readonly Fought[] {
  if (!watch) return []
  return exceptions.flatMap(({ stage, key, reason }) =>
    reason.code === FIGHT_CODE ? (watch.of(stage, key) ?? []) : [],
  )
}

/** Code of the reason. */
const FIGHT_CODE = 'ChangedBack'

function foughtOver(change: Change, rule: FightRule, repeated: Repeated, now: Date): Fought | undefined {
  let worst: readonly string[] = []
  for (const { field, to } of placesIn(change)) {
    const times = lateTimes(repeated(change, field, to), rule, now)
    if (times.length > worst.length) worst = times
  }
  const [since] = worst
  const last = worst.at(-1)
  if (worst.length < rule.reversals || since === undefined || last === undefined) return undefined
  const until = new Date(Date.parse(last) + rule.withinMs).toISOString()
  const { stage, kind, key, label } = change
  return { stage, kind, key, label, reversals: worst.length, since, until }
}

/** The writes within the time before the last one; none where that is over. */
function lateTimes(times: readonly string[], { withinMs }: FightRule, now: Date): readonly string[] {
  const last = Date.parse(times.at(-1) ?? '')
  if (!(last + withinMs > now.getTime())) return []
  return times.filter((time) => Date.parse(time) >= last - withinMs)
}

function placesIn({ action, fields }: Change): readonly { readonly field: string; readonly to: unknown }[] {
  if (action === 'delete') return [{ field: DELETION, to: null }]
  return fields.filter(({ effect, volatile }) => effect !== 'test' && !volatile)
}

function reasonOf({ reversals, since, until, by }: Fought): Reason {
  const times = reversals === 1 ? 'once' : `${reversals} times`
  return {
    code: FIGHT_CODE,
    message: `somebody else changed it back ${times} since ${minute(since)}${by === undefined ? '' : `, last ${by}`}, so it is left alone until ${minute(until)} or until the spec asks for something else; agree with them, or pass the guard \`${FIGHT}\``,
  }
}

function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`
}
