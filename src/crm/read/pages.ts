// A set is complete when its last page was seen, no key came twice and the server's own count agrees. A page that is not what it should
// be makes the whole set unreadable, never shorter. (Microsoft, Web API: page results, count rows.)
import { type Exchange, jsonOf } from '../exchange.ts'
import { CrmError } from '../organization.ts'
import type { Listing, Unreadable } from '../rows.ts'
import { asObject } from '../wire/body.ts'
import { LOOKUP_ANNOTATION } from '../wire/headers.ts'
import { rebaseNextLink } from '../wire/next-link.ts'
import type { Table } from './table.ts'
import { type Raw, Undecodable } from './values.ts'

/** Where pages come from. */
export interface PageSource {
  readonly exchange: Exchange
  readonly segment: string
  /** At most 5,000, which is what the server gives at most. */
  readonly pageSize: number
}

/** `@odata.count` stops counting here. */
const COUNT_CAP = 5000
const MAXIMUM_PAGES = 1000

/** What has been read of a set so far. */
export interface Collected<T> {
  readonly rows: Map<string, T>
  readonly unknown: Map<string, Unreadable>
}

/** Nothing read yet. */
export function nothingCollected<T>(): Collected<T> {
  return { rows: new Map(), unknown: new Map() }
}

/** The headers of a page request; every page of a set must be asked for with the same. */
export function pageHeaders<T>(table: Table<T>, pageSize: number): Readonly<Record<string, string>> {
  const annotations = table.annotated ? `,odata.include-annotations="${LOOKUP_ANNOTATION}"` : ''
  return { Prefer: `odata.maxpagesize=${pageSize}${annotations}` }
}

/** What an error says was being done. */
export function reading<T>(source: PageSource, table: Table<T>): string {
  return `reading ${table.entitySet} of ${source.exchange.options.root.host}`
}

/** Reads a whole set. A set that changed under the reader's hands is read once more. Throws CrmError. */
export async function readSet<T>(
  source: PageSource,
  table: Table<T>,
  select: string,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const path = `${table.entitySet}?$select=${select}&$count=true`
  try {
    return await followPages(source, table, path, nothingCollected<T>(), signal)
  } catch (error) {
    if (!(error instanceof CrmError && error.code === 'Incomplete')) throw error
    return followPages(source, table, path, nothingCollected<T>(), signal)
  }
}

/** Reads pages from `path` to the last one into `collected`. */
export async function followPages<T>(
  source: PageSource,
  table: Table<T>,
  path: string,
  collected: Collected<T>,
  signal: AbortSignal,
): Promise<Collected<T>> {
  const doing = reading(source, table)
  const headers = pageHeaders(table, source.pageSize)
  const seen = new Set<string>()
  const budget = { leftMs: source.exchange.options.patienceMs }
  let count: number | undefined
  for (let next: string | undefined = path; next !== undefined; ) {
    if (seen.has(next) || seen.size === MAXIMUM_PAGES)
      throw new CrmError('NotUnderstood', `${doing}: the pages have no end`)
    seen.add(next)
    const outgoing = { method: 'GET', path: `${source.segment}/${next}`, headers } as const
    const page = jsonOf(await source.exchange.read(outgoing, doing, signal, budget), doing)
    count ??= countOf(page)
    next = collectPage(page, source, table, collected)
  }
  checkCount(count, collected.rows.size + collected.unknown.size, doing)
  return collected
}

/** The server's count of the set; undefined where it did not count, which some tables show as -1. */
function countOf(page: unknown): number | undefined {
  const count = asObject(page)?.['@odata.count']
  return typeof count === 'number' && count >= 0 ? count : undefined
}

/** Takes over the rows of one page; gives the path of the next one, undefined on the last. Throws CrmError. */
export function collectPage<T>(
  page: unknown,
  source: PageSource,
  table: Table<T>,
  collected: Collected<T>,
): string | undefined {
  const doing = reading(source, table)
  const { value, '@odata.nextLink': link } = asObject(page) ?? {}
  if (!Array.isArray(value)) throw new CrmError('NotUnderstood', `${doing}: a page without a list of rows`)
  for (const raw of value as readonly (Raw | null)[]) collectRow(raw, table, collected, doing)
  source.exchange.options.onEvent({
    kind: 'page',
    table: table.name,
    rows: value.length,
    rowsSoFar: collected.rows.size + collected.unknown.size,
  })
  if (link === undefined || link === null) return undefined
  const next = rebaseNextLink(link, source.segment, table.entitySet)
  if (next === undefined)
    throw new CrmError('NotUnderstood', `${doing}: the link to the next page leads somewhere else`)
  return next
}

function collectRow<T>(raw: Raw | null, table: Table<T>, collected: Collected<T>, doing: string): void {
  const key = raw?.[table.key]
  if (!raw || typeof key !== 'string' || key.length !== 36) {
    throw new CrmError('NotUnderstood', `${doing}: a row without ${table.key}`)
  }
  const id = key.toLowerCase()
  if (collected.rows.has(id) || collected.unknown.has(id)) throw incomplete(doing, `${id} came twice`)
  try {
    collected.rows.set(id, table.decode(raw, id))
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error
    collected.unknown.set(id, { code: 'NotUnderstood', message: `${table.name} ${id}: ${error.message}` })
  }
}

function checkCount(count: number | undefined, rows: number, doing: string): void {
  if (count === undefined || count === rows) return
  if (count >= COUNT_CAP && rows >= COUNT_CAP) return
  throw incomplete(doing, `the server counts ${count} rows and gave ${rows}`)
}

function incomplete(doing: string, why: string): CrmError {
  return new CrmError('Incomplete', `${doing}: ${why}; the set is not used`)
}
