// Reading some rows of a set: by filters over their ids, some filters in a batch. Two such reads per object are linear however large the set
// is; pages of the whole set are the shorter way only for a good part of it, because a page carries what many filters do.
//
// A filter of many ids is one query instead of many, but needs what not every server gives: a batch (the URL of a part may have 64 KB;
// Microsoft, Web API: execute batch operations), and a query of that many conditions (CRM takes 500). Where it is refused, filters of few
// ids are what is left; where there are no batches, filters that fit in a URL, one by one.
import type { ExchangeOptions } from '../exchange.ts'
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
import { readInBatch } from './parts.ts'
import type { Table } from './table.ts'

/** More ids than this are read as a whole set where nobody knows how large it is. */
const MANY = 500
/** Of rows that are read one by one in filters, a server gives about so many in the time of a page for each four of the page. */
const LARGE_SHARE = 0.25
/** Conditions in one filter: 24 KB, and below the 500 that a query of CRM may have. */
const MANY_IDS = 400
/** Conditions in one filter that any server takes in a batch. */
const FEW_IDS = 40
/** Ids asked for in one batch. A server works through a batch one by one; several run at the same time, as many as the limiter lets through. */
const IDS_PER_BATCH = 1_600
const FEW_IDS_PER_BATCH = 400
/** Some servers and proxies refuse longer URLs outside a batch. */
const URL_LIMIT = 2000

/** Whether so many ids are better read as the whole set. `size` is what the set had when it was last read as a whole. */
export function isMany(ids: number, size: number | undefined): boolean {
  return size === undefined ? ids > MANY : ids > size * LARGE_SHARE
}

/** Servers that refused a filter of many ids. */
const cautious = new WeakSet<ExchangeOptions>()

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
  const query: Query<T> = { source, table, path: `${table.entitySet}?$select=${select}&$filter=`, signal }
  const conditions = conditionsOver(column, ids)
  if (conditions.length === 0) return nothingCollected<T>()
  if (inOneUrl(query, conditions)) return readAlone(query, conditions)
  // Of a key there is at most one row for each id, so there is no next page, whose link would have to carry the filter outside a batch.
  const isKey = column === table.key
  return (
    (isKey && (await readMany(query, conditions))) ||
    (await readInBatches(query, conditions, FEW_IDS, FEW_IDS_PER_BATCH)) ||
    readAlone(query, conditions)
  )
}

/** What is read: `path` ends where the filter begins. */
interface Query<T> {
  readonly source: PageSource
  readonly table: Table<T>
  readonly path: string
  readonly signal: AbortSignal
}

/** Undefined where the server refuses that, now or before. */
async function readMany<T>(query: Query<T>, conditions: readonly string[]): Promise<Collected<T> | undefined> {
  const { exchange, pageSize } = query.source
  const perFilter = Math.min(MANY_IDS, pageSize)
  if (perFilter <= FEW_IDS || cautious.has(exchange.options)) return undefined
  try {
    const collected = await readInBatches(query, conditions, perFilter, IDS_PER_BATCH)
    if (collected) return collected
  } catch (error) {
    if (!(error instanceof CrmError && error.code === 'Invalid')) throw error
  }
  cautious.add(exchange.options)
  return undefined
}

/** Undefined where batches are refused as such. */
async function readInBatches<T>(
  query: Query<T>,
  conditions: readonly string[],
  perFilter: number,
  perBatch: number,
): Promise<Collected<T> | undefined> {
  const { source, table, path, signal } = query
  const collected = nothingCollected<T>()
  const headers = { Accept: 'application/json', ...pageHeaders(table, source.pageSize) }
  const batches = cut(conditions, perBatch).map((some) => {
    const parts = cut(some, perFilter).map((few) => ({ method: 'GET', path: path + filterOf(few), headers }) as const)
    return readInBatch(source.exchange, source.segment, parts, reading(source, table), signal)
  })
  const pages = await Promise.all(batches)
  if (pages.includes('unsupported')) return undefined
  for (const page of pages.flat()) {
    const next = collectPage(page, source, table, collected)
    if (next !== undefined) await followPages(source, table, next, collected, signal)
  }
  return collected
}

/** One request after the other, each with as many conditions as its URL holds. */
async function readAlone<T>(query: Query<T>, conditions: readonly string[]): Promise<Collected<T>> {
  const { source, table, path, signal } = query
  const collected = nothingCollected<T>()
  for (let start = 0; start < conditions.length; ) {
    let end = start + 1
    while (end < conditions.length && inOneUrl(query, conditions.slice(start, end + 1))) end += 1
    await followPages(source, table, path + filterOf(conditions.slice(start, end)), collected, signal)
    start = end
  }
  return collected
}

function conditionsOver(column: string, ids: ReadonlySet<string>): readonly string[] {
  return [...ids].map((id) => {
    if (!isGuid(id)) throw new CrmError('Invalid', `${JSON.stringify(id.slice(0, 60))} is not the id of a row`)
    return `${column}%20eq%20${id}`
  })
}

function filterOf(conditions: readonly string[]): string {
  return conditions.join('%20or%20')
}

function inOneUrl({ source, path }: Query<unknown>, conditions: readonly string[]): boolean {
  const { origin, apiPath } = source.exchange.options.root
  const before = origin.length + apiPath.length + source.segment.length + 1 + path.length
  // Each condition takes more than a GUID: more than a hundred never fit.
  return conditions.length < 100 && before + filterOf(conditions).length < URL_LIMIT
}

function cut<T>(items: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  )
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
