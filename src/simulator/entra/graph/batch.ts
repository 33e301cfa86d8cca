// $batch (Microsoft Graph, combine multiple requests in one HTTP call using JSON batching): at most 20 parts, each with an id of its own; a
// part whose dependency failed is not run. The answer is 200 whatever became of the parts, and they stand in it in any order.
import type { WireRequest } from '../../wire/http.ts'
import { badRequest, GraphRefusal } from './refusal.ts'

/** A part as asked for. */
export interface BatchPart {
  readonly id: string
  readonly dependsOn: readonly string[]
  /** The target is below the version, such as `/users`. */
  readonly request: WireRequest
}

/** A part as answered. */
export interface BatchAnswer {
  readonly id: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

const MOST_PARTS = 20

/** The parts of a batch. Throws GraphRefusal for a batch that is none. */
export function batchParts(body: unknown): readonly BatchPart[] {
  const requests = membersOf(body)['requests']
  if (!Array.isArray(requests) || requests.length === 0) {
    throw badRequest('Invalid batch payload format: the array of requests is missing.', 'BadRequest')
  }
  if (requests.length > MOST_PARTS) {
    const message = `Number of batch request steps exceeds the maximum value of ${MOST_PARTS}.`
    throw badRequest(message, 'MaximumValueExceeded')
  }
  const parts = requests.map((request: unknown) => partOf(membersOf(request)))
  const ids = new Set(parts.map(({ id }) => id))
  if (ids.size < parts.length) throw badRequest('The ids of the requests in a batch must be unique.', 'BadRequest')
  const dangling = parts.flatMap(({ dependsOn }) => dependsOn).find((id) => !ids.has(id))
  if (dangling !== undefined) throw badRequest(`The request '${dangling}' of dependsOn is not there.`, 'BadRequest')
  return parts
}

/** Runs the parts, those that others wait for first. Throws GraphRefusal, before anything ran, where they wait for each other. */
export function runBatch(parts: readonly BatchPart[], run: (part: BatchPart) => BatchAnswer): readonly BatchAnswer[] {
  const answers = new Map<string, BatchAnswer>()
  for (const part of inOrder(parts)) {
    const failed = part.dependsOn.some((id) => (answers.get(id)?.status ?? 0) >= 400)
    answers.set(part.id, failed ? failedDependency(part.id) : run(part))
  }
  return [...answers.values()]
}

function inOrder(parts: readonly BatchPart[]): readonly BatchPart[] {
  const ordered = new Map<string, BatchPart>()
  while (ordered.size < parts.length) {
    const ready = parts.filter(
      ({ id, dependsOn }) => !ordered.has(id) && dependsOn.every((other) => ordered.has(other)),
    )
    if (ready.length === 0) throw badRequest('The requests of a batch depend on each other in a circle.', 'BadRequest')
    for (const part of ready) ordered.set(part.id, part)
  }
  return [...ordered.values()]
}

function failedDependency(id: string): BatchAnswer {
  const error = { code: 'FailedDependency', message: 'A request that this one depends on failed.' }
  return { id, status: 424, headers: { 'Content-Type': 'application/json' }, body: { error } }
}

function partOf(members: Readonly<Record<string, unknown>>): BatchPart {
  const { id, method, url, headers, body, dependsOn } = members
  if (typeof id !== 'string' || id === '' || typeof method !== 'string' || typeof url !== 'string') {
    throw badRequest('A request of a batch needs id, method and url.', 'BadRequest')
  }
  if (!/^\/?[^/:]/.test(url) || /^\w+:/.test(url)) throw badRequest(`The url '${url}' is not relative.`, 'BadRequest')
  if (/^\/?\$batch/.test(url)) throw badRequest('A batch cannot stand in a batch.', 'BadRequest')
  const given = headers === undefined ? {} : membersOf(headers)
  const lower = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]))
  if (body !== undefined && lower['content-type'] === undefined) {
    throw new GraphRefusal(400, 'BadRequest', `The request '${id}' has a body and no Content-Type.`)
  }
  const request = {
    method: method.toUpperCase(),
    target: url.startsWith('/') ? url : `/${url}`,
    headers: lower,
    body: body === undefined ? '' : JSON.stringify(body),
  }
  const needs = Array.isArray(dependsOn) ? dependsOn.map(String) : []
  return { id, dependsOn: needs, request }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw badRequest('Invalid batch payload format.', 'BadRequest')
}
