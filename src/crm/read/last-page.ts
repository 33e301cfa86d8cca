// Whether the last page was really the last. The server's count tells it up to 5,000 rows; beyond, a page that is not full does. A full
// last page without a link may be the end, or a list of pages that lost its rest: then the keys are read once more with pages of another
// size, so that the end falls elsewhere. (Microsoft, Web API: page results, count rows.)
import { CrmError } from '../organization.ts'

/** `@odata.count` stops counting here. */
const COUNT_CAP = 5000

/** What is known when no further page is named. */
export interface End {
  /** What the server counted; undefined where it did not. */
  readonly count: number | undefined
  readonly rows: number
  /** Rows of each page. */
  readonly pages: readonly number[]
  /** Rows that were asked for; a server may give smaller pages. */
  readonly pageSize: number
}

/** What an end says of its set. Throws CrmError `Incomplete` where the count contradicts the rows. */
export function judgeEnd({ count, rows, pages, pageSize }: End, doing: string): 'complete' | 'perhaps-cut' {
  if (count !== undefined && count !== rows && !(count >= COUNT_CAP && rows >= COUNT_CAP)) {
    throw incomplete(doing, `the server counts ${count} rows and gave ${rows}`)
  }
  const isCounted = count !== undefined && count < COUNT_CAP
  const full = pages.length > 1 ? Math.min(pageSize, pages[0] ?? 0) : pageSize
  return isCounted || (pages.at(-1) ?? 0) < full ? 'complete' : 'perhaps-cut'
}

/** A size of pages whose last one is not full where there are so many rows. */
export function otherPageSize(rows: number, pageSize: number): number {
  let size = Math.max(1, pageSize - 1)
  while (size > 1 && rows % size === 0) size -= 1
  return size
}

/** The error of a set that must not be used. */
export function incomplete(doing: string, why: string): CrmError {
  return new CrmError('Incomplete', `${doing}: ${why}; the set is not used`)
}
