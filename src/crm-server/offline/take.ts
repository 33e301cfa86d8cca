// Takes what a person brought back: each file is held against what was handed out, and kept or refused as a whole.
import { findDocument } from '../frame.ts'
import { readAnswerFile } from './answer-file.ts'
import type { OfflineBook } from './book.ts'
import { type EmittedCall, inputDigest, type KeptAnswer } from './records.ts'

/** A file as it was found. */
export interface BroughtFile {
  readonly name: string
  readonly text: string
}

/** What became of the files. */
export interface Taken {
  /** Names of the files that are new and were taken. */
  readonly taken: readonly string[]
  readonly refused: readonly { readonly name: string; readonly why: string }[]
}

/** Takes answer files into the books that their calls belong to. What was taken before is passed over in silence. */
export function takeAnswers(books: readonly OfflineBook[], files: readonly BroughtFile[], now: Date): Taken {
  const taken: string[] = []
  const refused: { name: string; why: string }[] = []
  for (const { name, text } of files) {
    const came = takeFile(books, text, now)
    if (came === 'taken') taken.push(name)
    else if (came !== 'known') refused.push({ name, why: came.why })
  }
  return { taken, refused }
}

function takeFile(
  books: readonly OfflineBook[],
  text: string,
  now: Date,
): 'taken' | 'known' | { readonly why: string } {
  const file = readAnswerFile(text)
  if (!file.ok) return file
  const tokens = new Set(file.calls.map(({ token }) => token))
  const book = books.find(({ records }) => records.calls.some(({ token }) => tokens.has(token)))
  if (!book) return { why: 'it answers a script that was not written from here, or too long ago' }
  const { records, maxAgeMs } = book
  if (records.answers.some(({ token }) => tokens.has(token))) return 'known'
  const answers: KeptAnswer[] = []
  for (const answered of file.calls) {
    const asked = records.calls.find(({ token }) => token === answered.token)
    if (!asked || asked.sha256 !== answered.sha256 || inputDigest(asked.input) !== answered.inputDigest) {
      return { why: 'it answers another script than the one that was handed out; run the script anew' }
    }
    const framed = findDocument(Buffer.from(answered.frame, 'latin1'), answered.token)
    if (framed.kind !== 'Document') {
      // A read that came to nothing is asked for again; of a write nobody knows what it did, and the reads after it tell.
      continue
    }
    const { document } = framed
    const ranAt = byOurClock(answered.ranAt, asked, now)
    answers.push({ token: answered.token, ranAt, computer: file.computer, document, isUsed: false })
  }
  const [first] = answers
  if (!first)
    return { why: 'no script in it came to an answer; run it anew in Windows PowerShell 5.1, as administrator' }
  if (now.getTime() - Date.parse(first.ranAt) > maxAgeMs) {
    return { why: `it is of ${first.ranAt}, and answers count for ${hours(maxAgeMs)} only; run the script anew` }
  }
  const stranger = strangerTo(book, first)
  if (stranger) return { why: stranger }
  book.keep(answers)
  return 'taken'
}

/** It cannot have run before it was asked for, nor after it came back. A clock that says so is told by the check of the clocks. */
function byOurClock(ranAt: string, { at }: EmittedCall, now: Date): string {
  const ms = Math.min(Math.max(Date.parse(ranAt), Date.parse(at)), now.getTime())
  return new Date(ms).toISOString()
}

/** A script that was run on the wrong server would tell of another one than it seems to. */
function strangerTo({ records }: OfflineBook, { token, computer }: KeptAnswer): string | undefined {
  const serverOf = new Map(records.calls.map((call) => [call.token, call.server]))
  const server = serverOf.get(token)
  const known = records.answers.find((one) => one.computer === computer && serverOf.get(one.token) !== server)
  if (!known) return undefined
  return `it was run on ${computer}, which is ${serverOf.get(known.token)}, and it is for ${server}; run it there`
}

function hours(ms: number): string {
  const all = Math.round(ms / 3_600_000)
  return all === 1 ? '1 hour' : `${all} hours`
}
