// What was done, from the journal. Files are read one after the other from the newest, each as a stream, and only as much is kept as will
// be told: a journal of years costs no more memory than the answer.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Intent, Outcome, Reason, Result } from '../engine/index.ts'
import { type IsMeant, meaningOf, readRenames } from './history-renames.ts'
import { headOf, journalFiles, readRecords } from './journal-reader.ts'
import type { AllowedGuard, JournalRecord, LookedUp, PassFinished, PassStarted } from './journal-record.ts'
import { isMissing, onDisk } from './state-directory.ts'

/** What became of a change: the outcome of its pass, what a later pass found, or `Open` where neither was written down. */
export type HistoryResult = Result | LookedUp['result'] | 'Open'

/** One change as the journal has it. */
export interface HistoryChange extends Pick<Intent, 'id' | 'stage' | 'kind' | 'key' | 'label'> {
  readonly time: string
  /** Absent, with `fields` and `origin`, where it was decided without writing that nothing is written. */
  readonly action?: Intent['action']
  readonly fields: Intent['fields']
  readonly origin?: Intent['origin']
  readonly result: HistoryResult
  readonly reason?: Reason
}

/** One pass that wrote, with those of its changes that were asked for, oldest first. */
export interface HistoryPass {
  readonly scope: string
  readonly pass: string
  readonly time: string
  readonly by: string
  readonly revision: string
  /** Changes the pass was to make. */
  readonly planned: number
  readonly allowed: readonly AllowedGuard[]
  /** Guards of that pass with their numbers. */
  readonly guards: PassStarted['verdicts']
  /** Absent where the pass was cut off. */
  readonly finished?: Pick<PassFinished, 'results' | 'failure'> & { readonly time: string }
  readonly changes: readonly HistoryChange[]
}

/** What is asked of a journal. */
export interface HistoryQuery {
  readonly stateDirectory: string
  /** For example `organization/contoso-sales`. */
  readonly scope: string
  /** The most changes that are kept; passes without any count as one. */
  readonly limit: number
  /** In place of changes, passes are counted: each whole, but with no more than this many of its changes, the first ones. */
  readonly changesPerPass?: number
  /** Canonical addresses, keys or labels; absent = all objects. An address stands for the mailbox under its other addresses too. */
  readonly keys?: ReadonlySet<string>
  /** The beginning of a revision. */
  readonly revision?: string
  /** The beginning of the id of a pass. */
  readonly pass?: string
  readonly since?: Date
  /** Only passes that began before. */
  readonly before?: Date
  /** Once this much was read, no older file is begun. */
  readonly maximumBytes?: number
}

/** The newest that was asked for. */
export interface History {
  /** Newest first. */
  readonly passes: readonly HistoryPass[]
  /** There is more than the limit. */
  readonly hasMore: boolean
  /** Where older files were not begun: what began before this time was not looked at. */
  readonly unreadBefore?: string
  /** Lines that could not be read: torn by a crash, or damaged. */
  readonly damaged: number
}

/** Scopes that have a journal, by name. */
export async function journaledScopes(stateDirectory: string): Promise<readonly string[]> {
  const all = await Promise.all(['organization', 'trust'].map((kind) => scopesOfKind(stateDirectory, kind)))
  return all.flat()
}

async function scopesOfKind(stateDirectory: string, kind: string): Promise<readonly string[]> {
  const directory = join(stateDirectory, 'journal', kind)
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() ? [`${kind}/${entry.name}`] : [])).sort()
  } catch (error) {
    if (isMissing(error)) return []
    return onDisk(`reading ${directory}`, () => Promise.reject(error))
  }
}

