// A set is complete when its last page was seen and surely was the last, no key came twice and the server's own count agrees. A page that
// is not what it should be makes the whole set unreadable, never shorter. (Microsoft, Web API: page results, count rows.)
import { type Exchange, jsonOf } from '../exchange.ts'
import { CrmError } from '../organization.ts'
import type { Listing, Unreadable } from '../rows.ts'
import { asObject } from '../wire/body.ts'
import { LOOKUP_ANNOTATION } from '../wire/headers.ts'
import { rebaseNextLink } from '../wire/next-link.ts'
import { type End, incomplete, judgeEnd, otherPageSize } from './last-page.ts'
import { createShare, type Share } from './sharing.ts'
import type { Table } from './table.ts'
import { type Raw, Undecodable } from './values.ts'

/** Where pages come from. */
export interface PageSource {
  readonly exchange: Exchange
  readonly segment: string
  /** At most 5,000, which is what the server gives at most. */
  readonly pageSize: number
}

const MAXIMUM_PAGES = 1000

/** What has been read of a set so far. */
export interface Collected<T> {
  readonly rows: Map<string, T>
  readonly unknown: Map<string, Unreadable>
  readonly share: Share
}

/** Nothing read yet. */
export function nothingCollected<T>(): Collected<T> {
  return { rows: new Map(), unknown: new Map(), share: createShare() }
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
    return await readWhole(source, table, path, signal)
  } catch (error) {
    if (!(error instanceof CrmError && error.code === 'Incomplete')) throw error
    return readWhole(source, table, path, signal)
  }
}

async function readWhole<T>(
  source: PageSource,
  table: Table<T>,
  path: string,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const collected = nothingCollected<T>()
  const end = await walk(source, table, path, collected, signal)
  if (judgeEnd(end, reading(source, table)) === 'perhaps-cut') await confirmEnd(source, table, collected, signal)
  return collected
}

/** Reads the keys alone, in pages of another size; throws CrmError `Incomplete` where they are others than those collected. */
async function confirmEnd<T>(
  source: PageSource,
  table: Table<T>,
  { rows, unknown }: Collected<T>,
  signal: AbortSignal,
): Promise<void> {
  const doing = reading(source, table)
  const keysOnly: Table<string> = { ...table, essential: [], optional: [], annotated: false, decode: (_, id) => id }
  const inOtherPages = { ...source, pageSize: otherPageSize(sizeOf({ rows, unknown }), source.pageSize) }
  const keys = nothingCollected<string>()
  const end = await walk(inOtherPages, keysOnly, `${table.entitySet}?$select=${table.key}`, keys, signal)
  const isSame = [...keys.rows.keys()].every((id) => rows.has(id) || unknown.has(id))
  if (judgeEnd(end, doing) === 'complete' && isSame && end.rows === sizeOf({ rows, unknown })) return
  throw incomplete(doing, 'the last page is full, and pages of another size end elsewhere')
}

/**
 * Reads pages from `path` to the last one into `collected`. Only for a selection of a few rows: a full last page is believed here, and
 * whoever misses a row looks for it in the whole set.
 */
export async function followPages<T>(
  source: PageSource,
  table: Table<T>,
  path: string,
  collected: Collected<T>,
  signal: AbortSignal,
): Promise<Collected<T>> {
  await walk(source, table, path, collected, signal)
  return collected
}

async function walk<T>(
  source: PageSource,
  table: Table<T>,
  path: string,
  collected: Collected<T>,
  signal: AbortSignal,
): Promise<End> {
  const doing = reading(source, table)
  const headers = pageHeaders(table, source.pageSize)
  const seen = new Set<string>()
  const budget = { leftMs: source.exchange.options.patienceMs }
  const pages: number[] = []
  let count: number | undefined
  let rows = sizeOf(collected)
  for (let next: string | undefined = path; next !== undefined; ) {
    if (seen.has(next) || seen.size === MAXIMUM_PAGES)
      throw new CrmError('NotUnderstood', `${doing}: the pages have no end`)
    seen.add(next)
    const outgoing = { method: 'GET', path: `${source.segment}/${next}`, headers } as const
    const page = jsonOf(await source.exchange.read(outgoing, doing, signal, budget), doing)
    count ??= countOf(page)
    next = collectPage(page, source, table, collected)
    pages.push(sizeOf(collected) - rows)
    rows = sizeOf(collected)
  }
  return { count, rows, pages, pageSize: source.pageSize }
}

function sizeOf({ rows, unknown }: Pick<Collected<unknown>, 'rows' | 'unknown'>): number {
  return rows.size + unknown.size
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
    rowsSoFar: sizeOf(collected),
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
  const before = sizeOf(collected)
  try {
    collected.rows.set(id, table.decode(raw, id, collected.share))
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error
    const message = `${table.name} ${id}: ${error.message}`
    collected.unknown.set(id, { code: 'NotUnderstood', message, ...table.unreadable?.(raw) })
  }
  const { rows, unknown } = collected
  const isNew = sizeOf(collected) > before && (unknown.size === 0 || !(rows.has(id) && unknown.has(id)))
  if (!isNew) throw incomplete(doing, `${id} came twice`)
}
