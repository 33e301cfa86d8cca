import type { Key, Read } from './observation.ts'
import type { Wish } from './stage.ts'

/** The objects of one kind that are wished to be present: all of them, and those that were really there. */
export interface Presence {
  readonly kind: string
  readonly wished: ReadonlySet<Key>
  readonly present: ReadonlySet<Key>
  /** What people call the wished objects, where that is not the key. */
  readonly labels: ReadonlyMap<Key, string>
  /** False where a read was incomplete: then nothing follows from an object not being present. */
  readonly complete: boolean
  /** Some objects could not be told: those that nobody asked for may be among them. */
  readonly partly?: true
}

interface Entry {
  readonly wished: Set<Key>
  readonly present: Set<Key>
  readonly labels: Map<Key, string>
  complete: boolean
  partly?: true
}

function newEntry(): Entry {
  return { wished: new Set(), present: new Set(), labels: new Map(), complete: true }
}

/** Gathers presence over the stages of one kind. Unknown objects count as present: they exist in some form. */
export class PresenceBook {
  readonly #kinds = new Map<string, Entry>()

  /** What notes the wishes of a stage, one after the other. Checks wish for nothing to be there and are not noted. */
  noting(
    { kind, mode }: { readonly kind: string; readonly mode: 'writes' | 'checks' },
    read: Read,
  ): (key: Key, wish: Wish) => void {
    if (mode === 'checks') return () => {}
    const entry = this.#kinds.get(kind) ?? newEntry()
    this.#kinds.set(kind, entry)
    if (!read.complete) entry.complete = false
    else if (read.unknown.size > 0) entry.partly = true
    return (key, { ensure, label }) => {
      if (ensure !== 'present') return
      if (label !== key) entry.labels.set(key, label)
      // An earlier stage of this kind noted both.
      if (entry.present.has(key)) return
      entry.wished.add(key)
      if (read.complete && (read.rows.has(key) || read.unknown.has(key))) entry.present.add(key)
    }
  }

  kinds(): ReadonlyMap<string, Presence> {
    return new Map([...this.#kinds].map(([kind, entry]) => [kind, { kind, ...entry }]))
  }
}
