// Where in the page one is, kept behind the `#` of the address: it survives a reload, can be sent to a colleague, and needs nothing of the
// server, under whatever path a reverse proxy shows the page.
import type { ObjectState } from '../daemon/api/shapes.ts'

/** What a table of objects shows. */
export interface Filter {
  readonly kind?: string
  readonly state?: ObjectState
  readonly drifted?: true
  /** Only what the spec does not name. */
  readonly unmanaged?: true
  readonly cause?: string
  readonly q?: string
}

/** The page of one scope. `object` is explained beside the table. */
export interface ScopePlace {
  readonly view: 'scope'
  readonly kind: 'organization' | 'trust'
  readonly name: string
  readonly filter: Filter
  readonly object?: { readonly kind: string; readonly key: string }
}

/** A view of the page. */
export type Place = { readonly view: 'overview' } | ScopePlace

const STATES: readonly string[] = ['failing', 'unknown', 'waiting', 'healthy'] satisfies readonly ObjectState[]

/** Reads the part of an address from `#` on. What it does not know is the overview. */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = splitOnce(hash.replace(/^#\/?/, ''), '?')
  const [kind, name] = splitOnce(path, '/')
  if ((kind !== 'organization' && kind !== 'trust') || !name) return { view: 'overview' }
  const parameters = new URLSearchParams(query)
  const object = objectOf(parameters.get('object'))
  return { view: 'scope', kind, name: decoded(name), filter: filterOf(parameters), ...(object && { object }) }
}

/** The address of a place, from `#` on. */
export function hrefOf(place: Place): string {
  if (place.view === 'overview') return '#/'
  const parameters = filterParameters(place.filter)
  if (place.object) parameters.set('object', `${place.object.kind}/${place.object.key}`)
  const query = parameters.toString()
  return `#/${place.kind}/${encodeURIComponent(place.name)}${query && `?${query}`}`
}

/** A filter as the parameters of an address, of the page and of the API alike. */
export function filterParameters({ kind, state, drifted, unmanaged, cause, q }: Filter): URLSearchParams {
  const parameters = new URLSearchParams()
  if (kind) parameters.set('kind', kind)
  if (state) parameters.set('state', state)
  if (drifted) parameters.set('drifted', 'true')
  if (unmanaged) parameters.set('unmanaged', 'only')
  if (cause) parameters.set('cause', cause)
  if (q) parameters.set('q', q)
  return parameters
}

function filterOf(parameters: URLSearchParams): Filter {
  const text = (name: string) => parameters.get(name)?.slice(0, 320) || undefined
  const [kind, cause, q, state] = [text('kind'), text('cause'), text('q'), text('state')]
  return {
    ...(kind && { kind }),
    ...(isState(state) && { state }),
    ...(parameters.get('drifted') === 'true' && { drifted: true }),
    ...(parameters.get('unmanaged') === 'only' && { unmanaged: true }),
    ...(cause && { cause }),
    ...(q && { q }),
  }
}

function isState(text: string | undefined): text is ObjectState {
  return text !== undefined && STATES.includes(text)
}

function objectOf(text: string | null): ScopePlace['object'] {
  const [kind, key] = splitOnce(text ?? '', '/')
  return kind && key ? { kind, key } : undefined
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
