import type { EntityDefinition, Row } from '../../world.ts'
import { badRequest } from '../errors.ts'
import type { Predicate } from '../query/filter.ts'
import type { QueryOptions } from '../query/options.ts'
import { compileOrder } from '../query/order.ts'
import type { Preferences } from '../query/preferences.ts'
import type { Call } from '../service/call.ts'
import { positionAfter } from './key-order.ts'
import { cookieText, type PagePosition } from './page-links.ts'

/** A set to read: a whole table, or the rows of a collection-valued navigation property. */
export interface SetSource {
  readonly definition: EntityDefinition
  /** Path of the set below the root, as asked for, percent-encoded. */
  readonly path: string
  readonly within?: Predicate
}

/** One page, and the link to the next where rows remain. */
export interface Page {
  readonly rows: readonly Readonly<Row>[]
  readonly nextLink: string | undefined
  /** Row version when the first page was read. */
  readonly rowVersion: number
}

/** Reads the page a request asks for. Throws 400 for a bad `$top` and for links that are not ours. */
export function readPage(
  call: Call,
  source: SetSource,
  options: QueryOptions,
  preferences: Preferences,
  matches: Predicate,
): Page {
  const { definition } = source
  const cap = call.service.maxPageSize
  // `$top` beside a page size is ignored; alone it bounds the answer and there is no link (Microsoft, Web API: page results).
  const top = preferences.maxPageSize === undefined ? topOf(options) : undefined
  const size = Math.min(top ?? preferences.maxPageSize ?? cap, cap)
  const token = options.get('$skiptoken')
  const queryKey = keyOf(source, options)
  const from = token === undefined ? undefined : call.service.pageLinks.follow(queryKey, token, size)
  const rowVersion = from?.rowVersion ?? call.world.rowVersion
  const line = lineOf(call, source, options, matches, from)
  const { rows, next } = take(call.world.rows(definition.name), line, size, matches)
  if (next === undefined || top !== undefined || call.lies.cut === true)
    return { rows, nextLink: undefined, rowVersion }

  const overlap = call.lies.overlap === true && rows.length > 1 ? 1 : 0
  const idOf = (index: number) => String(rows[index]?.[definition.primaryId])
  const lastId = idOf(rows.length - 1 - overlap)
  const pageNumber = (from?.pageNumber ?? 1) + 1
  const cookie = cookieText(definition.primaryId, pageNumber, idOf(0), lastId)
  const sorted = line.sorted ? { sorted: { ids: line.ids, at: next - overlap } } : {}
  call.service.pageLinks.issue(queryKey, decodeURIComponent(cookie), {
    lastId,
    pageNumber,
    pageSize: size,
    rowVersion,
    ...sorted,
  })
  return { rows, nextLink: linkTo(call, source, options, cookie), rowVersion }
}

/** The ids to walk along, and where to begin. A sorted answer is a snapshot; key order is the table as it is now. */
interface Line {
  readonly ids: readonly string[]
  readonly start: number
  readonly sorted: boolean
}

function lineOf(
  call: Call,
  source: SetSource,
  options: QueryOptions,
  matches: Predicate,
  from: PagePosition | undefined,
): Line {
  if (from?.sorted !== undefined) return { ids: from.sorted.ids, start: from.sorted.at, sorted: true }
  const order = options.get('$orderby')
  if (order !== undefined) return { ids: sortedIds(call, source, order, matches), start: 0, sorted: true }
  const ids = call.service.keyOrder.ids(source.definition.name, call.world.rows(source.definition.name))
  return { ids, start: from === undefined ? 0 : positionAfter(ids, from.lastId), sorted: false }
}

/** Up to `size` matching rows, and the position of the next one where there is one. */
function take(
  rows: ReadonlyMap<string, Readonly<Row>>,
  { ids, start }: Line,
  size: number,
  matches: Predicate,
): { readonly rows: readonly Readonly<Row>[]; readonly next: number | undefined } {
  const taken: Readonly<Row>[] = []
  for (let at = start; at < ids.length; at++) {
    const row = rows.get(ids[at] ?? '')
    if (row === undefined || !matches(row)) continue
    if (taken.length === size) return { rows: taken, next: at }
    taken.push(row)
  }
  return { rows: taken, next: undefined }
}

function sortedIds(call: Call, source: SetSource, order: string, matches: Predicate): readonly string[] {
  const { definition } = source
  const rows = call.world.rows(definition.name)
  const compare = compileOrder(definition, order)
  const found: Readonly<Row>[] = []
  for (const id of call.service.keyOrder.ids(definition.name, rows)) {
    const row = rows.get(id)
    if (row !== undefined && matches(row)) found.push(row)
  }
  return found.sort(compare).map((row) => String(row[definition.primaryId]))
}

function topOf(options: QueryOptions): number | undefined {
  const text = options.get('$top')
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value '${text}' for $top query option found.`)
  return Number(text)
}

function keyOf(source: SetSource, options: QueryOptions): string {
  const others = [...options].filter(([name]) => name !== '$skiptoken').map(([name, value]) => `${name}=${value}`)
  return [source.path, ...others.sort()].join('&')
}

function linkTo(call: Call, source: SetSource, options: QueryOptions, cookie: string): string {
  const { linkOrigin } = call.lies
  const root = linkOrigin === undefined ? call.root : call.root.replace(/^https?:\/\/[^/]+/, linkOrigin)
  const others = [...options].filter(([name]) => name !== '$skiptoken')
  const query = others.map(([name, value]) => `${name}=${encodeOption(value)}&`).join('')
  return `${root}${source.path}?${query}$skiptoken=${cookie}`
}

function encodeOption(value: string): string {
  return encodeURIComponent(value).replace(/%2C/g, ',').replace(/%24/g, '$').replace(/%2F/g, '/')
}
