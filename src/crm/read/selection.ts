// Reading some rows of a set: by filters over their ids, many filters in one batch. Beyond some hundred ids, or a quarter of the set,
// pages of the whole set are the shorter way.
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

/** More ids than this are read as a whole set. */
const MANY = 500
const LARGE_SHARE = 0.25
/** Conditions in one filter; far below any limit of a query. */
const IDS_PER_FILTER = 40
/** Some servers and proxies refuse longer URLs outside a batch. */
const URL_LIMIT = 2000

/** Whether so many ids are better read as the whole set. `size` is what the set had when it was last read as a whole. */
export function isMany(ids: number, size: number | undefined): boolean {
  return ids > MANY || (size !== undefined && ids > size * LARGE_SHARE)
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
  const pages = await readParts(source.exchange, source.segment, parts, reading(source, table), signal)
  for (const page of pages) {
    const next = collectPage(page, source, table, collected)
    if (next !== undefined) await followPages(source, table, next, collected, signal)
  }
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
