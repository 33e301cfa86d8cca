// What stages ask while they plan: may this object go on, although a guard that is no rule over a plan (a stopped rollout) objects? An
// override answers for at most as many objects as it says; how many are asked about is known only when planning is over. So a plan in
// which one answered for more is made again without it.
import {
  FIGHT,
  type GuardVerdict,
  type Key,
  type Permit,
  type Subject,
  subjectId,
  tryPermits,
} from '../engine/index.ts'

/** Answers given during one planning. */
export interface Answers {
  readonly allows: (guard: string, key: Key) => boolean
  /** Permits that answered for more objects than they may. */
  overdrawn(): readonly Permit[]
  /** What a guard was asked about; of no kind, because stages ask about keys of their own. */
  asked(guard: string): readonly Subject[]
  /** What was asked and answered, one verdict for each guard that was asked about and has something to tell. Never an objection. */
  verdicts(): readonly GuardVerdict[]
}

/** Answers with what a person allowed by name, for all objects, and with permits, for those they cover. */
export function createAnswers(allowed: ReadonlySet<string>, permits: readonly Permit[]): Answers {
  const asked = new Map<string, Set<Key>>()
  const answered = (guard: string, key: Key) =>
    permits.some((permit) => permit.guard === guard && permit.fault === undefined && isForKey(permit, key))
  return {
    allows(guard, key) {
      const keys = asked.get(guard)
      if (keys) keys.add(key)
      else asked.set(guard, new Set([key]))
      return answered(guard, key) || allowed.has(guard)
    },
    overdrawn: () =>
      permits.filter((permit) => {
        if (permit.fault !== undefined) return false
        const { spent, limit, guard } = byKey(permit)
        const going = subjectsOf(guard).filter(({ key }) => isForKey(permit, key))
        return new Set([...(spent ?? []), ...going.map(subjectId)]).size > limit
      }),
    asked: subjectsOf,
    verdicts: () => [...asked].flatMap(([guard, keys]) => verdictOn(guard, keys)),
  }

  function subjectsOf(guard: string): readonly Subject[] {
    return [...(asked.get(guard) ?? [])].map((key) => ({ kind: ANY, key }))
  }

  function verdictOn(guard: string, keys: ReadonlySet<Key>): readonly GuardVerdict[] {
    const own = permits.filter((permit) => permit.guard === guard).map(byKey)
    const { passedBy, faults } = tryPermits(own, subjectsOf(guard))
    const going = [...keys].filter((key) => allowed.has(guard) || answered(guard, key)).length
    if (going === 0) return faults.length === 0 ? [] : [{ guard, decision: 'allow', message: faults.join('; ') }]
    const message = wordsOf(guard, going)
    const passed = { guard, decision: 'override', message, overridden: true } as const
    return [passedBy.length > 0 ? { ...passed, overrides: passedBy } : passed]
  }
}

function wordsOf(guard: string, going: number): string {
  if (guard === FIGHT)
    return `${going === 1 ? '1 object is' : `${going} objects are`} written although somebody else keeps changing ${going === 1 ? 'it' : 'them'} back`
  return `${going === 1 ? '1 mailbox goes' : `${going} mailboxes go`} on although the rollout stopped`
}

/** Stages ask about keys of their own kind, so a key is enough. */
export const ANY = 'any'

function byKey(permit: Permit): Permit {
  const { objects, spent } = permit
  const keys = objects && [...objects.values()].flatMap((some) => [...some])
  return {
    ...permit,
    ...(keys ? { objects: new Map([[ANY, new Set(keys)]]) } : {}),
    ...(spent
      ? { spent: new Set([...spent].map((id) => subjectId({ kind: ANY, key: id.slice(id.indexOf('\n') + 1) }))) }
      : {}),
  }
}

/** True where a permit is for a key, of whatever kind. */
export function isForKey({ objects }: Permit, key: Key): boolean {
  return objects === undefined || [...objects.values()].some((keys) => keys.has(key))
}

/** A permit that answered for too many objects, as one that does not count. */
export function withoutOverdrawn(permits: readonly Permit[], overdrawn: readonly Permit[]): readonly Permit[] {
  return permits.map((permit) =>
    overdrawn.includes(permit) ? { ...permit, fault: `more than its limit of ${permit.limit} would go on` } : permit,
  )
}
