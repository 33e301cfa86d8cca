// The file that a carried script writes, as text:
//
//   mailkeel answers 1
//   script 02-crm-async-1-store-certificate
//   computer CRM-ASYNC-1
//   call <token> <hash of the script> <digest of the input> <when it ran>
//   BEGIN-<token>...END-<token>, or - where no document came back
//   sha256 <hash of all lines above, each with a line feed at its end>
//
// The last line tells a whole file from one that was cut or changed on its way. It keeps nobody from writing another one on purpose: whoever
// carries the files is trusted as an administrator of those servers.
import { createHash } from 'node:crypto'
import { oneLine } from '../frame.ts'

/** One call of an answer file. */
export interface AnsweredCall {
  readonly token: string
  readonly sha256: string
  readonly inputDigest: string
  /** ISO 8601, by the clock of the server. */
  readonly ranAt: string
  /** What came back, frame and all. */
  readonly frame: string
}

/** A file that is whole, or why it is not taken. */
export type AnswerFile =
  | {
      readonly ok: true
      readonly script: string
      readonly computer: string
      readonly calls: readonly AnsweredCall[]
    }
  | { readonly ok: false; readonly why: string }

const CALL = /^call ([0-9a-f]{16,64}) ([0-9a-f]{64}) ([0-9a-f]{64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/

/** Reads an answer file. Line ends and a byte order mark that were added on the way do no harm. */
export function readAnswerFile(text: string): AnswerFile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  while (lines.at(-1)?.trim() === '') lines.pop()
  if (lines[0] !== 'mailkeel answers 1') return { ok: false, why: 'it is no answer of a script of mailkeel' }
  const [, told] = /^sha256 ([0-9a-f]{64})$/.exec(lines.pop() ?? '') ?? []
  if (told === undefined) return { ok: false, why: 'it is cut: its last line is missing; copy it once more' }
  const hash = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''), 'utf8')
    .digest('hex')
  if (hash !== told) return { ok: false, why: 'it was changed after the script had written it; copy it once more' }
  const script = wordAfter('script', lines[1])
  const computer = wordAfter('computer', lines[2])
  const calls = callsIn(lines.slice(3))
  if (script === undefined || computer === undefined || calls === undefined) {
    return { ok: false, why: 'it is not of the form that this version reads' }
  }
  return { ok: true, script, computer, calls }
}

function wordAfter(name: string, line = ''): string | undefined {
  return line.startsWith(`${name} `) ? oneLine(line.slice(name.length + 1)) : undefined
}

function callsIn(lines: readonly string[]): readonly AnsweredCall[] | undefined {
  const calls: AnsweredCall[] = []
  for (let at = 0; at < lines.length; at += 2) {
    const [, token, sha256, inputDigest, ranAt] = CALL.exec(lines[at] ?? '') ?? []
    const frame = lines[at + 1]
    if (!token || !sha256 || !inputDigest || !ranAt || frame === undefined) return undefined
    if (Number.isNaN(Date.parse(ranAt))) return undefined
    calls.push({ token, sha256, inputDigest, ranAt, frame })
  }
  return calls
}
