// A permit lets a guard pass for some objects: an override of the spec, as the engine sees it. It holds for at most as many objects as it
// says, over its whole life: what it let pass before counts. Where that and the plan are more, it holds for none, because then it is not
// what was reviewed.
import type { Key } from './observation.ts'
import type { Origin, Subject } from './stage.ts'

/** A reviewed permission to pass a guard. */
export interface Permit {
  /** The override's name. */
  readonly name: string
  readonly guard: string
  /** The most objects it covers, in all plans together. */
  readonly limit: number
  readonly reason: string
  readonly ticket?: string
  readonly origin: Origin
  /** By kind, the objects it holds for. Absent: for all. */
  readonly objects?: ReadonlyMap<string, ReadonlySet<Key>>
  /** What it let pass before, see `subjectId`. Absent: nothing. */
  readonly spent?: ReadonlySet<string>
  /** Why it does not count, as the end of `the override x does not count: `. Absent: it counts. */
  readonly fault?: string
}

/** An override that passed a guard. */
export interface PassedBy {
  readonly name: string
  readonly reason: string
  readonly ticket?: string
  /** How many objects of the plan it covers. */
  readonly covered: number
}

/** That an override let something pass a guard. */
export interface Passage {
  readonly guard: string
  readonly override: string
}

/** What permits come to. */
export interface Permitted {
  /** True for objects that a permit which counts covers. */
  readonly covers: (subject: Subject) => boolean
  /** Those that count and cover something. */
  readonly passedBy: readonly PassedBy[]
  /** Sentences: why the others do not help. */
  readonly faults: readonly string[]
}

/** An object as one text, the same for the same object. */
export function subjectId({ kind, key }: Subject): string {
  return `${kind}\n${key}`
}

/** True where an object is among those a permit is for. */
export function isFor({ objects }: Permit, { kind, key }: Subject): boolean {
  return objects === undefined || (objects.get(kind)?.has(key) ?? false)
}

/** Tries permits on the objects that a guard counts. Each is measured by itself, so their order does not matter. Pure. */
export function tryPermits(permits: readonly Permit[], counted: readonly Subject[]): Permitted {
  const good: Permit[] = []
  const passedBy: PassedBy[] = []
  const faults: string[] = []
  for (const permit of permits) {
    const ids = new Set(counted.filter((subject) => isFor(permit, subject)).map(subjectId))
    const covered = ids.size
    const fault = permit.fault ?? limitFault(permit, ids)
    if (fault === undefined) {
      const { name, reason, ticket } = permit
      good.push(permit)
      passedBy.push({ name, reason, ...(ticket === undefined ? {} : { ticket }), covered })
    } else
      faults.push(`the override ${permit.name} (${permit.origin.file}:${permit.origin.line}) does not count: ${fault}`)
  }
  return { covers: (subject) => good.some((permit) => isFor(permit, subject)), passedBy, faults: capped(faults) }
}

/** Why a permit may not cover these objects, or undefined where it may. An object that it let pass before counts once. */
function limitFault({ limit, spent = NOTHING }: Permit, covered: ReadonlySet<string>): string | undefined {
  if (covered.size === 0) return 'it covers nothing of this'
  const more = [...covered].filter((id) => !spent.has(id)).length
  if (spent.size + more <= limit) return undefined
  const before = spent.size === 0 ? '' : `${spent.size} passed by it before, `
  return `its limit is ${limit}, ${before}and it would cover ${spent.size === 0 ? covered.size : `${more} more`}`
}

const NOTHING: ReadonlySet<string> = new Set()

/** Faults that are told; more would hide what the guard says. */
const TOLD = 3

function capped(faults: readonly string[]): readonly string[] {
  if (faults.length <= TOLD) return faults
  return [...faults.slice(0, TOLD), `${faults.length - TOLD} more overrides do not count either`]
}
