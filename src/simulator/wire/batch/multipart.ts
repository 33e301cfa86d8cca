// The strict multipart grammar of `$batch`: CRLF everywhere, every part with its headers, a blank line, its body, and the terminator at the
// end (Microsoft, Web API: execute batch operations). What a tolerant server might let pass is refused here.

import { badRequest } from '../errors.ts'

/** One part: header names in lower case, and the text after the blank line. */
export interface MimePart {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The boundary parameter of a `multipart/mixed` content type, quoted or bare. Throws 400 where there is none. */
export function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/mixed\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType ?? '')
  const boundary = match?.[1] ?? match?.[2]
  if (boundary !== undefined) return boundary
  throw badRequest('The content type of a batch must be multipart/mixed with a boundary parameter.')
}

/** Whether a content type is that of a multipart body. */
export function isMultipart(contentType: string | undefined): boolean {
  return /^multipart\/mixed\b/i.test(contentType ?? '')
}

/** The parts of a multipart body, in order. Throws 400 where the body breaks the grammar. */
export function splitParts(body: string, boundary: string): readonly MimePart[] {
  const pieces = `\r\n${body}`.split(`\r\n--${boundary}`)
  if (pieces.length < 2) throw badRequest(`The boundary '--${boundary}' was not found; lines must end with CRLF.`)
  if (!/^--(?:\r\n|$)/.test(pieces.at(-1) ?? '')) throw badRequest(`The batch does not end with '--${boundary}--'.`)
  return pieces.slice(1, -1).map((piece) => {
    if (!piece.startsWith('\r\n')) throw badRequest(`The line after the boundary '--${boundary}' must end with CRLF.`)
    return parsePart(piece.slice(2))
  })
}

/** Splits headers from what follows the blank line. Throws 400 where there is no blank line or a header is none. */
export function parsePart(text: string): MimePart {
  const blank = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n')
  if (blank < 0) throw badRequest('A part of the batch has no blank line after its headers.')
  const headers: Record<string, string> = {}
  const lines = text.slice(0, blank)
  for (const line of lines === '' ? [] : lines.split('\r\n')) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([^\r\n]*)$/.exec(line)
    if (match?.[1] === undefined) throw badRequest('A header line in the batch is malformed; lines must end with CRLF.')
    headers[match[1].toLowerCase()] = (match[2] ?? '').trimEnd()
  }
  return { headers, body: text.slice(blank === 0 ? 2 : blank + 4) }
}
