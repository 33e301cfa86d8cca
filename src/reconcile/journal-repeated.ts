// What was written again and again, from the journal: a value that is planned although changes of ours to the very same value took effect, and
// nothing of ours wrote another one since, was undone by somebody else each time. The journal outlives the process, so a fight does too.
// What it does not tell (a damaged line, a journal that was lost) only makes that less.
import type { Change, Key } from '../engine/index.ts'
import { journalFiles, readRecords } from './journal-reader.ts'
import type { JournalRecord } from './journal-record.ts'

/** When a value was written, oldest first, as often as nothing of ours wrote another one in between. ISO 8601 in UTC. */
export type Repeated = (
  change: Pick<Change, 'stage' | 'key' | 'action'>,
  field: string,
  to: unknown,
) => readonly string[]

interface Run {
  readonly value: string
  readonly times: string[]
}

interface Written {
  readonly stage: string
  readonly key: Key
  readonly time: string
  readonly values: ReadonlyMap<string, string>
}

/** What changes of ours wrote since a time, to these objects. Never throws: what cannot be read was not written. */
export async function repeatedWrites(
  stateDirectory: string,
  scope: string,
  since: Date,
  keys: ReadonlySet<Key>,
): Promise<Repeated> {
  const book = new Book(since.toISOString(), keys)
  try {
    const told: JournalRecord[][] = []
    for (const file of [...(await journalFiles(stateDirectory, scope))].reverse()) {
      const { records, isOlder } = await readSince(file, book)
      told.unshift(records)
      if (isOlder) break
    }
    for (const record of told.flat()) book.take(record)
  } catch {
    // What was read until then is told.
  }
  return book.repeated
}

/** The records of a file that the book wants; `isOlder`: it begins before what is asked for, so no file before it need be read. */
async function readSince(file: string, book: Book) {
  const records: JournalRecord[] = []
  let isOlder = false
  for await (const record of readRecords(file)) {
    if (record.type === 'damaged') continue
    isOlder ||= record.time < book.since
    const wanted = book.wanted(record)
    if (wanted) records.push(wanted)
  }
  return { records, isOlder }
}

class Book {
  readonly since: string
  readonly #keys: ReadonlySet<Key>
  readonly #open = new Map<string, Written>()
  readonly #runs = new Map<string, Run>()

  constructor(since: string, keys: ReadonlySet<Key>) {
    this.since = since
    this.#keys = keys
  }

  readonly repeated: Repeated = ({ stage, key, action }, field, to) => {
    const run = this.#runs.get(placeOf(stage, key, field))
    return run && run.value === textOf(action, to) ? run.times : []
  }

  /** The part of a record that matters, so that a large journal is not kept as a whole. */
  wanted(record: JournalRecord): JournalRecord | undefined {
    if (record.time < this.since) return undefined
    if (record.type === 'intents') {
      const intents = record.intents.filter(({ key }) => this.#keys.has(key))
      return intents.length === 0 ? undefined : { ...record, intents }
    }
    if (record.type === 'outcomes') {
      const outcomes = record.outcomes.filter(({ key }) => this.#keys.has(key))
      return outcomes.length === 0 ? undefined : { ...record, outcomes }
    }
    return record.type === 'looked-up' ? record : undefined
  }

  take(record: JournalRecord): void {
    if (record.type === 'intents') {
      for (const { id, stage, key, action, fields } of record.intents) {
        const values = fields.map(({ field, to }) => [field, textOf(action, to)] as const)
        const all = action === 'delete' ? [[DELETION, textOf(action, null)] as const] : values
        this.#open.set(id, { stage, key, time: record.time, values: new Map(all) })
      }
    }
    const ends = record.type === 'outcomes' ? record.outcomes : record.type === 'looked-up' ? record.found : []
    for (const { id, result } of ends) {
      const written = this.#open.get(id)
      this.#open.delete(id)
      // Nothing was undone of what was not seen to be there.
      if (written && result === 'Applied') this.#note(written)
    }
  }

  #note({ stage, key, time, values }: Written): void {
    for (const [field, value] of values) {
      const place = placeOf(stage, key, field)
      const run = this.#runs.get(place)
      if (run?.value === value) run.times.push(time)
      else this.#runs.set(place, { value, times: [time] })
    }
  }
}

/** In place of a field: that the object is gone. */
export const DELETION = ''

function placeOf(stage: string, key: Key, field: string): string {
  return `${stage}\n${key}\n${field}`
}

/** What is created and what is changed is the same value. */
function textOf(action: Change['action'], to: unknown): string {
  return action === 'delete' ? 'gone' : JSON.stringify(to)
}
