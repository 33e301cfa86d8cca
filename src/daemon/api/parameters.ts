// What addresses of the API are asked with: described as JSON Schema, which the server checks first, and taken apart here. What is taken apart
// comes from a stranger all the same: of each parameter only what it may be is used.
import { HttpError } from '../http/route.ts'
import { HISTORY_PAGE, type HistoryPageQuery } from './history-page.ts'
import { STATES } from './object-index.ts'
import { type ObjectQuery, PAGE, SORTS } from './object-page.ts'

const UNMANAGED = ['with', 'only'] as const

/** Which scope. */
export const SCOPE_PARAMETERS = {
  type: 'object',
  properties: {
    kind: { type: 'string', enum: ['organization', 'trust'] },
    name: { type: 'string', maxLength: 253, description: 'its metadata.name' },
  },
  required: ['kind', 'name'],
}

/** Which object of a scope. */
export const OBJECT_PARAMETERS = {
  ...SCOPE_PARAMETERS,
  properties: {
    ...SCOPE_PARAMETERS.properties,
    key: { type: 'string', maxLength: 1024, description: 'the key of the object, as one percent-encoded part' },
  },
  required: ['kind', 'name', 'key'],
}

/** JSON Schema of a query with these properties; what it does not name is ignored. */
function queryOf(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties }
}

const CURSOR = { type: 'string', maxLength: 8192, description: 'where the page begins: `next` of the page before' }

/** Which objects, and in which order. */
export const OBJECTS_QUERY = queryOf({
  kind: { type: 'string', maxLength: 64, description: 'only objects of this kind, such as `Mailbox`' },
  state: { type: 'string', enum: STATES, description: 'only objects in this state' },
  drifted: {
    type: 'boolean',
    description: 'only those that somebody changed although the spec did not, or only others',
  },
  cause: { type: 'string', maxLength: 128, description: 'only objects with this cause, by its code' },
  q: { type: 'string', maxLength: 320, description: 'part of a name or address; case does not matter' },
  unmanaged: { type: 'string', enum: UNMANAGED, description: 'mailboxes that the spec does not name, too or only' },
  sort: { type: 'string', enum: SORTS, description: 'by label, or by state with what to look at first at the top' },
  limit: { type: 'integer', minimum: 1, maximum: PAGE.most, default: PAGE.usual, description: 'objects of a page' },
  cursor: CURSOR,
})

/** Of which kind an object is. */
export const OBJECT_QUERY = queryOf({
  kind: { type: 'string', maxLength: 64, default: 'Mailbox', description: 'the kind of the object' },
})

/** Which passes. */
export const HISTORY_QUERY = queryOf({
  q: { type: 'string', maxLength: 320, description: 'an address or the name of another object, whole; for a Reader' },
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: HISTORY_PAGE.most,
    default: HISTORY_PAGE.usual,
    description: 'passes of a page',
  },
  cursor: CURSOR,
})

/** Which objects are asked for. Throws HttpError for what means nothing. */
export function objectQuery(query: unknown): ObjectQuery {
  const drifted = oneIn(query, 'drifted', ['true', 'false'])
  return {
    ...optional('kind', textIn(query, 'kind')),
    ...optional('state', oneIn(query, 'state', STATES)),
    ...(drifted !== undefined && { drifted: drifted === 'true' }),
    ...optional('cause', textIn(query, 'cause')),
    ...optional('q', textIn(query, 'q')),
    ...optional('unmanaged', oneIn(query, 'unmanaged', UNMANAGED)),
    ...optional('sort', oneIn(query, 'sort', SORTS)),
    ...optional('limit', numberIn(query, 'limit', PAGE.most)),
    ...optional('cursor', textIn(query, 'cursor')),
  }
}

/** Which passes are asked for. Throws HttpError for what means nothing. */
export function historyQuery(query: unknown): HistoryPageQuery {
  return {
    ...optional('q', textIn(query, 'q')),
    ...optional('limit', numberIn(query, 'limit', HISTORY_PAGE.most)),
    ...optional('cursor', textIn(query, 'cursor')),
  }
}

/** A parameter as text; undefined where it is absent or empty. */
export function textIn(from: unknown, name: string): string | undefined {
  if (typeof from !== 'object' || from === null || !Object.hasOwn(from, name)) return undefined
  const value = (from as Readonly<Record<string, unknown>>)[name]
  // A server may have made numbers and truth of it already.
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  if (text === undefined || text === '') return undefined
  if (typeof text === 'string') return text
  throw new HttpError(400, 'BadParameter', `${name} is given once`)
}

function oneIn<const T extends string>(from: unknown, name: string, words: readonly T[]): T | undefined {
  const text = textIn(from, name)
  const word = words.find((one) => one === text)
  if (text === undefined || word !== undefined) return word
  throw new HttpError(400, 'BadParameter', `${name} is one of ${words.join(', ')}`)
}

function numberIn(from: unknown, name: string, most: number): number | undefined {
  const text = textIn(from, name)
  if (text === undefined) return undefined
  const number = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= most) return number
  throw new HttpError(400, 'BadParameter', `${name} is a number from 1 to ${most}`)
}

function optional<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]: V })
}
