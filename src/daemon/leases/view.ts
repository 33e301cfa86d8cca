// What we have seen of the records, and since when by our own clock. Others' clocks are never believed: a lease of theirs is over when its
// record did not change for its whole duration while we looked on.
import { type LeaseClock, type Moment, momentOf, surelySince } from './clock.ts'
import type { LeaseRecord } from './lease-api.ts'
import { isReplica } from './names.ts'

/** A record, and when we first saw it as it is. */
export interface Seen {
  readonly record: LeaseRecord
  readonly since: Moment
}

/** All records as they were seen last. */
export class LeaseView {
  readonly #clock: LeaseClock
  #seen: ReadonlyMap<string, Seen> = new Map()

  constructor(clock: LeaseClock) {
    this.#clock = clock
  }

  /** Takes a complete list. */
  take(records: readonly LeaseRecord[]): void {
    const now = momentOf(this.#clock)
    this.#seen = new Map(
      records.map((record) => {
        const known = this.#seen.get(record.name)
        return [record.name, known?.record.version === record.version ? known : { record, since: now }]
      }),
    )
  }

  get(name: string): Seen | undefined {
    return this.#seen.get(name)
  }

  /** Who holds it and may still write; undefined where nobody can. */
  holderOf(name: string): string | undefined {
    const seen = this.#seen.get(name)
    return seen && !this.#isOver(seen) ? seen.record.holder : undefined
  }

  /** For how long we know that nobody holds it, in milliseconds. */
  freeForMs(name: string): number {
    const seen = this.#seen.get(name)
    if (!seen) return 0
    const { holder, durationMs } = seen.record
    return Math.max(0, surelySince(this.#clock, seen.since) - (holder === undefined ? 0 : durationMs))
  }

  /** Replicas that announced themselves and are not over. */
  replicas(): readonly string[] {
    return [...this.#seen.values()].flatMap((seen) => {
      const { subject, holder } = seen.record
      return isReplica(subject) && holder !== undefined && !this.#isOver(seen) ? [holder] : []
    })
  }

  /** How many scopes each holds. */
  holdings(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const [name, { record }] of this.#seen) {
      const holder = isReplica(record.subject) ? undefined : this.holderOf(name)
      if (holder !== undefined) counts.set(holder, (counts.get(holder) ?? 0) + 1)
    }
    return counts
  }

  /** Announcements of replicas that are long gone. */
  longGone(afterMs: number): readonly LeaseRecord[] {
    return [...this.#seen.values()].flatMap(({ record, since }) =>
      isReplica(record.subject) && surelySince(this.#clock, since) > record.durationMs + afterMs ? [record] : [],
    )
  }

  #isOver({ record, since }: Seen): boolean {
    return surelySince(this.#clock, since) >= record.durationMs
  }
}
