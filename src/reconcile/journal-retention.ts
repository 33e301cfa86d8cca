// Old journals hold addresses of people longer than anybody needs them, so files that are wholly older than a time are removed, file by file
// and from the oldest on: what is left always begins somewhere and has no gap. A file stays, however old, while it is the newest, while it
// holds intents that nobody looked up, and while it proves something that decides: which credentials are ours, and what overrides of the
// spec let pass, whose limits hold over all of their lives. Files after one that stays are newer and stay for the next time.
import { rm } from 'node:fs/promises'
import { journaledScopes } from './history.ts'
import { journalFiles, readRecords } from './journal-reader.ts'
import type { JournalRecord } from './journal-record.ts'
import { onDisk } from './state-directory.ts'

/** What pruning needs. */
export interface PruneInput {
  readonly stateDirectory: string
  /** What is older is removed. */
  readonly before: Date
  /** Kinds whose changes prove what is ours: those of stages with `ownsWhatItAdds`. */
  readonly keepKinds: ReadonlySet<string>
  /** Names of overrides that are still in the spec, of all scopes: what they let pass counts against their limits. */
  readonly keepOverrides: ReadonlySet<string>
  readonly signal: AbortSignal
}

/** What was removed, and what could not be looked at. */
export interface Pruned {
  readonly removed: readonly string[]
  /** Scopes whose journal could not be read or removed, with why. */
  readonly failed: ReadonlyMap<string, string>
}

/** Removes what is too old of the journals of all scopes. Throws only when the signal fires, or where the state directory cannot be listed. */
export async function pruneJournals(input: PruneInput): Promise<Pruned> {
  const removed: string[] = []
  const failed = new Map<string, string>()
  for (const scope of await journaledScopes(input.stateDirectory)) {
    input.signal.throwIfAborted()
    try {
      removed.push(...(await pruneScope(scope, input)))
    } catch (error) {
      input.signal.throwIfAborted()
      failed.set(scope, error instanceof Error ? error.message : 'unknown')
    }
  }
  return { removed, failed }
}

async function pruneScope(scope: string, input: PruneInput): Promise<readonly string[]> {
  const removed: string[] = []
  // The newest is the one that is written to.
  for (const file of (await journalFiles(input.stateDirectory, scope)).slice(0, -1)) {
    if (!(await mayGo(file, input))) break
    await onDisk(`removing ${file}`, () => rm(file, { force: true }))
    removed.push(file)
  }
  return removed
}

/** True where nothing in a file is young, open or needed. A file with a damaged line is kept: nobody knows what it says. */
async function mayGo(file: string, { before, keepKinds, keepOverrides, signal }: PruneInput): Promise<boolean> {
  const open = new Set<string>()
  const oldest = before.toISOString()
  for await (const record of readRecords(file)) {
    signal.throwIfAborted()
    if (record.type === 'damaged') return false
    if (!(record.time < oldest) || proves(record, keepKinds, keepOverrides)) return false
    note(record, open)
  }
  return open.size === 0
}

function proves(record: JournalRecord, kinds: ReadonlySet<string>, overrides: ReadonlySet<string>): boolean {
  if (record.type === 'pass-started')
    return record.allowed.some((allowed) => allowed.overrides?.some(({ name }) => overrides.has(name)))
  if (record.type === 'outcomes') return record.outcomes.some(({ kind }) => kinds.has(kind))
  if (record.type !== 'intents') return false
  return record.intents.some(
    ({ kind, passed = [] }) => kinds.has(kind) || passed.some(({ override }) => overrides.has(override)),
  )
}

/** A pass that ended in order may have left changes unfinished, which a later one in the same file settles. */
function note(record: JournalRecord, open: Set<string>): void {
  if (record.type === 'intents') for (const { id } of record.intents) open.add(id)
  if (record.type === 'outcomes') for (const { id } of record.outcomes) open.delete(id)
  if (record.type === 'looked-up') for (const { id } of record.found) open.delete(id)
  if (record.type === 'pass-finished') for (const id of record.unfinished ?? []) open.add(id)
}
