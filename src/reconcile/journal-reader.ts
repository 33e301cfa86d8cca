// Reading the journal of a scope. It never throws for a damaged line: the journal tells what was done and what was left unfinished, and a
// line that is lost only makes that less.
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Intent, Result } from '../engine/index.ts'
import {
  type DamagedLine,
  JOURNAL_VERSION,
  type JournalRecord,
  type LookedUp,
  type PassFinished,
  parseRecord,
  type Stamp,
} from './journal-record.ts'
import { isMissing, onDisk, scopePath } from './state-directory.ts'

/** How much of the end of a file is read to see that its last pass ended in order. */
const TAIL_BYTES = 64 * 1024
const HEAD_BYTES = 256

/** An intent whose outcome was never written down. */
export interface OpenIntent {
  readonly pass: string
  readonly time: string
  readonly intent: Intent
}

/** Where a journal stands. `open` and `unfinished` are of the newest file; while there are any, no newer one is begun. */
export interface JournalState {
  /** The newest file; absent where the scope has no journal yet. */
  readonly file?: string
  /** Number of the newest file, from 1; 0 where there is none. */
  readonly number: number
  readonly bytes: number
  /** The newest file is of another version or has no header: it is left alone, and a new file is begun. */
  readonly foreign: boolean
  /** The sequence of the last record, 0 where there is none. */
  readonly sequence: number
  /** Bytes of a last line that was not finished. */
  readonly tornBytes: number
  /** By change id. */
  readonly open: ReadonlyMap<string, OpenIntent>
  /** By change id: what took effect, or may have, in a pass that did not do everything else to the same object. */
  readonly unfinished: ReadonlyMap<string, OpenIntent>
}

const NONE: ReadonlyMap<string, OpenIntent> = new Map()

/** The directory of a scope's journal: `<stateDirectory>/journal/organization/<name>`. */
export function journalDirectory(stateDirectory: string, scope: string): string {
  return scopePath(join(stateDirectory, 'journal'), scope)
}

/** The name of a journal file by its number. */
export function journalFile(number: number): string {
  return `${String(number).padStart(6, '0')}.jsonl`
}

/** All records of a scope, oldest first, and the lines that are none. */
export async function* readJournal(stateDirectory: string, scope: string): AsyncIterable<JournalRecord | DamagedLine> {
  for (const file of await journalFiles(stateDirectory, scope)) yield* readRecords(file)
}

/** The files of a scope's journal, oldest first; none where it has no journal yet. */
export async function journalFiles(stateDirectory: string, scope: string): Promise<readonly string[]> {
  const directory = journalDirectory(stateDirectory, scope)
  return (await listJournalFiles(directory)).map((number) => join(directory, journalFile(number)))
}

/** Intents without outcomes, oldest first. */
export async function openIntents(stateDirectory: string, scope: string): Promise<readonly OpenIntent[]> {
  return [...(await inspectJournal(stateDirectory, scope)).open.values()]
}

/** Where the journal of a scope stands. Reads the end of the newest file, and all of that file where its last pass was cut off. */
export async function inspectJournal(stateDirectory: string, scope: string): Promise<JournalState> {
  const directory = journalDirectory(stateDirectory, scope)
  const number = (await listJournalFiles(directory)).at(-1)
  if (number === undefined)
    return { number: 0, bytes: 0, foreign: false, sequence: 0, tornBytes: 0, open: NONE, unfinished: NONE }
  const file = join(directory, journalFile(number))
  const { bytes, tornBytes, foreign, last } = await readEnds(file)
  const place = { file, number, bytes, tornBytes, foreign }
  if (foreign || bytes === 0) return { ...place, sequence: last?.sequence ?? 0, open: NONE, unfinished: NONE }
  if (tornBytes === 0 && last?.type === 'pass-finished' && last.open === 0 && isOrderly(last)) {
    return { ...place, sequence: last.sequence, open: NONE, unfinished: NONE }
  }
  return { ...place, ...(await scan(file)) }
}

/** Numbers of the journal files in a directory, oldest first; none where there is no directory. */
export async function listJournalFiles(directory: string): Promise<readonly number[]> {
  try {
    const names = await readdir(directory)
    const numbers = names.flatMap((name) => (/^\d{6,}\.jsonl$/.test(name) ? [Number.parseInt(name, 10)] : []))
    return numbers.sort((a, b) => a - b)
  } catch (error) {
    if (isMissing(error)) return []
    return onDisk(`reading ${directory}`, () => Promise.reject(error))
  }
}

interface Ends {
  readonly bytes: number
  readonly tornBytes: number
  readonly foreign: boolean
  readonly last?: JournalRecord
}

