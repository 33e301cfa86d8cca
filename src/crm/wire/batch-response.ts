// The answer to a $batch is believed only as far as it is whole: a part counts when a delimiter follows it, the list counts as complete
// when the closing delimiter was seen, and a part that is no HTTP message is no answer. Text in front of the first delimiter makes all of
// it worthless, because a part may be lost there and every answer would stand for the wrong request. Whatever is not believed stays open,
// for the caller to treat as "may have taken effect". (Microsoft, Web API: execute batch operations; RFC 2046, 5.1.)
import type { HttpResponse } from '../../network/http.ts'
import { type Body, BYTE_ORDER_MARK, readBody } from './body.ts'

/** The answer to one request of a batch. */
export interface PartAnswer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly body: Body
  readonly contentId: string | undefined
}

/** The answer to one item of a batch: of a plain request one part, of a change set all parts or the one that failed. */
export type ItemAnswer = readonly PartAnswer[]

/** A batch's answers in the order of its items. */
export interface BatchAnswer {
  /** Undefined stands for an answer that could not be read. */
  readonly items: readonly (ItemAnswer | undefined)[]
  /** Whether the closing delimiter was there. */
  readonly complete: boolean
}

/** Reads a multipart answer. Undefined where the body is no multipart at all. */
export function readBatch(contentType: string | undefined, text: string): BatchAnswer | undefined {
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
  const boundary = boundaryOf(contentType) ?? boundaryOfFirstLine(body)
  if (boundary === undefined) return undefined
  const split = splitMultipart(body, boundary)
  if (!split) return undefined
  return { items: split.parts.map(readItem), complete: split.complete }
}

function readItem(text: string): ItemAnswer | undefined {
  const { headers, rest } = readHeaders(text)
  const inner = boundaryOf(headers['content-type'])
  if (inner === undefined) {
    const answer = readHttpMessage(rest, headers['content-id'])
    return answer && [answer]
  }
  const split = splitMultipart(rest, inner)
  if (!split?.complete) return undefined
  const answers: PartAnswer[] = []
  for (const part of split.parts) {
    const nested = readHeaders(part)
    const answer = readHttpMessage(nested.rest, nested.headers['content-id'])
    if (!answer) return undefined
    answers.push(answer)
  }
  return answers
}

/** `multipart/mixed; boundary=x`, quoted or not. */
function boundaryOf(contentType: string | undefined): string | undefined {
  const found = /^\s*multipart\/[\w-]+\s*;.*?\bboundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType ?? '')
  return found?.[1] ?? found?.[2]
}

/** Proxies lose content types; a multipart shows its boundary in its first line all the same. */
function boundaryOfFirstLine(body: string): string | undefined {
  return /^\s*--(batchresponse_[\w-]+)[ \t]*\r?\n/i.exec(body.slice(0, 300))?.[1]
}

interface Split {
  readonly parts: readonly string[]
  readonly complete: boolean
}

/** The parts between delimiter lines. Undefined without any delimiter, or with anything but blanks in front of the first. */
function splitMultipart(body: string, boundary: string): Split | undefined {
  const delimiter = `--${boundary}`
  const parts: string[] = []
  let start = -1
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at > 0 && body[at - 1] !== '\n') continue
    const line = lineBehind(body, at + delimiter.length)
    if (!line) continue
    if (start === -1 && body.slice(0, at).trim() !== '') return undefined
    if (start !== -1) parts.push(body.slice(start, endOfLineBefore(body, at)))
    if (line.closing) return { parts, complete: true }
    start = line.end
  }
  return start === -1 ? undefined : { parts, complete: false }
}

/** What follows a boundary on its line: nothing, or the two dashes of the closing delimiter. Anything else is a longer boundary. */
function lineBehind(body: string, at: number): { readonly closing: boolean; readonly end: number } | undefined {
  const closing = body.startsWith('--', at)
  const newline = body.indexOf('\n', at)
  const end = newline === -1 ? body.length : newline + 1
  const rest = body.slice(closing ? at + 2 : at, end)
  if (rest.trim() !== '') return undefined
  if (!closing && newline === -1) return undefined
  return { closing, end }
}

function endOfLineBefore(body: string, at: number): number {
  const newline = at - 1
  return body[newline - 1] === '\r' ? newline - 1 : newline
}

type HeaderMap = Record<string, string>

function readHeaders(text: string): { readonly headers: HeaderMap; readonly rest: string } {
  const headers: HeaderMap = Object.create(null)
  let at = 0
  while (at < text.length) {
    const newline = text.indexOf('\n', at)
    const line = text.slice(at, newline === -1 ? text.length : newline).trimEnd()
    at = newline === -1 ? text.length : newline + 1
    if (line === '') break
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { headers, rest: text.slice(at) }
}

function readHttpMessage(text: string, contentId: string | undefined): PartAnswer | undefined {
  const message = text.trimStart()
  const newline = message.indexOf('\n')
  const statusLine = newline === -1 ? message : message.slice(0, newline)
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})(?:\s|$)/.exec(statusLine)?.[1]
  if (status === undefined) return undefined
  const { headers, rest } = readHeaders(newline === -1 ? '' : message.slice(newline + 1))
  return { status: Number(status), headers, body: readBody(rest), contentId }
}
