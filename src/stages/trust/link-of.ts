import { advised, type Link, type Reason } from '../../engine/index.ts'
import type { ServerTold } from './view-facts.ts'

/** A reason as a link: what is the matter, and what to do about it, each by itself. */
export function linkOf(name: string, state: Link['state'], { message }: Pick<Reason, 'message'>): Link {
  const { what, next } = advised(message)
  return { name, state, words: what, ...(next !== undefined && { next }) }
}

/** What could not be read. */
export function unreadLink(name: string, reason: Reason): Link {
  return linkOf(name, 'unknown', reason)
}

/** What people call a server. */
export function labelOf({ row, key }: Pick<ServerTold, 'row' | 'key'>): string {
  return row?.label ?? key
}
