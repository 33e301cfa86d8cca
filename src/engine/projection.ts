import type { Change } from './change.ts'
import type { Intent } from './journal.ts'
import type { Fields, Key, Observed, Read } from './observation.ts'

/** A change of an earlier pass, and when it was about to be written (ISO 8601, by our clock). */
export interface LeftBehind {
  readonly time: string
  readonly intent: Intent
}

/** What a stage may know of the stages before it, as they will be when their planned changes are done. */
export interface Projection {
  /** The projected read of an earlier stage, or of the own stage within `desire` and `entail`. */
  read(stage: string): Read | undefined
  /** The planned change of an earlier stage to this object. */
  change(stage: string, key: Key): Change | undefined
  /**
   * What an earlier pass changed of this object and left unfinished: it took effect, and what the pass was to do to the object because of
   * it may never have been asked for. From the journal; a journal that was lost only makes a pass less eager.
   */
  unfinished(stage: string, key: Key): LeftBehind | undefined
}

/** Tells what earlier passes left unfinished, see `Projection`. */
export type Unfinished = Projection['unfinished']

const NOTHING_UNFINISHED: Unfinished = () => undefined

/** A projection that planning fills stage by stage. */
export class GrowingProjection implements Projection {
  readonly #reads = new Map<string, Read>()
  readonly #changes = new Map<string, ReadonlyMap<Key, Change>>()
  /** Stages whose changes are not laid over their reads yet: most reads are never asked for again, and rows are many. */
  readonly #due = new Set<string>()
  readonly unfinished: Unfinished

  constructor(unfinished: Unfinished = NOTHING_UNFINISHED) {
    this.unfinished = unfinished
  }

  read(stage: string): Read | undefined {
    const read = this.#reads.get(stage)
    if (!this.#due.delete(stage) || !read) return read
    const after = overlaid(read, this.#changes.get(stage) ?? new Map())
    this.#reads.set(stage, after)
    return after
  }

  change(stage: string, key: Key): Change | undefined {
    return this.#changes.get(stage)?.get(key)
  }

  /** Sets what a stage looks like now. */
  setRead(stage: string, read: Read): void {
    this.#reads.set(stage, read)
  }

  /** Lays the planned changes of a stage over its read. */
  overlay(stage: string, changes: readonly Change[]): void {
    this.#changes.set(stage, new Map(changes.map((change) => [change.key, change])))
    if (changes.length > 0) this.#due.add(stage)
  }
}

function overlaid(read: Read, changes: ReadonlyMap<Key, Change>): Read {
  if (!read.complete) return read
  const rows = new Map(read.rows)
  for (const change of changes.values()) {
    if (change.action === 'delete') rows.delete(change.key)
    else rows.set(change.key, overlayRow(rows.get(change.key), change))
  }
  return { ...read, rows }
}

function overlayRow(row: Observed | undefined, change: Change): Observed {
  const fields: Record<string, Fields[string]> = { ...row?.fields }
  for (const { field, to } of change.fields) fields[field] = to
  return { ...(row ?? { ref: undefined, label: change.label }), fields }
}
