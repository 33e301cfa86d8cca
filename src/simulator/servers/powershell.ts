// One powershell.exe: it takes a tiny encoded script, which reads one line of base64 from standard input to its end, and whatever that line
// brings is answered between two tokens on standard output. Standard error comes as CLIXML, as always when it is redirected (PowerShell
// issue 5912).
import { createHash } from 'node:crypto'
import type { Command } from './command-line.ts'
import type { ServerFault } from './faults.ts'
import { ScriptFailure, type ScriptRun } from './script-run.ts'
import { SCRIPTS } from './scripts/index.ts'

/** What a process leaves. */
export interface Ended {
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly exitCode: number
}

/** What is handed to a script; the log holds no more of it than id and hash. */
export interface Payload {
  readonly token: string
  readonly script: { readonly id: string; readonly sha256: string; readonly body: string }
  readonly input: Readonly<Record<string, unknown>>
}

/** What the encoded script must name to be able to read its input; one that does not would do nothing on a server either. */
const NEEDED = [
  /\$input|\[(?:System\.)?Console\]::In\b/i,
  /FromBase64String/i,
  /ConvertFrom-Json/i,
  /ScriptBlock\]::Create/i,
]

/** Whether a process with this command waits for its standard input. */
export function readsInput(command: Command): boolean {
  return command.kind === 'script' && command.readsInput && NEEDED[0]?.test(command.text) === true
}

/** The payload on standard input, or undefined where the encoded script could not make one of it. */
export function payloadIn(command: Command, stdin: Buffer): Payload | undefined {
  if (command.kind !== 'script' || !NEEDED.every((needed) => needed.test(command.text))) return undefined
  const line = stdin.toString('latin1').trim()
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(line)) return undefined
  const value = parsed(new TextDecoder().decode(Buffer.from(line, 'base64')))
  return isPayload(value) ? value : undefined
}

/** A process whose command the shell or powershell.exe refused. */
export function refusedProcess(message: string): Ended {
  return { stdout: Buffer.alloc(0), stderr: Buffer.from(`${message}\r\n`), exitCode: 1 }
}

/** A process that could make nothing of its input: no document, and an error where nobody reads. */
export function confusedProcess(command: Command): Ended {
  const isSilent = command.kind === 'script' && !readsInput(command)
  const stderr = Buffer.from(clixml(isSilent ? [] : ['Invalid length for a Base-64 char array or string.']))
  return { stdout: Buffer.alloc(0), stderr, exitCode: isSilent ? 0 : 1 }
}

/** Runs a script as far as the faults let it, and spoils its answer as they say. */
export function runScript(
  command: Command,
  { token, script, input }: Payload,
  place: Omit<ScriptRun, 'names'>,
  faults: readonly ServerFault[],
): Ended {
  const document = documentOf(script, input, place, faults)
  const has = (kind: ServerFault['kind']) => faults.some((fault) => fault.kind === kind)
  const profile =
    command.kind === 'script' && command.loadsProfile ? 'Loading personal and system profiles took 612ms.\r\n' : ''
  const frame = frameOf(has('wrong-token') ? `${token.slice(0, -1)}~` : token, document)
  const parts = [
    Buffer.from(profile),
    Buffer.from(has('noise') ? 'VERBOSE: Import läuft\r\nBEGIN-none AAAA END-none\r\n' : ''),
    Buffer.from(has('oem-bytes') ? [0x84, 0x94, 0x81, 0xe1, 0xff, 0x0d, 0x0a] : []),
    Buffer.from(
      has('two-documents') ? `${frameOf(token, { v: 1, ok: true, result: {}, changed: false, warnings: [] })}\r\n` : '',
    ),
    Buffer.from(has('truncated-frame') ? frame.slice(0, Math.ceil(frame.length / 2)) : `${frame}\r\n`),
    Buffer.from(has('noise') ? 'Transcript stopped.\r\n' : ''),
  ]
  return {
    stdout: has('no-document') ? Buffer.alloc(0) : Buffer.concat(parts),
    stderr: Buffer.from(clixml(has('error-stream') ? ['Zugriff verweigert 😀', 'Zeile 1\r\nZeile 2'] : [])),
    exitCode: has('bad-exit-code') || !document.ok ? 1 : 0,
  }
}

