// A nextLink is opaque and absolute, and may name a host that only the server itself can reach (Microsoft, Web API: page results).
// Its tail, everything behind `/api/data/vX.Y/`, is all we use; it is put behind the URL that was configured, untouched, because the
// paging cookie inside is encoded twice and must come back as it was sent.

const HOST = /^https?:\/\/[^/?#]*/i

/**
 * The request path, relative to the version segment, that a nextLink asks for; undefined where it does not lead to another page of the
 * same set under the same version, so that a strange answer never sends credentials or questions anywhere else.
 */
export function rebaseNextLink(link: unknown, segment: string, entitySet: string): string | undefined {
  if (typeof link !== 'string') return undefined
  const path = link.replace(HOST, '')
  const query = path.indexOf('?')
  if (query === -1 || path.includes('#')) return undefined
  const route = path.slice(0, query)
  const relative = route === entitySet
  if (!relative && !isRouteOf(route, segment, entitySet)) return undefined
  return `${entitySet}${path.slice(query)}`
}

function isRouteOf(route: string, segment: string, entitySet: string): boolean {
  const tail = `/api/data/${segment}/${entitySet}`
  if (!route.toLowerCase().endsWith(tail.toLowerCase())) return false
  const organization = route.slice(0, route.length - tail.length)
  return organization === '' || /^\/[^/\\%]+$/.test(organization)
}