/** Reads what was done in one scope. Damaged lines are counted and passed over. Throws a StateDirectoryError where nothing can be read. */
export async function readHistory(query: HistoryQuery): Promise<History> {
  const passes: HistoryPass[] = []
  let damaged = 0
  let left = query.limit
  let bytes = 0
  let unreadBefore: string | undefined
  let hasMore = false
  const { keys, stateDirectory, scope, maximumBytes = Number.POSITIVE_INFINITY } = query
  const isMeant = keys && meaningOf(keys, await readRenames(stateDirectory, scope, maximumBytes))
  for (const file of [...(await journalFiles(query.stateDirectory, query.scope))].reverse()) {
    if (left <= 0 || bytes >= maximumBytes) {
      hasMore = true
      break
    }
    const { createdAt, size } = await headOf(file)
    if (query.before && createdAt !== undefined && Date.parse(createdAt) >= query.before.getTime()) continue
    bytes += size
    const collector = new Collector(query, left, isMeant)
    let oldest: string | undefined
    for await (const record of readRecords(file)) {
      if (record.type === 'damaged') damaged += 1
      else {
        oldest ??= record.time
        collector.take(record)
      }
    }
    passes.push(...collector.newestFirst())
    hasMore ||= collector.dropped
    left -= collector.size
    unreadBefore = createdAt ?? oldest ?? unreadBefore
    if (query.since && oldest !== undefined && Date.parse(oldest) < query.since.getTime()) break
  }
  const isCut = hasMore && bytes >= maximumBytes && unreadBefore !== undefined
  return { passes, hasMore, damaged, ...(isCut && unreadBefore !== undefined && { unreadBefore }) }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type OpenPass = Omit<Writable<HistoryPass>, 'changes'> & { changes: Writable<HistoryChange>[] }

/** Collects the records of one file, oldest first, and lets go of the oldest where there are too many. */
class Collector {
  dropped = false
  size = 0
  readonly #query: HistoryQuery
  readonly #limit: number
  readonly #isMeant: IsMeant | undefined
  readonly #passes: OpenPass[] = []
  /** Changes without an outcome, by id. */
  readonly #open = new Map<string, Writable<HistoryChange>>()
  #current: OpenPass | undefined

  constructor(query: HistoryQuery, limit: number, isMeant: IsMeant | undefined) {
    this.#query = query
    this.#limit = limit
    this.#isMeant = isMeant
  }

  take(record: JournalRecord): void {
    if (record.type === 'pass-started') this.#start(record, record)
    else if (record.type === 'intents') for (const intent of record.intents) this.#intend(intent, record.time)
    else if (record.type === 'outcomes') for (const outcome of record.outcomes) this.#conclude(outcome, record.time)
    else if (record.type === 'looked-up') for (const found of record.found) this.#lookUp(found)
    else if (record.type === 'pass-finished') this.#finish(record, record.time)
  }

  newestFirst(): readonly HistoryPass[] {
    this.#end()
    return [...this.#passes].reverse()
  }

  #start({ scope, by, revision, changes, allowed, verdicts }: PassStarted, stamp: JournalRecord): void {
    this.#end()
    const { pass, time } = stamp
    const isAsked =
      (this.#query.revision === undefined || revision.startsWith(this.#query.revision)) &&
      (this.#query.pass === undefined || pass.startsWith(this.#query.pass)) &&
      (this.#query.since === undefined || Date.parse(time) >= this.#query.since.getTime()) &&
      (this.#query.before === undefined || Date.parse(time) < this.#query.before.getTime())
    if (!isAsked) return
    this.#current = { scope, pass, time, by, revision, planned: changes, allowed, guards: verdicts, changes: [] }
    this.#passes.push(this.#current)
    this.size += 1
  }

  #intend({ id, stage, kind, key, label, action, fields, origin }: Intent, time: string): void {
    const change = { id, stage, kind, key, label, action, fields, origin, time, result: 'Open' } as const
    this.#add(change)
  }

  #conclude({ id, stage, kind, key, label, result, reason }: Outcome, time: string): void {
    const known = this.#open.get(id)
    if (!known) {
      this.#add({ id, stage, kind, key, label, time, fields: [], result, ...(reason && { reason }) })
      return
    }
    this.#open.delete(id)
    known.result = result
    if (reason) known.reason = reason
  }

  #lookUp({ id, result }: LookedUp): void {
    const known = this.#open.get(id)
    if (known) known.result = result
    this.#open.delete(id)
  }

  #finish({ results, failure }: PassFinished, time: string): void {
    if (this.#current) this.#current.finished = { time, results, ...(failure && { failure }) }
  }

  #add(change: Writable<HistoryChange>): void {
    const { key, label, time } = change
    if (!this.#current || (this.#isMeant && !this.#isMeant(key, time) && !this.#isMeant(label, time))) return
    if (change.result === 'Open') this.#open.set(change.id, change)
    const { changesPerPass } = this.#query
    if (changesPerPass !== undefined) {
      if (this.#current.changes.length < changesPerPass) this.#current.changes.push(change)
      return
    }
    // The first change of a pass takes the place that the pass itself was counted with.
    if (this.#current.changes.length > 0) this.size += 1
    this.#current.changes.push(change)
    this.#trim()
  }

  /** A pass without anything that was asked for is told only where no object was asked for. */
  #end(): void {
    if (this.#current && this.#query.keys && this.#current.changes.length === 0) {
      this.#passes.pop()
      this.size -= 1
    }
    this.#current = undefined
    this.#trim()
  }

  #trim(): void {
    while (this.size > this.#limit) {
      const [oldest] = this.#passes
      if (!oldest) return
      if (this.#query.changesPerPass !== undefined) oldest.changes.length = 0
      // What is let go of stays in #open until its outcome comes, so that the outcome is not taken for one without an intent.
      oldest.changes.shift()
      if (oldest.changes.length === 0 && oldest !== this.#current) this.#passes.shift()
      this.size -= 1
      this.dropped = true
    }
  }
}
