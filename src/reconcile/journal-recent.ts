// What was changed lately, from the end of a journal: it is read backwards in growing pieces until a record is older than what is asked
// for. What cannot be told for certain (a damaged line, more than is worth reading) is not told at all, so that a guard asks.
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Passage, type RecentChange, type Subject, subjectId } from '../engine/index.ts'
import { isJournalHeader, journalDirectory, journalFile, journalFiles, listJournalFiles } from './journal-reader.ts'
import { type JournalRecord, parseRecord } from './journal-record.ts'

const FIRST_BYTES = 256 * 1024
/** More than this is not read, however much was changed. */
const MOST_BYTES = 128 * 1024 * 1024

/** Objects that changes of ours reached since a time, or perhaps did; undefined where the journal does not tell. Never throws. */
export async function recentChanges(
  stateDirectory: string,
  scope: string,
  since: Date,
): Promise<readonly RecentChange[] | undefined> {
  try {
    const directory = journalDirectory(stateDirectory, scope)
    const records: JournalRecord[] = []
    for (const number of [...(await listJournalFiles(directory))].reverse()) {
      const tail = await readBack(join(directory, journalFile(number)), since)
      if (tail === undefined) return undefined
      records.unshift(...tail.records)
      if (tail.reached) break
    }
    return reachedBy(records.filter(({ time }) => !(Date.parse(time) < since.getTime())))
  } catch {
    return undefined
  }
}

/** What overrides let pass, by `passageId`: objects as `subjectId` has them. */
export type PassedBefore = ReadonlyMap<string, ReadonlySet<string>>

/** An override of a guard as one text. */
export function passageId({ guard, override }: Passage): string {
  return `${guard}\n${override}`
}

/**
 * What overrides let pass since the journal began, or perhaps did; undefined where it does not tell. An override is the same as long as its
 * name is: its limit holds over all of its life. Never throws.
 */
export async function passedBefore(stateDirectory: string, scope: string): Promise<PassedBefore | undefined> {
  try {
    const records: JournalRecord[] = []
    for (const path of await journalFiles(stateDirectory, scope)) {
      const found = recordsIn(await readFile(path, 'utf8'), true)
      if (found === undefined) return undefined
      records.push(...found.filter(tellsOfPassing))
    }
    const changes = reachedBy(records)
    return changes && passagesIn(records, changes)
  } catch {
    return undefined
  }
}

/** Outcomes of other changes are let go at once: a journal of years is long. */
function tellsOfPassing(record: JournalRecord): boolean {
  if (record.type === 'pass-started') return record.allowed.some(({ overrides }) => overrides !== undefined)
  if (record.type === 'intents') return record.intents.some(({ passed }) => passed !== undefined)
  return record.type === 'outcomes' || record.type === 'looked-up'
}

function passagesIn(records: readonly JournalRecord[], changes: readonly RecentChange[]): PassedBefore {
  const passed = new Map<string, Set<string>>()
  const note = (passage: Passage, subject: Subject) => {
    const id = passageId(passage)
    const objects = passed.get(id) ?? new Set<string>()
    passed.set(id, objects.add(subjectId(subject)))
  }
  for (const change of changes) for (const passage of change.passed ?? []) note(passage, change)
  for (const record of records) {
    if (record.type !== 'pass-started') continue
    for (const { guard, overrides = [] } of record.allowed) {
      for (const { name, unchanged = [] } of overrides) {
        for (const subject of unchanged) note({ guard, override: name }, subject)
      }
    }
  }
  return passed
}

interface Tail {
  readonly records: readonly JournalRecord[]
  /** The oldest record is older than what was asked for: files before this one need not be read. */
  readonly reached: boolean
}

async function readBack(path: string, since: Date): Promise<Tail | undefined> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    for (let bytes = FIRST_BYTES; bytes <= MOST_BYTES; bytes *= 4) {
      const from = Math.max(size - bytes, 0)
      const buffer = Buffer.alloc(size - from)
      await file.read(buffer, 0, buffer.length, from)
      const records = recordsIn(buffer.toString('utf8'), from === 0)
      if (records === undefined) return undefined
      const [oldest] = records
      const reached = oldest !== undefined && Date.parse(oldest.time) < since.getTime()
      if (reached || from === 0) return { records, reached }
    }
    return undefined
  } finally {
    await file.close()
  }
}

/** The records of a piece, or undefined where a line of it is damaged. A line that was cut off at the end of a process announced nothing. */
function recordsIn(text: string, isWhole: boolean): readonly JournalRecord[] | undefined {
  const lines = text.split('\n')
  // The last part has no end yet, the first one of a piece has no beginning.
  lines.pop()
  if (!isWhole) lines.shift()
  const records: JournalRecord[] = []
  for (const [index, line] of lines.entries()) {
    if (isWhole && index === 0 && isJournalHeader(line)) continue
    const record = parseRecord(line)
    if (record) records.push(record)
    else if (parseRecord(lines[index + 1] ?? '')?.type !== 'torn-line') return undefined
  }
  return records
}

/** Outcomes after which the object is certainly as it was. */
const UNTOUCHED: ReadonlySet<string> = new Set(['AlreadyDone', 'Moved', 'Failed', 'Blocked', 'Cancelled', 'NotApplied'])

function reachedBy(records: readonly JournalRecord[]): readonly RecentChange[] | undefined {
  const open = new Map<string, RecentChange>()
  const reached: RecentChange[] = []
  for (const record of records) {
    if (record.type === 'intents') {
      for (const { id, kind, key, effects, passed } of record.intents) {
        if (!Array.isArray(effects)) return undefined
        open.set(id, { kind, key, effects, ...(passed ? { passed } : {}) })
      }
    }
    const ends = record.type === 'outcomes' ? record.outcomes : record.type === 'looked-up' ? record.found : []
    for (const { id, result } of ends) {
      const change = open.get(id)
      open.delete(id)
      if (change && !UNTOUCHED.has(result)) reached.push(change)
    }
  }
  return [...reached, ...open.values()]
}