async function readEnds(path: string): Promise<Ends> {
  return onDisk(`reading ${path}`, async () => {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size === 0) return { bytes: 0, tornBytes: 0, foreign: false }
      const head = await readRange(file, 0, Math.min(size, HEAD_BYTES))
      const tail = await readRange(file, Math.max(size - TAIL_BYTES, 0), size)
      const end = tail.lastIndexOf('\n')
      const last = end < 0 ? undefined : parseRecord(tail.slice(tail.lastIndexOf('\n', end - 1) + 1, end))
      const tornBytes = Buffer.byteLength(tail.slice(end + 1))
      const place = { bytes: size, tornBytes, foreign: !isJournalHeader(head) && head.includes('\n') }
      return last ? { ...place, last } : place
    } finally {
      await file.close()
    }
  })
}

async function readRange(file: FileHandle, from: number, to: number): Promise<string> {
  const buffer = Buffer.alloc(to - from)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
  return buffer.toString('utf8', 0, bytesRead)
}

async function scan(file: string): Promise<Pick<JournalState, 'sequence' | 'open' | 'unfinished'>> {
  const open = new Map<string, OpenIntent>()
  const unfinished = new Map<string, OpenIntent>()
  let sequence = 0
  for await (const record of readRecords(file)) {
    if (record.type === 'damaged') continue
    sequence = Math.max(sequence, record.sequence)
    if (record.type === 'intents') {
      const { pass, time } = record
      for (const intent of record.intents) open.set(intent.id, { pass, time, intent })
    }
    if (record.type === 'outcomes') {
      for (const { id, result } of record.outcomes) {
        const intent = open.get(id)
        open.delete(id)
        // Until its pass is over, nobody knows whether it was the last thing to be done.
        if (intent && MAY_HAVE_EFFECT.has(result)) unfinished.set(id, intent)
        else unfinished.delete(id)
      }
    }
    if (record.type === 'looked-up') lookUpIn(open, unfinished, record.found)
    if (record.type === 'pass-finished') dropFinished(unfinished, record)
  }
  return { sequence, open, unfinished }
}

/** What took effect of an open intent is unfinished from then on; what was unfinished is settled. */
function lookUpIn(
  open: Map<string, OpenIntent>,
  unfinished: Map<string, OpenIntent>,
  found: readonly Pick<LookedUp, 'id' | 'result'>[],
): void {
  for (const { id, result } of found) {
    const intent = open.get(id)
    open.delete(id)
    if (intent && result === 'Applied') unfinished.set(id, intent)
    else unfinished.delete(id)
  }
}

/** A write that was not seen when it was read again may be seen later: a look right after it may show what was before. */
export const MAY_HAVE_EFFECT: ReadonlySet<Result> = new Set(['Applied', 'Unknown', 'WriteNotEffective'])

/** A pass that ended in order says what it left unfinished; one that failed does not know. */
function dropFinished(unfinished: Map<string, OpenIntent>, record: Stamp & PassFinished): void {
  if (record.failure !== undefined) return
  const left = new Set(record.unfinished)
  for (const [id, { pass }] of unfinished) if (pass === record.pass && !left.has(id)) unfinished.delete(id)
}

function isOrderly({ failure, unfinished = [] }: PassFinished): boolean {
  return failure === undefined && unfinished.length === 0
}

/** The records of one file, oldest first, and the lines that are none. */
export async function* readRecords(file: string): AsyncIterable<JournalRecord | DamagedLine> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  let number = 0
  let damaged: DamagedLine | undefined
  for await (const line of lines) {
    number += 1
    if (damaged) yield damaged
    damaged = undefined
    if (number === 1 && isJournalHeader(line)) continue
    const record = parseRecord(line)
    if (record) yield record
    else damaged = { type: 'damaged', file, line: number, last: false }
  }
  if (damaged) yield { ...damaged, last: true }
}

/** When a journal file was begun, where its first line says so, and how large it is. */
export async function headOf(path: string): Promise<{ readonly createdAt?: string; readonly size: number }> {
  return onDisk(`reading ${path}`, async () => {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const [, createdAt] = /"createdAt":"([^"\\]+)"/.exec(await readRange(file, 0, Math.min(size, HEAD_BYTES))) ?? []
      return createdAt === undefined ? { size } : { createdAt, size }
    } finally {
      await file.close()
    }
  })
}

/** True for the first line of a journal file of this version. */
export function isJournalHeader(line: string): boolean {
  return line.startsWith(`{"version":"${JOURNAL_VERSION}"`)
}
