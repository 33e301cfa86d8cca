/** A message taken apart: what is the matter, and where the message says it, what to do. */
export interface Advised {
  readonly what: string
  /** A sentence of its own, with its full stop. */
  readonly next?: string
}

/**
 * Takes a message of a reason or verdict apart. Messages say what to do in a sentence of its own (`… is missing. Create it.`) or behind a
 * semicolon (`… is missing; create it`).
 */
export function advised(message: string): Advised {
  const told = sentences(message)
  if (told.next !== undefined) return told
  const [, what, next] = /^([^;]+?);\s+(.+)$/s.exec(message) ?? []
  if (what === undefined || next === undefined) return { what: message.replace(/\.$/, '') }
  return { what, next: asSentence(next) }
}

/** The same for messages in which a semicolon parts nothing: only a sentence of its own says what to do. */
export function sentences(message: string): Advised {
  const [, what, next] = /^(.*?[^.])\.\s+([A-Z`].*)$/s.exec(message) ?? []
  return what === undefined || next === undefined ? { what: message } : { what, next }
}

/** Words with a capital at their beginning and a full stop at their end; what begins with code stays as it is. */
export function asSentence(words: string): string {
  const begun = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
