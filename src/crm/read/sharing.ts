/** Gives the same string for equal texts, as far as it remembers them; null stays null. */
export type Share = <T extends string | null>(text: T) => T

/** So many different texts are remembered: vocabularies are smaller, and columns in which every row differs would only fill memory. */
const REMEMBERED = 10_000

/**
 * JSON.parse makes a string of its own for every value. A profile that 100,000 rows name, or the second in which they were changed, needs to
 * be there once.
 */
export function createShare(): Share {
  const known = new Map<string, string>()
  return <T extends string | null>(text: T): T => {
    if (text === null) return text
    const found = known.get(text)
    if (found !== undefined) return found as T
    if (known.size < REMEMBERED) known.set(text, text)
    return text
  }
}
