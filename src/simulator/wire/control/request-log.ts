import { splitTarget } from '../query/options.ts'

/** One operation as it was asked and answered: a request of its own, the envelope of a batch, or a part of one. */
export interface LoggedOperation {
  readonly kind: 'request' | 'batch' | 'part'
  /** Simulated time, ISO 8601. */
  readonly at: string
  readonly method: string
  /** Below the service root, with its query, percent-encoded as it came. */
  readonly path: string
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
  readonly prefer: string | undefined
  /** Member names of a JSON body; never values, for they may be secrets. */
  readonly columns: readonly string[]
  /** Undefined where no answer was given. */
  readonly status: number | undefined
}

/** Totals since the start or the last reset. */
export interface RequestCounts {
  /** By method and path with keys replaced, such as `PATCH mailboxes(id)`; envelopes of batches are `POST $batch`. */
  readonly routes: Readonly<Record<string, number>>
  /** HTTP requests, batches counting once. */
  readonly requests: number
  readonly batches: number
  /** Requests of their own and parts of batches; envelopes do not count. */
  readonly operations: number
  /** Operations with GET. */
  readonly reads: number
  /** Operations with POST, PATCH, PUT or DELETE, whether they succeeded or not. */
  readonly writes: number
}

/** What happened, for assertions. */
export interface RequestLog {
  record(operation: LoggedOperation): void
  counts(): RequestCounts
  /** The newest `last` operations, oldest first. */
  entries(last?: number): readonly LoggedOperation[]
  reset(): void
}

/** Keeps the newest `capacity` operations and all counts. */
export function createRequestLog(capacity = 50_000): RequestLog {
  let entries: LoggedOperation[] = []
  let routes = new Map<string, number>()
  let totals = { ...ZERO }
  return {
    record(operation) {
      entries.push(operation)
      // Cutting in blocks keeps recording cheap.
      if (entries.length > capacity * 1.25) entries = entries.slice(-capacity)
      const route = `${operation.method} ${routeOf(operation.path)}`
      routes.set(route, (routes.get(route) ?? 0) + 1)
      if (operation.kind !== 'part') totals.requests += 1
      if (operation.kind === 'batch') totals.batches += 1
      if (operation.kind === 'batch') return
      totals.operations += 1
      if (WRITES.has(operation.method)) totals.writes += 1
      else totals.reads += 1
    },
    counts: () => ({ routes: Object.fromEntries([...routes].sort(([a], [b]) => (a < b ? -1 : 1))), ...totals }),
    entries: (last = capacity) => entries.slice(-Math.min(last, capacity)),
    reset() {
      entries = []
      routes = new Map()
      totals = { ...ZERO }
    },
  }
}

const ZERO = { requests: 0, batches: 0, operations: 0, reads: 0, writes: 0 }
const WRITES: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT', 'DELETE'])

/** The path without its query, every key as `id`. */
function routeOf(path: string): string {
  return splitTarget(path).path.replace(/\([0-9a-f-]{36}\)/gi, '(id)')
}

/** Member names of a JSON object, or none where the text is not one. */
export function memberNames(body: string): readonly string[] {
  if (!body.trimStart().startsWith('{')) return []
  try {
    return Object.keys(JSON.parse(body) as object)
  } catch {
    return []
  }
}
