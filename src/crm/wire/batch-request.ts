// A $batch request as the server wants it: CRLF everywhere, `application/http` parts, change sets as a multipart inside the multipart
// (Microsoft, Web API: execute batch operations; OData 4.0 part 1, 11.7). Request lines carry a path without host, so that a reverse
// proxy's name never reaches the server inside a body.

/** One request of a batch. `path` begins behind the version segment, for example `mailboxes(<id>)`. */
export interface BatchPart {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One item of a batch and of its answer: a request, or requests that take effect together or not at all. */
export type BatchItem =
  | { readonly kind: 'plain'; readonly part: BatchPart }
  | { readonly kind: 'change-set'; readonly parts: readonly BatchPart[] }

const CRLF = '\r\n'

/** The body of a batch. `rootPath` is the path up to and with the version segment's slash; `id` makes the boundaries unique. */
export function writeBatch(items: readonly BatchItem[], rootPath: string, id: string): string {
  const boundary = batchBoundary(id)
  const lines: string[] = []
  let contentId = 0
  for (const [index, item] of items.entries()) {
    lines.push(`--${boundary}`)
    if (item.kind === 'plain') {
      writePart(lines, item.part, rootPath, undefined)
      continue
    }
    const changeSet = `changeset_${id}_${index}`
    lines.push(`Content-Type: multipart/mixed; boundary="${changeSet}"`, '')
    for (const part of item.parts) {
      contentId += 1
      lines.push(`--${changeSet}`)
      writePart(lines, part, rootPath, contentId)
    }
    lines.push(`--${changeSet}--`)
  }
  lines.push(`--${boundary}--`, '')
  return lines.join(CRLF)
}

/** The Content-Type of the request that carries the batch. */
export function batchContentType(id: string): string {
  return `multipart/mixed; boundary="${batchBoundary(id)}"`
}

function batchBoundary(id: string): string {
  return `batch_${id}`
}

function writePart(lines: string[], part: BatchPart, rootPath: string, contentId: number | undefined): void {
  lines.push('Content-Type: application/http', 'Content-Transfer-Encoding: binary')
  if (contentId !== undefined) lines.push(`Content-ID: ${contentId}`)
  lines.push('', `${part.method} ${rootPath}${part.path} HTTP/1.1`)
  for (const [name, value] of Object.entries(part.headers ?? {})) lines.push(`${name}: ${value}`)
  lines.push('', part.body ?? '')
}

/** JSON in ASCII, so that no server has to guess the character set of a part. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007F-\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
