import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { FileProblem } from './problem.ts'
import { lineStartsOf, placeOf } from './yaml/positions.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters YAML does not allow
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u0084\u0086-\u009f\ufffe\uffff]/
/** Marks that reorder text on a screen, so that a reviewer reads something else than the machine (Unicode TR 36, CVE-2021-42574). */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
/** A PEM header, or the base64 of the first bytes of a structure: PKCS #12, #8 and #1, SEC 1, Ed25519, and #8 with a passphrase. */
const PRIVATE_KEY = new RegExp(
  [
    '-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[0-9]',
    'MII[A-Za-z0-9+/]{3}IBA(?:zCC|zCA|DAN|AKC)|MIACAQMw',
    'MI(?:GH|G2|Hu)AgEAMB|MHcCAQEE|MI(?:GkAgEBBD|HcAgEBBE)|MC4CAQAwBQYDK2V',
    'BgkqhkiG9w0BBQ0w|GCSqGSIb3DQEFDT',
  ].join('|'),
)

/** What whoever committed a private key must do. */
export const KEY_ADVICE =
  'Whoever can read the repository has it now, and removing the line leaves it in the history: revoke the certificate, make a new one, and give it to mailkeel through the runtime configuration'

/** The text of a file, or why it cannot be one. */
export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: FileProblem }

/** Decodes UTF-8 with or without a byte order mark; says what is wrong with anything else. Never quotes the content. */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff)) {
    return refuse(1, 1, 'the file is UTF-16; save it as UTF-8')
  }
  if (looksLikePfx(bytes)) return refuse(1, 1, 'this is a PFX file with a private key, not YAML', KEY_ADVICE)
  if (!isUtf8(bytes)) {
    const { line, column } = firstInvalid(bytes)
    return refuse(line, column, 'this character is not UTF-8; save the file as UTF-8')
  }
  const text = new TextDecoder('utf-8').decode(bytes)
  return checkCharacters(text)
}

/** Whether some bytes of whatever format hold a private key: as PEM, as base64, in DER, or as a PFX. */
export function holdsPrivateKey(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes)
  const isDer = PRIVATE_KEY.test(buffer.toString('base64', 0, 63))
  return looksLikePfx(bytes) || isDer || PRIVATE_KEY.test(buffer.toString('latin1'))
}

/** SHA-256 of some bytes in hexadecimal: the name under which they are cached. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function checkCharacters(text: string): DecodedText {
  const key = PRIVATE_KEY.exec(text)
  if (key) return refuseAt(text, key.index, 'a private key does not belong into git', KEY_ADVICE)
  const forbidden = FORBIDDEN.exec(text)
  if (forbidden) {
    return refuseAt(
      text,
      forbidden.index,
      `control character ${codePoint(forbidden[0])} is not allowed in YAML; remove it`,
    )
  }
  const reordering = REORDERING.exec(text)
  if (reordering) {
    const name = codePoint(reordering[0])
    return refuseAt(
      text,
      reordering.index,
      `${name} reorders text on the screen, so reviewers would read something else; remove it`,
    )
  }
  return { ok: true, text }
}

/** `U+202E` and the like. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

function refuse(line: number, column: number, message: string, hint?: string): DecodedText {
  return { ok: false, problem: { line, column, message, ...(hint === undefined ? {} : { hint }) } }
}

function refuseAt(text: string, index: number, message: string, hint?: string): DecodedText {
  const { line, column } = placeOf(lineStartsOf(text), index)
  return refuse(line, column, message, hint)
}

function startsWith(bytes: Uint8Array, ...expected: number[]): boolean {
  return expected.every((byte, index) => bytes[index] === byte)
}

/** A DER or BER sequence that begins with the integer 3, the version of every PFX (RFC 7292). */
function looksLikePfx(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false
  const first = bytes[1] ?? 0
  const start = first > 0x80 ? 2 + (first & 0x7f) : 2
  return bytes[start] === 0x02 && bytes[start + 1] === 0x01 && bytes[start + 2] === 0x03
}

function firstInvalid(bytes: Uint8Array): { line: number; column: number } {
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high) >> 1
    // A cut inside a character is not an error of the bytes before it.
    if (isUtf8(bytes.subarray(0, endOfCharacter(bytes, middle)))) low = middle + 1
    else high = middle
  }
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, Math.max(0, low - 1)))
  return placeOf(lineStartsOf(before), before.length)
}

function endOfCharacter(bytes: Uint8Array, at: number): number {
  let end = at
  while (end < bytes.length && end < at + 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end += 1
  return end
}
