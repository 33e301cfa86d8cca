import type { GraphContext } from './operation.ts'
import type { GraphQuery } from './query.ts'

const PAGE = 100

/** One entity as it is answered: what it is an entity of, and its members. */
export function single(
  { contextRoot }: GraphContext,
  set: string,
  entity: Readonly<Record<string, unknown>>,
  { select }: Pick<GraphQuery, 'select'> = { select: undefined },
): Readonly<Record<string, unknown>> {
  return { '@odata.context': `${contextRoot}/v1.0/$metadata#${set}${selection(select)}/$entity`, ...entity }
}

/** One page of a set; the count stands on the first page only, and a link leads to the next one (Microsoft Graph, paging). */
export function paged(
  context: GraphContext,
  set: string,
  entities: readonly object[],
  query: GraphQuery,
): Readonly<Record<string, unknown>> {
  const { skip, count, select } = query
  const size = query.top ?? PAGE
  const value = entities.slice(skip, skip + size)
  const isLast = skip + size >= entities.length
  return {
    '@odata.context': `${context.contextRoot}/v1.0/$metadata#${set}${selection(select)}`,
    ...(count && skip === 0 ? { '@odata.count': entities.length } : {}),
    ...(isLast ? {} : { '@odata.nextLink': nextLink(context, set, query, skip + size) }),
    value,
  }
}

function nextLink({ linkRoot }: GraphContext, set: string, query: GraphQuery, skip: number): string {
  const options = new URLSearchParams()
  if (query.select !== undefined) options.set('$select', query.select.join(','))
  if (query.filter !== undefined) options.set('$filter', query.filter)
  if (query.top !== undefined) options.set('$top', String(query.top))
  if (query.count) options.set('$count', 'true')
  options.set('$skiptoken', `skip-${skip}`)
  return `${linkRoot()}/v1.0/${set}?${options}`
}

function selection(select: readonly string[] | undefined): string {
  return select === undefined ? '' : `(${select.join(',')})`
}
