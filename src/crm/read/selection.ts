// Reading some rows of a set: by filters over their ids, many filters in a batch. Two such reads per object are linear however large the set
// is; pages of the whole set are the shorter way only for a good part of it, because a page carries what hundreds of filters do.
import { CrmError } from '../organization.ts'
import type { Listing } from '../rows.ts'
import { isGuid } from '../wire/guid.ts'
import {
  type Collected,
  collectPage,
  followPages,
  nothingCollected,
  type PageSource,
  pageHeaders,
  reading,
} from './pages.ts'
import { readParts } from './parts.ts'
import type { Table } from './table.ts'

/** More ids than this are read as a whole set where nobody knows how large it is. */
const MANY = 500
/** Of rows that are read one by one in filters, a server gives about so many in the time of a page for each four of the page. */
const LARGE_SHARE = 0.25
/** Conditions in one filter; far below any limit of a query. */
const IDS_PER_FILTER = 40
/** A server works through a batch one by one; several batches at the same time are as many as the limiter lets through. */
const FILTERS_PER_BATCH = 10
/** Some servers and proxies refuse longer URLs outside a batch. */
const URL_LIMIT = 2000

/** Whether so many ids are better read as the whole set. `size` is what the set had when it was last read as a whole. */
export function isMany(ids: number, size: number | undefined): boolean {
  return size === undefined ? ids > MANY : ids > size * LARGE_SHARE
}

/**
 * Reads the rows whose `column` holds one of the ids. Ids without a row are simply absent. Throws CrmError, also for an id that is no
 * GUID.
 */
export async function readSelected<T>(
  source: PageSource,
  table: Table<T>,
  select: string,
  column: string,
  ids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const collected = nothingCollected<T>()
  const paths = filtersOver(column, ids).map((filter) => `${table.entitySet}?$select=${select}&$filter=${filter}`)
  const [only] = paths
  if (only === undefined) return collected
  if (paths.length === 1 && fitsInUrl(source, only)) return followPages(source, table, only, collected, signal)
  await readInBatch(source, table, paths, collected, signal)
  return collected
}

async function readInBatch<T>(
  source: PageSource,
  table: Table<T>,
  paths: readonly string[],
  collected: Collected<T>,
  signal: AbortSignal,
): Promise<void> {
  const headers = { Accept: 'application/json', ...pageHeaders(table, source.pageSize) }
  const parts = paths.map((path) => ({ method: 'GET', path, headers }) as const)
  const doing = reading(source, table)
  const batches = cut(parts, FILTERS_PER_BATCH).map((some) =>
    readParts(source.exchange, source.segment, some, doing, signal),
  )
  for (const page of (await Promise.all(batches)).flat()) {
    const next = collectPage(page, source, table, collected)
    if (next !== undefined) await followPages(source, table, next, collected, signal)
  }
}

function cut<T>(items: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  )
}

function filtersOver(column: string, ids: ReadonlySet<string>): readonly string[] {
  const conditions = [...ids].map((id) => {
    if (!isGuid(id)) throw new CrmError('Invalid', `${JSON.stringify(id.slice(0, 60))} is not the id of a row`)
    return `${column}%20eq%20${id}`
  })
  const filters: string[] = []
  for (let start = 0; start < conditions.length; start += IDS_PER_FILTER) {
    filters.push(conditions.slice(start, start + IDS_PER_FILTER).join('%20or%20'))
  }
  return filters
}

function fitsInUrl(source: PageSource, path: string): boolean {
  const { origin, apiPath } = source.exchange.options.root
  return origin.length + apiPath.length + source.segment.length + 1 + path.length < URL_LIMIT
}

/** The part of a complete set that was asked for. */
export function select<T>(listing: Listing<T>, ids: ReadonlySet<string>): Listing<T> {
  const chosen = nothingCollected<T>()
  for (const id of ids) {
    const row = listing.rows.get(id)
    const unknown = listing.unknown.get(id)
    if (row !== undefined) chosen.rows.set(id, row)
    else if (unknown !== undefined) chosen.unknown.set(id, unknown)
  }
  return chosen
}
