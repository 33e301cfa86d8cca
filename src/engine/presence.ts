import type { Key, Read } from './observation.ts'
import type { Wish } from './stage.ts'

/** The objects of one kind that are wished to be present: all of them, and those that were really there. */
export interface Presence {
  readonly kind: string
  readonly wished: ReadonlySet<Key>
  readonly present: ReadonlySet<Key>
  /** False where a read was incomplete: then nothing follows from an object not being present. */
  readonly complete: boolean
}

/** Gathers presence over the stages of one kind. Unknown objects count as present: they exist in some form. */
export class PresenceBook {
  readonly #kinds = new Map<string, { wished: Set<Key>; present: Set<Key>; complete: boolean }>()

  note(kind: string, wishes: ReadonlyMap<Key, Wish>, read: Read): void {
    const entry = this.#kinds.get(kind) ?? { wished: new Set(), present: new Set(), complete: true }
    this.#kinds.set(kind, entry)
    if (!read.complete) entry.complete = false
    for (const [key, { ensure }] of wishes) {
      if (ensure === 'absent') continue
      entry.wished.add(key)
      if (read.complete && (read.rows.has(key) || read.unknown.has(key))) entry.present.add(key)
    }
  }

  kinds(): ReadonlyMap<string, Presence> {
    return new Map([...this.#kinds].map(([kind, entry]) => [kind, { kind, ...entry }]))
  }
}
