// Writing the journal of one scope. A record is durable (fsync) before the caller goes on: the intent before the write it announces, the
// outcome before another window begins. A file that fails once is not written again; what is missing in it is looked up at the next pass.
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Intent, Journal, Key, Outcome, Reason, RecentChange } from '../engine/index.ts'
import { journaledChanges } from './journal-changes.ts'
import { inspectJournal, type JournalState, journalDirectory, journalFile, type OpenIntent } from './journal-reader.ts'
import { type PassedBefore, passedBefore, recentChanges } from './journal-recent.ts'
import {
  JOURNAL_VERSION,
  type JournalEntry,
  type JournalHeader,
  type LookedUp,
  type PassFinished,
  type PassStarted,
} from './journal-record.ts'
import { type Repeated, repeatedWrites } from './journal-repeated.ts'
import type { ScopeMemory } from './memory-file.ts'
import { makeDirectory, onDisk, openForAppending, StateDirectoryError } from './state-directory.ts'

/** A new file is begun when the newest is larger than this and no intent in it is open or unfinished. */
const ROTATE_BYTES = 16 * 1024 * 1024

/** The journal of one pass over one scope. Nothing is created on disk before the first record. */
export interface PassJournal extends Journal {
  /** Intents of earlier passes that have no outcome. */
  readonly interrupted: readonly OpenIntent[]
  /** What earlier passes changed without doing everything else to the same object. */
  readonly unfinished: readonly OpenIntent[]
  readonly notices: readonly Reason[]
  /** What changes of ours reached since a time, or perhaps did; undefined where the journal does not tell. Never fails. */
  recent(since: Date): Promise<readonly RecentChange[] | undefined>
  /** What overrides let pass before, or perhaps did; undefined where the journal does not tell. Never fails. */
  passed(): Promise<PassedBefore | undefined>
  /** When changes of ours reached objects of these kinds, by kind and key, since the journal began. Never fails: what it does not tell is not there. */
  changes(kinds: ReadonlySet<string>): Promise<ScopeMemory['changedAt']>
  /** What changes of ours wrote to these objects since a time. Never fails: what it does not tell was not written. */
  repeated(since: Date, keys: ReadonlySet<Key>): Promise<Repeated>
  start(pass: Omit<PassStarted, 'type'>): Promise<void>
  /** Concludes interrupted intents; those that took effect are unfinished then, and settled when they are looked up once more. */
  lookedUp(found: readonly LookedUp[]): Promise<void>
  finish(end: Omit<PassFinished, 'type' | 'open'>): Promise<void>
  close(): Promise<void>
}

/** What opening a journal needs. */
export interface JournalInput {
  readonly stateDirectory: string
  readonly scope: string
  /** The id of the pass. */
  readonly pass: string
  readonly now: () => Date
}

/** Opens the journal of a scope: reads where it stands, writes nothing yet. */
export async function openJournal(input: JournalInput): Promise<PassJournal> {
  return new FileJournal(input, await inspectJournal(input.stateDirectory, input.scope))
}

class FileJournal implements PassJournal {
  readonly interrupted: readonly OpenIntent[]
  readonly unfinished: readonly OpenIntent[]
  readonly notices: readonly Reason[] = []
  readonly #input: JournalInput
  readonly #state: JournalState
  readonly #open: Set<string>
  readonly #unfinished: Set<string>
  #sequence: number
  #file: FileHandle | undefined
  #failure: StateDirectoryError | undefined

  constructor(input: JournalInput, state: JournalState) {
    this.#input = input
    this.#state = state
    this.#sequence = state.sequence
    this.#open = new Set(state.open.keys())
    this.#unfinished = new Set(state.unfinished.keys())
    this.interrupted = [...state.open.values()]
    this.unfinished = [...state.unfinished.values()]
  }

  recent(since: Date): Promise<readonly RecentChange[] | undefined> {
    return recentChanges(this.#input.stateDirectory, this.#input.scope, since)
  }

  passed(): Promise<PassedBefore | undefined> {
    return passedBefore(this.#input.stateDirectory, this.#input.scope)
  }

  changes(kinds: ReadonlySet<string>): Promise<ScopeMemory['changedAt']> {
    return journaledChanges(this.#input.stateDirectory, this.#input.scope, kinds)
  }

  repeated(since: Date, keys: ReadonlySet<Key>): Promise<Repeated> {
    return repeatedWrites(this.#input.stateDirectory, this.#input.scope, since, keys)
  }

  async start(pass: Omit<PassStarted, 'type'>): Promise<void> {
    await this.#append({ type: 'pass-started', ...pass })
  }

  async intend(intents: readonly Intent[]): Promise<void> {
    await this.#append({ type: 'intents', intents })
    for (const { id } of intents) this.#open.add(id)
  }

  async conclude(outcomes: readonly Outcome[]): Promise<void> {
    await this.#append({ type: 'outcomes', outcomes })
    for (const { id } of outcomes) {
      this.#open.delete(id)
      this.#unfinished.delete(id)
    }
  }

  async lookedUp(found: readonly LookedUp[]): Promise<void> {
    await this.#append({ type: 'looked-up', found })
    for (const { id, result } of found) {
      if (this.#open.delete(id) && result === 'Applied') this.#unfinished.add(id)
      else this.#unfinished.delete(id)
    }
  }

  async finish(end: Omit<PassFinished, 'type' | 'open'>): Promise<void> {
    const unfinished = [...new Set([...this.#unfinished, ...(end.unfinished ?? [])])]
    await this.#append({
      type: 'pass-finished',
      ...end,
      open: this.#open.size,
      ...(unfinished.length > 0 && { unfinished }),
    })
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #append(entry: JournalEntry): Promise<void> {
    if (this.#failure) throw this.#failure
    try {
      this.#file ??= await this.#begin()
      await this.#write(this.#file, this.#line(entry))
    } catch (error) {
      if (error instanceof StateDirectoryError) this.#failure = error
      throw error
    }
  }

  async #begin(): Promise<FileHandle> {
    const { stateDirectory, scope, now } = this.#input
    const { number, bytes, tornBytes, file, foreign, open, unfinished } = this.#state
    const full = bytes > ROTATE_BYTES && open.size + unfinished.size === 0
    const fresh = file === undefined || foreign || full
    const directory = journalDirectory(stateDirectory, scope)
    await makeDirectory(directory)
    const path = fresh ? join(directory, journalFile(number + 1)) : file
    const handle = await openForAppending(path)
    try {
      const header: JournalHeader = { version: JOURNAL_VERSION, scope, createdAt: now().toISOString() }
      if (fresh || bytes === 0) await this.#write(handle, `${JSON.stringify(header)}\n`)
      else if (tornBytes > 0) await this.#write(handle, `\n${this.#line({ type: 'torn-line', bytes: tornBytes })}`)
      return handle
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  #line(entry: JournalEntry): string {
    this.#sequence += 1
    const { pass, now } = this.#input
    return `${JSON.stringify({ sequence: this.#sequence, time: now().toISOString(), pass, ...entry })}\n`
  }

  async #write(file: FileHandle, text: string): Promise<void> {
    await onDisk(`writing the journal of ${this.#input.scope}`, async () => {
      await file.appendFile(text)
      await file.datasync()
    })
  }
}
