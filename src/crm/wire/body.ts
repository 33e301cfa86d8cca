/** What a body turned out to be. Its declared content type counts for nothing: proxies and old builds get it wrong. */
export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  /** Began as JSON and ended too early. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'html'; readonly signIn: boolean }
  | { readonly kind: 'text' }
  | { readonly kind: 'empty' }

/** What some servers put in front of UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF'
const SIGN_IN = /adfs|wsignin|type=["']?password|sign[ -]?in|log[ -]?in/i
const LOOKED_AT = 20_000

/** Reads a body as JSON where it is JSON, with or without a byte order mark, and says what it is otherwise. Never throws. */
export function readBody(body: Buffer | string): Body {
  const decoded = typeof body === 'string' ? body : body.toString('utf8')
  const text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded
  const start = text.search(/\S/)
  if (start === -1) return { kind: 'empty' }
  const first = text.charAt(start)
  if (first === '<') return { kind: 'html', signIn: SIGN_IN.test(text.slice(0, LOOKED_AT)) }
  if (first !== '{' && first !== '[') return { kind: 'text' }
  try {
    return { kind: 'json', value: JSON.parse(text) }
  } catch {
    return { kind: 'broken' }
  }
}

/** The value as an object whose members are unknown, undefined where it is none. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}
