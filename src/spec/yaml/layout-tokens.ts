/** Where something ends (the offset behind it), or where that which is not closed was opened. */
export type Span = { readonly end: number } | { readonly unclosed: number }

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/** The offset of the line feed that ends a line, or of the end of the text. */
export function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end === -1 ? text.length : end
}

/** The first offset from here that holds none of these characters. */
export function skipBlanks(text: string, offset: number, blanks = ' \t'): number {
  let at = offset
  while (at < text.length && blanks.includes(text[at] ?? '')) at += 1
  return at
}

/** Whether a list entry begins here: a dash with a blank or the end of the line behind it. */
export function isEntry(text: string, offset: number): boolean {
  return text[offset] === '-' && isGap(text[offset + 1])
}

/** The offset behind the colon of the field that begins here; undefined where none does. */
export function keyEnd(text: string, offset: number, end: number): number | undefined {
  const first = text[offset] ?? ''
  if (first === '"' || first === "'") {
    const quote = endOfQuoteWithin(text, offset, end)
    const colon = quote === undefined ? end : skipBlanks(text, quote)
    return colon < end && text[colon] === ':' && isGap(text[colon + 1]) ? colon + 1 : undefined
  }
  if ('[{&*!|>#'.includes(first)) return undefined
  for (let at = offset; at < end; at += 1) {
    const char = text[at]
    if (char === ':' && isGap(text[at + 1])) return at + 1
    if (char === '#' && isGap(text[at - 1])) return undefined
  }
  return undefined
}

/** Where a quoted text ends. One that goes on into a line in a column outside of it (`parent` or less) is not closed. */
export function endOfQuote(text: string, offset: number, parent: number): Span {
  const end = endOfQuoteWithin(text, offset, text.length)
  if (end === undefined) return { unclosed: offset }
  // Not `indexOf` in the text: a line full of quotes would be read to its end for each.
  const feed = text.slice(offset, end).indexOf('\n')
  if (feed === -1) return { end }
  const next = skipBlanks(text, offset + feed, ' \t\r\n')
  return next - (text.lastIndexOf('\n', next) + 1) <= parent ? { unclosed: offset } : { end }
}

/** Where a bracket ends. One that goes on into a line in a column outside of it (`parent` or less), or into a list entry, is not closed. */
export function endOfFlow(text: string, offset: number, parent: number): Span {
  const open: number[] = []
  for (let at = offset; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (char in CLOSING) open.push(at)
    else if (char === ']' || char === '}') {
      const last = open.pop() ?? offset
      if (CLOSING[text[last] ?? ''] !== char) return { unclosed: last }
      if (open.length === 0) return { end: at + 1 }
    } else if ((char === '"' || char === "'") && /[\s[{,:]/.test(text[at - 1] ?? '')) {
      const quote = endOfQuote(text, at, parent)
      if ('unclosed' in quote) return quote
      at = quote.end - 1
    } else if (char === '#' && isGap(text[at - 1])) at = endOfLine(text, at) - 1
    else if (char === '\n' && leavesFlow(text, at + 1, parent)) break
  }
  return { unclosed: open.at(-1) ?? offset }
}

function leavesFlow(text: string, start: number, parent: number): boolean {
  const first = skipBlanks(text, start, ' ')
  if (first >= text.length || '\r\n#]}'.includes(text[first] ?? '')) return false
  return first - start <= parent || isEntry(text, first)
}

function endOfQuoteWithin(text: string, offset: number, end: number): number | undefined {
  const quote = text[offset]
  for (let at = offset + 1; at < end; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1
    else if (text[at] === quote) {
      if (quote === '"' || text[at + 1] !== quote) return at + 1
      at += 1
    }
  }
  return undefined
}

function isGap(char: string | undefined): boolean {
  return char === undefined || ' \t\r\n'.includes(char)
}
