import { API_VERSION, isKind, KINDS, type Kind } from '../kinds.ts'
import { printable } from '../problem.ts'
import { nearest } from './did-you-mean.ts'
import type { Explanation } from './explain.ts'
import { listed } from './words.ts'

/** The kind a document says it is, or what is wrong with its first two fields. */
export type Header =
  | { readonly ok: true; readonly kind: Kind }
  | { readonly ok: false; readonly explanation: Explanation }

/** Reads `apiVersion` and `kind`, on which everything else depends. */
export function readHeader(value: unknown): Header {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse([], `a document is a map that begins with \`apiVersion: ${API_VERSION}\` and \`kind\``)
  }
  const { apiVersion, kind } = value as Readonly<Record<string, unknown>>
  if (apiVersion === undefined) return refuse([], `\`apiVersion\` is missing; write \`apiVersion: ${API_VERSION}\``)
  if (apiVersion !== API_VERSION) return refuse(['apiVersion'], explainVersion(apiVersion))
  if (kind === undefined) return refuse([], `\`kind\` is missing; it is ${listed(KINDS)}`)
  return isKind(kind) ? { ok: true, kind } : refuse(['kind'], explainKind(kind))
}

/** Format vN comes with mailkeel N.0.0; v1 is older than that rule. */
function explainVersion(version: unknown): string {
  const [, major] = /^mailkeel\/v([1-9][0-9]{0,3})$/.exec(String(version)) ?? []
  if (major !== undefined)
    return `\`mailkeel/v${major}\` needs mailkeel >= ${major}.0.0; this one reads \`${API_VERSION}\``
  return `\`apiVersion\` cannot be \`${printable(String(version), 60)}\`; write \`${API_VERSION}\``
}

function explainKind(kind: unknown): string {
  if (typeof kind !== 'string') return `\`kind\` must be ${listed(KINDS)}`
  const near = nearest(kind, KINDS)
  const guess = near === undefined ? `it is ${listed(KINDS)}` : `did you mean \`${near}\`?`
  return `unknown kind \`${printable(kind, 60)}\`; ${guess}`
}

function refuse(path: readonly string[], message: string): Header {
  return { ok: false, explanation: { path, part: 'value', message } }
}
