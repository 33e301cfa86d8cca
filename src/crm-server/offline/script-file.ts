// The text of one carried script: constant scripts in single quotes, what they are called with as base64, and the constant part that runs
// them. Nothing that comes from outside becomes code, and nothing secret stands in it: where a secret belongs, its place is left open.
import { readFileSync } from 'node:fs'
import { commandArguments } from '../bootstrap.ts'
import type { ScriptCall, SecretInput } from '../channel.ts'
import { oneLine, payloadLine } from '../frame.ts'
import { inputDigest } from './records.ts'

/** A call with the token that its answer is known by. */
export interface TokenedCall {
  readonly token: string
  readonly call: ScriptCall
}

/** What one file is made of. */
export interface ScriptFile {
  readonly name: string
  readonly server: string
  readonly words: string
  readonly calls: readonly TokenedCall[]
}

const BYTE_ORDER_MARK = '\uFEFF'

/** How the text begins. */
export const SCRIPT_HEAD = `${BYTE_ORDER_MARK}# mailkeel: `

/** The text as Windows PowerShell 5.1 reads it: with a byte order mark, and lines that end as they do there. */
export function scriptFileText(file: ScriptFile): string {
  const { name, server, words, calls } = file
  const secrets = secretsOf(calls)
  const bodies = new Map(calls.map(({ call: { script } }) => [script.id, script.body]))
  const lines = [
    `# mailkeel: ${oneLine(words)}.`,
    `# Run it on ${server}, in Windows PowerShell started as administrator: README.txt says how.`,
    '# First come the scripts as they are, in single quotes, then what they are called with, then what runs them.',
    '$bodies = @{}',
    ...[...bodies].flatMap(([id, body]) => [`$bodies['${id}'] = @'`, body.replace(/\n$/, ''), "'@"]),
    `$server = ${quoted(server)}`,
    `$script = ${quoted(name)}`,
    `$arguments = '${commandArguments()}'`,
    '$secrets = @(',
    ...[...secrets].map(
      ([prompt, { kind }], index) => `  @{ name = 'secret${index}'; kind = '${kind}'; prompt = ${quoted(prompt)} }`,
    ),
    ')',
    '$calls = @(',
    ...calls.flatMap((one) => callLines(one, [...secrets.keys()])),
    ')',
    '',
    readFileSync(new URL('./carried.ps1', import.meta.url), 'utf8'),
  ]
  return BYTE_ORDER_MARK + lines.join('\n').replaceAll(/\r?\n/g, '\r\n')
}

/** Each is asked for once, however many calls take it. */
function secretsOf(calls: readonly TokenedCall[]): ReadonlyMap<string, SecretInput> {
  return new Map(calls.flatMap(({ call }) => call.secrets.map((secret) => [secret.prompt, secret] as const)))
}

function callLines({ token, call }: TokenedCall, prompts: readonly string[]): readonly string[] {
  const { script, input, secrets } = call
  const places = new Map(secrets.map(({ path, prompt }) => [path, `${token}:secret${prompts.indexOf(prompt)}`]))
  const open = { ...call, script: { ...script, body: `${token}:body` } }
  return [
    '  @{',
    `    id = '${script.id}'`,
    `    token = '${token}'`,
    `    sha256 = '${script.sha256}'`,
    `    digest = '${inputDigest(input)}'`,
    `    writes = $${script.writes}`,
    `    payload = '${payloadLine(open, token, places).trim()}'`,
    '  }',
  ]
}

/** A text in single quotes. Windows PowerShell takes typographic quotes for plain ones. */
function quoted(text: string): string {
  return `'${oneLine(text).replaceAll(/['\u2018\u2019\u201a\u201b]/g, (quote) => quote + quote)}'`
}
