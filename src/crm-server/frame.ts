// The way of one call over a stream: a line of base64 in, and out of whatever comes back the one document between its marks. What stands
// around it (banners, progress, other code pages) is noise, and no exit code stands in for a document.
import type { ScriptAnswer, ScriptCall } from './channel.ts'
import type { Document, Payload } from './script-contract.ts'

/** What there was to read in the output of a call. */
export type Framed =
  | { readonly kind: 'Document'; readonly document: Document }
  /** A beginning without its end. */
  | { readonly kind: 'Cut' }
  /** No document of this call; `why` holds nothing of the output. */
  | { readonly kind: 'Malformed'; readonly why: string }

/** The line for standard input, with the values of the secrets in their places. */
export function payloadLine(call: ScriptCall, token: string, secrets: ReadonlyMap<string, string>): string {
  const { id, sha256, body } = call.script
  const input = withSecrets(call.input, secrets)
  const payload: Payload = { v: 1, token, script: { id, sha256, body }, input }
  return `${Buffer.from(JSON.stringify(payload), 'utf8').toString('base64')}\n`
}

/** `pfx.password` goes to `{ pfx: { password } }`; what stands beside it stays. */
function withSecrets(
  input: Readonly<Record<string, unknown>>,
  secrets: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const filled = structuredClone(input) as Record<string, unknown>
  for (const [path, value] of secrets) {
    const keys = path.split('.')
    const last = keys.pop() ?? path
    let place = filled
    for (const key of keys) {
      const next = isRecord(place[key]) ? place[key] : {}
      place[key] = next
      place = next
    }
    place[last] = value
  }
  return filled
}

/** The last complete document of this token. Bytes are taken one by one as characters, so any code page around it does no harm. */
export function findDocument(stdout: Uint8Array, token: string): Framed {
  const text = Buffer.from(stdout).toString('latin1')
  const frames = [...text.matchAll(new RegExp(`BEGIN-${token}\\s*([A-Za-z0-9+/=\\s]*?)\\s*END-${token}`, 'g'))]
  const last = frames.at(-1)?.[1]
  if (last !== undefined) return parseDocument(last)
  if (text.includes(`BEGIN-${token}`)) return { kind: 'Cut' }
  if (/BEGIN-[0-9a-f]{16,}/.test(text)) return { kind: 'Malformed', why: 'a document of another call came back' }
  return { kind: 'Malformed', why: stdout.length === 0 ? 'nothing came back' : 'no document came back' }
}

function parseDocument(base64: string): Framed {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(base64.replace(/\s/g, ''), 'base64').toString('utf8'))
  } catch {
    return { kind: 'Malformed', why: 'the document is no JSON' }
  }
  if (!isRecord(value) || value['v'] !== 1)
    return { kind: 'Malformed', why: 'the document has no version this one knows' }
  if (value['ok'] === true) return parseSuccess(value)
  if (value['ok'] === false) return parseFailure(value)
  return { kind: 'Malformed', why: 'the document does not say whether it went well' }
}

function parseSuccess(value: Record<string, unknown>): Framed {
  const { result, changed, warnings } = value
  if (typeof changed !== 'boolean' || !isTexts(warnings)) {
    return { kind: 'Malformed', why: 'the document lacks changed or warnings' }
  }
  return { kind: 'Document', document: { v: 1, ok: true, result, changed, warnings } }
}

function parseFailure(value: Record<string, unknown>): Framed {
  const { error, changed } = value
  if (!isRecord(error) || typeof error['code'] !== 'string' || typeof error['message'] !== 'string') {
    return { kind: 'Malformed', why: 'the document says that it failed, but not how' }
  }
  const { code, message, fullyQualifiedErrorId, category } = error
  const text = (one: unknown) => (typeof one === 'string' ? one : '')
  return {
    kind: 'Document',
    document: {
      v: 1,
      ok: false,
      ...(changed === true && { changed }),
      error: {
        code,
        message: oneLine(message),
        fullyQualifiedErrorId: text(fullyQualifiedErrorId),
        category: text(category),
      },
    },
  }
}

/** The answer of a channel, from a document that arrived at `at`. */
export function answerOf(document: Document, at: string): ScriptAnswer {
  if (!document.ok) {
    const { error, changed } = document
    return { ok: false, error: { code: error.code, message: error.message }, ...(changed && { changed }) }
  }
  return { ok: true, result: document.result, changed: document.changed, warnings: document.warnings, at }
}

/** Text of a server as it may stand in a message: one line, no control characters, at most 300 characters. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed.
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ').trim()
  return plain.length > 300 ? `${plain.slice(0, 299)}…` : plain
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
