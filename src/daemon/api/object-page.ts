// A page of objects. The cursor says behind which object the page begins, not at which number: where a new pass brings other objects, no
// object is told twice and none is left out that was there all the time.
import { withoutFlag } from '../../report/explain-view.ts'
import { HttpError } from '../http/route.ts'
import { folded, type IndexedObject, inOrder, type ObjectIndex, STATES } from './object-index.ts'
import type { ObjectPage, ObjectRow, ObjectState } from './shapes.ts'

/** How pages may be sorted: by label, or by state with what to look at first at the top; with `-` the other way round. */
export const SORTS = ['label', '-label', 'state', '-state'] as const
type Sort = (typeof SORTS)[number]

/** What is asked of objects. */
export interface ObjectQuery {
  readonly kind?: string
  readonly state?: ObjectState
  readonly drifted?: boolean
  readonly cause?: string
  /** Part of a label or of an address. */
  readonly q?: string
  /** Default: only what the spec names. */
  readonly unmanaged?: 'with' | 'only'
  readonly sort?: Sort
  readonly limit?: number
  readonly cursor?: string
}

/** Rows of a page where nothing is said, and the most there are. */
export const PAGE = { usual: 100, most: 500 } as const

/** Where a page begins: behind this object. */
type Place = Pick<IndexedObject, 'state' | 'folded' | 'kind' | 'key'>

/** The page that is asked for. Throws HttpError for a cursor that is none, or one of another order. */
export function pageOf(index: ObjectIndex, query: ObjectQuery): ObjectPage {
  const { sort = 'label', limit = PAGE.usual, cursor } = query
  const compare = ORDERS[sort]
  const all = sort.endsWith('state') ? index.byState : index.byLabel
  const matches = all.filter(matching(query))
  const found = sort.startsWith('-') ? matches.reverse() : matches
  const place = cursor === undefined ? undefined : placeOf(cursor, sort)
  const from = place === undefined ? 0 : firstBehind(found, place, compare)
  const items = found.slice(from, from + limit)
  const last = items.at(-1)
  const hasMore = last !== undefined && from + items.length < found.length
  return { items: items.map(rowOf), total: found.length, ...(hasMore && { next: cursorAt(last, sort) }) }
}

function matching({ kind, state, drifted, cause, q, unmanaged }: ObjectQuery): (object: IndexedObject) => boolean {
  const words = q === undefined ? '' : folded(q).trim()
  return (object) =>
    (unmanaged === 'with' || object.isUnmanaged === (unmanaged === 'only')) &&
    (kind === undefined || object.kind === kind) &&
    (state === undefined || object.state === state) &&
    (drifted === undefined || object.drifted === drifted) &&
    (cause === undefined || object.causes.includes(cause)) &&
    (words === '' || object.words.includes(words))
}

type Compare = (a: Place, b: Place) => number

const byState: Compare = (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || inOrder(a, b)

const ORDERS: Readonly<Record<Sort, Compare>> = {
  label: inOrder,
  '-label': (a, b) => inOrder(b, a),
  state: byState,
  '-state': (a, b) => byState(b, a),
}

function firstBehind(found: readonly IndexedObject[], place: Place, compare: Compare): number {
  let [low, high] = [0, found.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const object = found[middle]
    if (object && compare(object, place) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function cursorAt({ state, folded: label, kind, key }: IndexedObject, sort: Sort): string {
  return Buffer.from(JSON.stringify([sort, state, label, kind, key])).toString('base64url')
}

function placeOf(cursor: string, sort: Sort): Place {
  const parts = partsOf(cursor)
  const [of, state, label, kind, key] = parts
  if (parts.length !== 5 || of !== sort || !isState(state) || label === undefined || !kind || key === undefined)
    throw new HttpError(400, 'BadCursor', 'the cursor is not one of this list in this order; begin without a cursor')
  return { state, folded: label, kind, key }
}

function isState(word: string | undefined): word is ObjectState {
  return STATES.some((state) => state === word)
}

function partsOf(cursor: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : []
  } catch {
    return []
  }
}

function rowOf({ kind, key, label, state, drifted, isUnmanaged, synced, ready }: IndexedObject): ObjectRow {
  return {
    kind,
    key,
    label,
    state,
    drifted,
    synced: standing(synced),
    ready: standing(ready),
    ...(isUnmanaged && { unmanaged: true }),
  }
}

function standing({ status, code, message }: IndexedObject['synced']): ObjectRow['synced'] {
  return { status, reason: code, message: withoutFlag(message) }
}
