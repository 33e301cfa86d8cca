import { badRequest } from '../errors.ts'
import type { Operation, WireRequest } from '../http.ts'
import { boundaryOf, isMultipart, type MimePart, parsePart, splitParts } from './multipart.ts'

/** A request inside a batch. `target` is as written: absolute, a path, or `$<Content-ID>…`. */
export interface BatchPart extends WireRequest {
  readonly contentId: string | undefined
}

/** What a batch holds, in order: requests, and change sets that succeed or fail as one. */
export type BatchItem =
  | { readonly kind: 'request'; readonly part: BatchPart }
  | { readonly kind: 'changeset'; readonly parts: readonly BatchPart[] }

/** Most requests a batch may hold (Microsoft, Web API: execute batch operations). */
const MOST_REQUESTS = 1000

/** Longest URL inside a batch, in characters (same page). */
const LONGEST_URL = 65_536

/** Reads the body of a batch. Throws 400 where it breaks a rule of the format; then nothing of it is executed. */
export function parseBatch(envelope: Operation): readonly BatchItem[] {
  const parts = splitParts(envelope.body, boundaryOf(envelope.headers['content-type']))
  const items = parts.map((part): BatchItem => {
    if (!isMultipart(part.headers['content-type'])) return { kind: 'request', part: requestIn(part) }
    return { kind: 'changeset', parts: changesetIn(part) }
  })
  if (countRequests(items) > MOST_REQUESTS) {
    throw badRequest(`The number of requests in the batch exceeds the limit of ${MOST_REQUESTS}.`)
  }
  return items
}

/** How many requests the items hold. */
export function countRequests(items: readonly BatchItem[]): number {
  return items.reduce((total, item) => total + (item.kind === 'request' ? 1 : item.parts.length), 0)
}

function changesetIn(part: MimePart): readonly BatchPart[] {
  const seen = new Set<string>()
  return splitParts(part.body, boundaryOf(part.headers['content-type'])).map((inner) => {
    if (isMultipart(inner.headers['content-type'])) throw badRequest('A change set cannot hold another change set.')
    const request = requestIn(inner)
    if (request.method === 'GET') throw badRequest('A GET request is not allowed in a change set.')
    if (request.contentId === undefined) throw badRequest('The Content-ID header is not present in a change set part.')
    if (seen.has(request.contentId)) throw badRequest(`The Content-ID '${request.contentId}' is not unique.`)
    seen.add(request.contentId)
    return request
  })
}

function requestIn(part: MimePart): BatchPart {
  if (!/^application\/http\b/i.test(part.headers['content-type'] ?? '')) {
    throw badRequest("The content type of a batch part must be 'application/http' or 'multipart/mixed'.")
  }
  if (part.headers['content-transfer-encoding']?.toLowerCase() !== 'binary') {
    throw badRequest("A batch part must have the header 'Content-Transfer-Encoding: binary'.")
  }
  const end = part.body.indexOf('\r\n')
  const line = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(end < 0 ? part.body : part.body.slice(0, end))
  if (line?.[1] === undefined || line[2] === undefined) throw badRequest('A request line in the batch is malformed.')
  if (line[2].length > LONGEST_URL) throw badRequest('Invalid URI: The Uri string is too long.')
  const { headers, body } = parsePart(part.body.slice(end + 2))
  return { method: line[1], target: line[2], headers, body, contentId: part.headers['content-id'] }
}
