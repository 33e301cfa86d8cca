// Several requests as one ("Combine multiple HTTP requests using JSON batching"). The outer answer is 200 even where every part failed, parts
// come back in any order, and a part whose predecessor failed is 424.
import type { HttpResponse } from '../network/http.ts'
import { malformed } from './failure.ts'
import { asRecord, fieldsOf } from './fields.ts'
import type { Graph } from './graph.ts'
import type { Doing, GraphAnswer } from './graph-faults.ts'
import { EntraError } from './tenant.ts'

/** One request of a batch. `path` begins with a slash, behind the version. */
export interface BatchPart {
  readonly id: string
  readonly method: 'GET' | 'PATCH'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Ids of parts that must have succeeded before. */
  readonly dependsOn?: readonly string[]
}

/** More are refused with `MaximumValueExceeded`. */
export const LARGEST_BATCH = 20

/**
 * Sends the parts as one request and gives the answer of each by id, whatever its status. Throws EntraError where the batch as a whole came to
 * nothing, and `Malformed` where a part was not answered: then a write among them may have happened.
 */
export async function sendBatch(
  graph: Graph,
  parts: readonly BatchPart[],
  doing: Doing,
  signal: AbortSignal,
): Promise<(id: string) => GraphAnswer> {
  const requests = parts.map(({ id, method, path, headers, body, dependsOn }) => ({
    id,
    method,
    url: path,
    ...(headers && { headers }),
    ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body }),
    ...(dependsOn && { dependsOn }),
  }))
  const json = await graph.json({ ...doing, method: 'POST', path: '/$batch', body: { requests } }, signal).catch(unsure)
  try {
    const answers = new Map(
      fieldsOf(json, doing.doing)
        .objects('responses')
        .map((part) => [part.text('id'), part.all]),
    )
    const found = new Map(parts.map(({ id }) => [id, answerOf(answers.get(id), doing.doing)]))
    return (id) => found.get(id) ?? answerOf(undefined, doing.doing)
  } catch (error) {
    throw unsure(error)
  }

  function unsure(error: unknown): never {
    if (!doing.isWrite || !(error instanceof EntraError) || error.code !== 'Malformed') throw error
    throw new EntraError('Malformed', error.message, { effect: 'possible', requestId: error.requestId, cause: error })
  }
}

function answerOf(part: Readonly<Record<string, unknown>> | undefined, doing: string): GraphAnswer {
  const status = part?.['status']
  if (typeof status !== 'number' || !Number.isInteger(status)) {
    throw malformed(doing, 'a part of the batch was not answered')
  }
  return { status, headers: headersOf(part?.['headers']), json: part?.['body'] }
}

function headersOf(value: unknown): HttpResponse['headers'] {
  const entries = Object.entries(asRecord(value) ?? {})
  return Object.fromEntries(
    entries.flatMap(([name, text]) => (typeof text === 'string' ? [[name.toLowerCase(), text]] : [])),
  )
}
