/** Some characters of a text and what takes their place. */
export interface Splice {
  readonly start: number
  /** Behind the last character that goes. */
  readonly end: number
  readonly text: string
}

/** A text with splices that do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end, text: instead } of inOrder(splices)) {
    parts.push(text.slice(at, start), instead)
    at = end
  }
  return parts.join('') + text.slice(at)
}

/** Splices by where they begin. */
export function inOrder(splices: readonly Splice[]): readonly Splice[] {
  return splices.toSorted((a, b) => a.start - b.start)
}

/** The line break that the text uses around an offset: that of the line before it, else of the first line. */
export function lineBreakAt(text: string, offset: number): string {
  const before = text.lastIndexOf('\n', offset - 1)
  const feed = before === -1 ? text.indexOf('\n') : before
  return feed > 0 && text[feed - 1] === '\r' ? '\r\n' : '\n'
}

/** The offset of the line break that ends the line of an offset, or of the end of the text. */
export function lineEndAt(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset)
  if (feed === -1) return text.length
  return feed > offset && text[feed - 1] === '\r' ? feed - 1 : feed
}

/** The offset of the first character of the line of an offset. */
export function lineStartAt(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}
