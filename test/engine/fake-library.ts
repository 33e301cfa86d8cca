import { library } from './fake-pass.ts'
import { FakeRemote, type Row } from './fake-remote.ts'
import type { DesiredBook, DesiredShelf, FakeDesired } from './fake-stages.ts'

/** A book as tables start from it: in order in every way. */
export const BOOK: Row = { shelf: 's1', open: true, tags: ['x'], tested: true }

/** A remote that holds these rows. */
export function remoteWith(shelves: Record<string, Row>, books: Record<string, Row>): FakeRemote {
  const remote = new FakeRemote()
  for (const [key, row] of Object.entries(shelves)) remote.tables.shelf.set(key, { ...row })
  for (const [key, row] of Object.entries(books)) remote.tables.book.set(key, { ...row })
  return remote
}

/** A desired state from plain objects. */
export function wants(
  shelves: Record<string, DesiredShelf>,
  books: Record<string, DesiredBook>,
  more: Partial<FakeDesired> = {},
): FakeDesired {
  return library({ shelves: new Map(Object.entries(shelves)), books: new Map(Object.entries(books)), ...more })
}
