// A book with a clock that stands still until a test moves it, and a person in memory.
import { createHash } from 'node:crypto'
import type { ScriptCall } from '../../../src/crm-server/channel.ts'
import { OfflineBook } from '../../../src/crm-server/offline/book.ts'
import type { HandOut } from '../../../src/crm-server/offline/hand-out.ts'
import { handOut } from '../../../src/crm-server/offline/hand-out.ts'
import { inputDigest, NO_RECORDS, type OfflineRecords } from '../../../src/crm-server/offline/records.ts'
import { type ScriptId, scriptOf } from '../../../src/crm-server/scripts.ts'

export const HOUR_MS = 3_600_000
const START = Date.parse('2026-11-23T08:00:00.000Z')

/** A clock and the books made by it. */
export function desk(records: OfflineRecords = NO_RECORDS) {
  let nowMs = START
  let tokens = 0
  const now = () => new Date(nowMs)
  const bookOf = (kept: OfflineRecords, servers = ['crm-1', 'crm-2']) =>
    new OfflineBook({ deployment: 'farm', servers, records: kept, maxAgeMs: 24 * HOUR_MS, now })
  const newToken = () => {
    tokens += 1
    return createHash('sha256').update(String(tokens)).digest('hex').slice(0, 32)
  }
  return {
    now,
    book: bookOf(records),
    bookOf,
    pass: (ms: number) => {
      nowMs += ms
    },
    handOut: (book: OfflineBook, changes: readonly string[] = ['change-1']): HandOut =>
      handOut({ books: [book], changesOf: () => changes, newToken, now: now() }),
  }
}

export function callOf(
  id: ScriptId,
  input: Readonly<Record<string, unknown>> = {},
  secrets: ScriptCall['secrets'] = [],
): ScriptCall {
  return { script: scriptOf(id), input, secrets }
}

/** What a script answers with, by id; what is not named answers with nothing in particular. */
export type Documents = Partial<Record<ScriptId, unknown>>

/** The answer file of one handed script, as the script writes it. */
export function answerTo(
  { records }: OfflineBook,
  file: string,
  {
    at,
    computer = file,
    documents = {},
  }: { readonly at: Date; readonly computer?: string; readonly documents?: Documents },
): string {
  const calls = records.calls.filter((call) => call.file === file && call.emission === records.emission?.id)
  const lines = calls.flatMap(({ token, script, sha256, input }) => {
    const usual = { v: 1, ok: true, result: { script }, changed: false, warnings: [] }
    const document = documents[script as ScriptId] ?? usual
    const frame = Buffer.from(JSON.stringify(document)).toString('base64')
    return [`call ${token} ${sha256} ${inputDigest(input)} ${at.toISOString()}`, `BEGIN-${token}${frame}END-${token}`]
  })
  return sealed(['mailkeel answers 1', `script ${file}`, `computer ${computer}`, ...lines])
}

/** Lines with the last one that tells they are whole. */
export function sealed(lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\n`).join('')
  return `${text}sha256 ${createHash('sha256').update(text).digest('hex')}\n`
}

export const failedDocument = (code: string) => ({
  v: 1,
  ok: false,
  error: { code, message: 'no', fullyQualifiedErrorId: '', category: '' },
})
