// A nextLink carries the documented `$skiptoken` cookie. Clients must send it back unchanged with the same page size (Microsoft, Web API:
// page results), so the simulator remembers the links it gave out and refuses every other one.

import { badRequest } from '../errors.ts'

/** Where the next page begins. */
export interface PagePosition {
  /** Id of the last row of the page before; pages in key order go on after it. */
  readonly lastId: string
  readonly pageNumber: number
  readonly pageSize: number
  /** Row version when the first page was read. */
  readonly rowVersion: number
  /** Ids of a sorted answer as of the first page, and where the next page begins in them. */
  readonly sorted?: { readonly ids: readonly string[]; readonly at: number }
}

/** The links given out. */
export interface PageLinks {
  /** Remembers a link: set path, other options (decoded, as one text), cookie. */
  issue(query: string, cookie: string, position: PagePosition): void
  /** The position behind a link followed. Throws 400 where the link is not one of ours, or was altered, or the page size differs. */
  follow(query: string, cookie: string, pageSize: number): PagePosition
}

/** Remembers the newest `capacity` links. */
export function createPageLinks(capacity = 20_000): PageLinks {
  const positions = new Map<string, PagePosition>()
  return {
    issue(query, cookie, position) {
      const key = `${query}\n${cookie}`
      positions.delete(key)
      positions.set(key, position)
      const oldest = positions.size > capacity ? positions.keys().next() : undefined
      if (oldest?.value !== undefined) positions.delete(oldest.value)
    },
    follow(query, cookie, pageSize) {
      const position = positions.get(`${query}\n${cookie}`)
      if (position === undefined) throw badRequest('Malformed XML in the Paging Cookie')
      if (position.pageSize !== pageSize) throw badRequest('The page size differs from that of the first page.')
      return position
    },
  }
}

/** The cookie as it stands in the link, percent-encoded; the paging cookie inside it is encoded once more, as in the documentation. */
export function cookieText(primaryId: string, pageNumber: number, first: string, last: string): string {
  const guid = (id: string) => `%257b${id.toUpperCase()}%257d`
  const inner = `%253ccookie%2520page%253d%2522${pageNumber - 1}%2522%253e%253c${primaryId}%2520last%253d%2522${guid(last)}%2522%2520first%253d%2522${guid(first)}%2522%2520%252f%253e%253c%252fcookie%253e`
  return `%3Ccookie%20pagenumber=%22${pageNumber}%22%20pagingcookie=%22${inner}%22%20istracking=%22False%22%20/%3E`
}
