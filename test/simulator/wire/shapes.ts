// The form of an answer without what it is about: which members with which JSON types, which parts with which statuses.

/** What came, or was written down. */
export interface Answered {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** The form of an answer. A member that is null has the form `null`, which fits every other. */
export function shapeOf({ status, contentType, body }: Answered): unknown {
  if (contentType.startsWith('multipart/mixed')) return { status, parts: partsOf(body, boundaryOf(contentType)) }
  return { status, type: contentType.split(';')[0], body: body === '' ? undefined : valueShape(JSON.parse(body)) }
}

/** Where the written form is not that of the real answer; empty where it fits. Members that only the real answer has are told too. */
export function misfits(written: unknown, real: unknown, path = ''): readonly string[] {
  if (written === 'null' || real === 'null') return []
  if (typeof written !== 'object' || typeof real !== 'object' || written === null || real === null) {
    return written === real ? [] : [`${path}: ${JSON.stringify(written)} is written, ${JSON.stringify(real)} came`]
  }
  const left = written as Readonly<Record<string, unknown>>
  const right = real as Readonly<Record<string, unknown>>
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    key in left && key in right
      ? misfits(left[key], right[key], `${path}/${key}`)
      : [`${path}/${key}: ${key in left ? 'did not come' : 'is not written'}`],
  )
}

function valueShape(value: unknown): unknown {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'null' : [valueShape(value[0])]
  if (typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, valueShape(member)]))
}

function boundaryOf(contentType: string): string {
  return /boundary="?([^";]+)"?/.exec(contentType)?.[1] ?? ''
}

/** Parts in order: those of change sets as lists. */
function partsOf(body: string, boundary: string): readonly unknown[] {
  const [, ...pieces] = body.split(`--${boundary}`).slice(0, -1)
  return [pieces].flat().map(partShape)
}

function partShape(piece: string): unknown {
  const type = /^Content-Type: (multipart\/mixed;.*)$/im.exec(piece)?.[1]
  if (type !== undefined) return partsOf(piece, boundaryOf(type.trim()))
  const json = /\r\n\r\n(\{[\s\S]*\})\s*$/.exec(piece)?.[1]
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/m.exec(piece)?.[1]),
    contentId: /^Content-ID: (\S+)/im.exec(piece)?.[1],
    encoding: /^Content-Transfer-Encoding: (\S+)/im.exec(piece)?.[1],
    version: /^OData-Version: (\S+)/im.exec(piece)?.[1],
    body: json === undefined ? undefined : valueShape(JSON.parse(json)),
  }
}
