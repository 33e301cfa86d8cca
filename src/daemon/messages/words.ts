import type { ScopeStanding } from '../board.ts'

/** What people call a scope. */
export function titleOf({ kind, name }: Pick<ScopeStanding, 'kind' | 'name'>): string {
  return kind === 'trust' ? `trust ${name}` : name
}

/** `1 mailbox`, `31 mailboxes`, `2 objects`. */
export function about(count: number, kind: string): string {
  const isMailbox = kind.toLowerCase() === 'mailbox'
  if (isMailbox) return `${count} ${count === 1 ? 'mailbox' : 'mailboxes'}`
  return `${count} ${count === 1 ? 'object' : 'objects'}`
}

/** The first few of a list: `ann, bob, cora and 28 more`. */
export function examples(all: readonly string[], shown = 3): string {
  const more = all.length - shown
  return more > 0 ? `${all.slice(0, shown).join(', ')} and ${more} more` : all.join(', ')
}
