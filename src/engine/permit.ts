// A permit lets a guard pass for some objects: an override of the spec, as the engine sees it. It holds for at most as many objects as it
// says; where the plan has more of those it covers, it holds for none, because then it is not what was reviewed.
import type { Key } from './observation.ts'
import type { Origin, Subject } from './stage.ts'

/** A reviewed permission to pass a guard. */
export interface Permit {
  /** The override's name. */
  readonly name: string
  readonly guard: string
  /** The most objects it covers in one plan. */
  readonly limit: number
  readonly reason: string
  readonly ticket?: string
  readonly origin: Origin
  /** By kind, the objects it holds for. Absent: for all. */
  readonly objects?: ReadonlyMap<string, ReadonlySet<Key>>
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

/** What permits come to. */
export interface Permitted {
  /** True for objects that a permit which counts covers. */
  readonly covers: (subject: Subject) => boolean
  /** Those that count and cover something. */
  readonly passedBy: readonly PassedBy[]
  /** Sentences: why the others do not help. */
  readonly faults: readonly string[]
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
    const covered = counted.filter((subject) => isFor(permit, subject)).length
    const fault = permit.fault ?? faultOf(permit, covered)
    if (fault === undefined) {
      const { name, reason, ticket } = permit
      good.push(permit)
      passedBy.push({ name, reason, ...(ticket === undefined ? {} : { ticket }), covered })
    } else
      faults.push(`the override ${permit.name} (${permit.origin.file}:${permit.origin.line}) does not count: ${fault}`)
  }
  return { covers: (subject) => good.some((permit) => isFor(permit, subject)), passedBy, faults: capped(faults) }
}

function faultOf({ limit }: Permit, covered: number): string | undefined {
  if (covered === 0) return 'it covers nothing of this'
  return covered > limit ? `its limit is ${limit}, and it would cover ${covered}` : undefined
}

/** Faults that are told; more would hide what the guard says. */
const TOLD = 3

function capped(faults: readonly string[]): readonly string[] {
  if (faults.length <= TOLD) return faults
  return [...faults.slice(0, TOLD), `${faults.length - TOLD} more overrides do not count either`]
}
