// The last look before something is shown to strangers. Answers are made of forms and numbers already; should a name be among them all the
// same, it goes here.

/** Takes out what tells whose servers these are. */
export type Veil = (text: string) => string

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '<address>'],
  [/\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?/gi, '<id>'],
  [/\bhttps?:\/\/[^\s,;]+/gi, '<url>'],
  [/\b[\w-]+\\[\w$.-]+/g, '<account>'],
  [/\bSHA256:[\w+/=]+|\b[0-9a-f]{40,}\b/gi, '<hash>'],
]
const SHORTEST = 3

/** Hides these words, and whatever looks like an address, an id, an account or a hash. */
export function createVeil(words: Iterable<string>): Veil {
  const known = [...new Set(words)].filter((word) => word.length >= SHORTEST).sort((a, b) => b.length - a.length)
  const hidden = known.map(
    (word) => new RegExp(`(?<![\\w-])${word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'gi'),
  )
  return (text) => {
    const plain = PATTERNS.reduce((rest, [pattern, name]) => rest.replaceAll(pattern, name), text)
    return hidden.reduce((rest, pattern) => rest.replaceAll(pattern, '<name>'), plain)
  }
}
