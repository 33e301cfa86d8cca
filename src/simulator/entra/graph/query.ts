import { badRequest } from './refusal.ts'

/** Query options as asked for. */
export interface GraphQuery {
  readonly select: readonly string[] | undefined
  readonly filter: string | undefined
  readonly top: number | undefined
  readonly skip: number
  readonly count: boolean
}

const KNOWN: ReadonlySet<string> = new Set(['$select', '$filter', '$top', '$count', '$skiptoken'])
const LARGEST_TOP = 999

/** Reads query options; those that this simulator does not know are refused rather than passed over. Throws GraphRefusal. */
export function graphQuery(text: string): GraphQuery {
  const given = new URLSearchParams(text)
  for (const name of given.keys()) {
    if (!KNOWN.has(name)) throw badRequest(`The query parameter '${name}' is not supported.`, 'BadRequest')
  }
  const top = given.get('$top')
  if (top !== null && !(/^[1-9]\d{0,3}$/.test(top) && Number(top) <= LARGEST_TOP)) {
    throw badRequest(`Invalid value '${top}' for $top query option found.`, 'BadRequest')
  }
  const count = given.get('$count')
  if (count !== null && count !== 'true' && count !== 'false') {
    throw badRequest(`Invalid value '${count}' for $count query option found.`, 'BadRequest')
  }
  return {
    select: given
      .get('$select')
      ?.split(',')
      .map((name) => name.trim()),
    filter: given.get('$filter') ?? undefined,
    top: top === null ? undefined : Number(top),
    skip: Number(given.get('$skiptoken')?.replace(/^skip-/, '') ?? 0) || 0,
    count: count === 'true',
  }
}

/** Selected members of an entity, or those that come without $select. Throws GraphRefusal for a name that the type does not have. */
export function projected(
  entity: Readonly<Record<string, unknown>>,
  select: readonly string[] | undefined,
  { type, byDefault }: { readonly type: string; readonly byDefault?: readonly string[] },
): Readonly<Record<string, unknown>> {
  for (const name of select ?? []) {
    if (Object.hasOwn(entity, name)) continue
    const message = `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`
    throw badRequest(message, 'BadRequest')
  }
  const wanted = select ?? byDefault
  if (wanted === undefined) return entity
  return Object.fromEntries(Object.entries(entity).filter(([name]) => wanted.includes(name)))
}