type Document = { readonly v: 1; readonly ok: boolean } & Readonly<Record<string, unknown>>

function documentOf(
  script: Payload['script'],
  input: Payload['input'],
  place: Omit<ScriptRun, 'names'>,
  faults: readonly ServerFault[],
): Document {
  const told = faults.find(({ kind }) => kind === 'not-ok')
  const isRun = faults.every(({ effect }) => effect !== false)
  const document = isRun ? answerOf(script, input, place) : failed(new ScriptFailure('ScriptFailed', 'It did not run.'))
  return told === undefined
    ? document
    : failed(new ScriptFailure(told.code ?? 'ScriptFailed', 'It failed for a reason.'))
}

function answerOf(script: Payload['script'], input: Payload['input'], place: Omit<ScriptRun, 'names'>): Document {
  const handler = SCRIPTS.get(script.id)
  try {
    if (createHash('sha256').update(script.body).digest('hex') !== script.sha256)
      throw new ScriptFailure('ScriptFailed', 'The script is not the one its hash tells.')
    if (handler === undefined) throw new ScriptFailure('ScriptFailed', `No script is called ${script.id}.`)
    const { result, changed, warnings = [] } = handler({ ...place, names: namesIn(script.body) }, input)
    return { v: 1, ok: true, result, changed, warnings }
  } catch (error) {
    if (error instanceof ScriptFailure) return failed(error)
    throw error
  }
}

/** Commands by name, wherever the script names them but in comments. */
function namesIn(body: string): ScriptRun['names'] {
  const text = body
    .replaceAll(/<#[\s\S]*?#>/g, '')
    .replaceAll(/^\s*#.*$/gm, '')
    .toLowerCase()
  return (names) => names.split('|').some((name) => text.includes(name.toLowerCase()))
}

function failed({ code, message, fullyQualifiedErrorId }: ScriptFailure): Document {
  return { v: 1, ok: false, error: { code, message, fullyQualifiedErrorId, category: 'NotSpecified' } }
}

function frameOf(token: string, document: Document): string {
  return `BEGIN-${token}${Buffer.from(JSON.stringify(document)).toString('base64')}END-${token}`
}

/** Progress comes always, once and then again; errors with their control characters and what lies beyond 16 bits escaped. */
function clixml(errors: readonly string[]): string {
  const objects = errors.map((text) => `<S S="Error">${escaped(text)}_x000D__x000A_</S>`)
  return ['#< CLIXML', objs(PROGRESS), ...(objects.length === 0 ? [] : [objs(objects.join(''))]), ''].join('\r\n')
}

const PROGRESS =
  '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T></TN><MS><I64 N="SourceId">1</I64>' +
  '<PR N="Record"><AV>Preparing modules for first use.</AV><AI>0</AI><Nil /><PI>-1</PI><PC>-1</PC><T>Completed</T></PR></MS></Obj>'

function objs(content: string): string {
  return `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">${content}</Objs>`
}

function escaped(text: string): string {
  const xml = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return xml.replaceAll(/\p{Cc}|[\u{10000}-\u{10ffff}]/gu, (found) => {
    const units = Array.from({ length: found.length }, (_, index) => found.charCodeAt(index))
    return units.map((unit) => `_x${unit.toString(16).toUpperCase().padStart(4, '0')}_`).join('')
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isPayload(value: unknown): value is Payload {
  if (typeof value !== 'object' || value === null) return false
  const { v, token, script, input } = value as Readonly<Record<string, unknown>>
  if (v !== 1 || typeof token !== 'string' || typeof input !== 'object' || input === null) return false
  const { id, sha256, body } = (script ?? {}) as Readonly<Record<string, unknown>>
  return [id, sha256, body].every((text) => typeof text === 'string')
}
