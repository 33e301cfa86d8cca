// A person on a simulated server: runs a script that was carried there, types what it asks for, and takes away what it writes beside itself.
// Of the text only what a file of its kind must have is understood; whether Windows PowerShell would parse it, other tests say.
import { createHash } from 'node:crypto'
import type { SimulatedDeployment, SimulatedServer } from '../trust/model.ts'
import { readCommandLine } from './command-line.ts'
import type { ServerFault } from './faults.ts'
import { payloadIn, runScript } from './powershell.ts'
import type { Account } from './script-run.ts'
import type { ServerSwitches } from './switches.ts'

/** What a person is asked for. */
export interface Question {
  readonly prompt: string
  /** Of a file its content is wanted, as base64. */
  readonly kind: 'password' | 'file'
}

/** Where a carried script runs. */
export interface CarriedPlace {
  readonly deployment: SimulatedDeployment
  readonly server: SimulatedServer
  readonly switches: ServerSwitches
  /** Who is signed in at the console. */
  readonly logon: Account
  readonly now: () => number
  readonly faultsOf: (script: string) => readonly ServerFault[]
}

/** What a person takes away. */
export interface CarriedAnswer {
  /** Name of the file. */
  readonly name: string
  readonly text: string
  /** It said FAILED. */
  readonly isFailed: boolean
}

interface CarriedCall {
  readonly id: string
  readonly token: string
  readonly sha256: string
  readonly digest: string
  readonly writes: boolean
  readonly payload: string
}

/** Runs a carried script. Throws where it is none, or was changed on its way. */
export function runCarried(text: string, place: CarriedPlace, type: (question: Question) => string): CarriedAnswer {
  const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const name = quotedAfter(plain, /^\$script = /m)
  const words = /^\$arguments = '([^']*)'$/m.exec(plain)?.[1] ?? ''
  const bodies = bodiesIn(plain)
  const secrets = new Map(questionsIn(plain).map(({ name: secret, ...question }) => [secret, type(question)]))
  const lines = ['mailkeel answers 1', `script ${name}`, `computer ${place.server.host}`]
  let isFailed = false
  for (const call of callsIn(plain)) {
    if (isFailed && call.writes) continue
    const { stdout, exitCode } = runCall(call, words, bodyOf(call, bodies), secrets, place)
    isFailed ||= call.writes && exitCode !== 0
    const ranAt = new Date(place.now() + place.server.clockSkewMs).toISOString()
    lines.push(`call ${call.token} ${call.sha256} ${call.digest} ${ranAt}`)
    const frame = new RegExp(`BEGIN-${call.token}[A-Za-z0-9+/=]+END-${call.token}`).exec(stdout)
    lines.push(frame?.[0] ?? '-')
  }
  const told = lines.map((line) => `${line}\n`).join('')
  return { name: `${name}.answer.txt`, text: `${told}sha256 ${sha256Of(told)}\n`, isFailed }
}

function runCall(
  call: CarriedCall,
  words: string,
  body: string,
  secrets: ReadonlyMap<string, string>,
  place: CarriedPlace,
): { readonly stdout: string; readonly exitCode: number } {
  let json = Buffer.from(call.payload, 'base64').toString('utf8')
  json = json.replace(`"${call.token}:body"`, () => JSON.stringify(body))
  for (const [name, value] of secrets) json = json.replace(`"${call.token}:${name}"`, () => JSON.stringify(value))
  const command = readCommandLine(`powershell.exe ${words}`, 'cmd')
  const payload = payloadIn(command, Buffer.from(`${Buffer.from(json, 'utf8').toString('base64')}\r\n`))
  if (payload === undefined) throw new Error(`the call of ${call.id} is none that its script could read`)
  const { deployment, server, switches, logon } = place
  const run = { deployment, server, switches, nowMs: place.now(), logon, hasPassword: true }
  const ended = runScript(command, payload, run, place.faultsOf(call.id))
  return { stdout: ended.stdout.toString('latin1'), exitCode: ended.exitCode }
}

function bodiesIn(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/^\$bodies\['([a-z-]+)'\] = @'\n([\s\S]*?)\n'@$/gm)
  return new Map([...found].map(([, id = '', body = '']) => [id, `${body}\n`]))
}

function bodyOf({ id, sha256 }: CarriedCall, bodies: ReadonlyMap<string, string>): string {
  const body = bodies.get(id)
  if (body === undefined || sha256Of(body) !== sha256)
    throw new Error('this file was changed on its way; copy it once more')
  return body
}

function questionsIn(text: string): readonly (Question & { readonly name: string })[] {
  const found = text.matchAll(/^ {2}@\{ name = '(\w+)'; kind = '(password|file)'; prompt = '((?:[^']|'')*)' \}$/gm)
  return [...found].map(([, name = '', kind, prompt = '']) => ({
    name,
    kind: kind === 'file' ? 'file' : 'password',
    prompt: prompt.replaceAll("''", "'"),
  }))
}

function callsIn(text: string): readonly CarriedCall[] {
  const blocks = [...text.matchAll(/^ {2}@\{\n((?: {4}\w+ = .*\n)+) {2}\}$/gm)].map(([, block = '']) => block)
  return blocks.map((block) => ({
    id: quotedAfter(block, /^ {4}id = /m),
    token: quotedAfter(block, /^ {4}token = /m),
    sha256: quotedAfter(block, /^ {4}sha256 = /m),
    digest: quotedAfter(block, /^ {4}digest = /m),
    writes: / {4}writes = \$true$/m.test(block),
    payload: quotedAfter(block, /^ {4}payload = /m),
  }))
}

function quotedAfter(text: string, start: RegExp): string {
  const found = new RegExp(`${start.source}'([^']*)'$`, 'm').exec(text)?.[1]
  if (found === undefined) throw new Error(`this is no script to be carried: it has no ${start.source}`)
  return found
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
