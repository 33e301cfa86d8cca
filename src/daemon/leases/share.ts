// Who takes which scope. All replicas see the same records and reckon alike, so that they seldom reach for the same one: each scope has an
// order of replicas, by a hash of both, and those further behind in it wait longer.
import { createHash } from 'node:crypto'

/** What is known when somebody asks for a scope that nobody holds. */
export interface Situation {
  readonly scope: string
  readonly self: string
  /** All that live, with `self`. */
  readonly replicas: readonly string[]
  /** How many scopes each of them holds. */
  readonly holdings: ReadonlyMap<string, number>
  /** How many scopes there are. */
  readonly scopes: number
  /** For how long we know that nobody holds it. */
  readonly freeForMs: number
  /** How long the next one in the order lets the one before go first. */
  readonly courtesyMs: number
  /** After so long it is taken whoever else could: they do not want it, or cannot. */
  readonly orphanedAfterMs: number
}

/** Whether to take a scope that nobody holds: `Orphan` although we have our share already. Otherwise who is expected to. */
export type Taking = { readonly take: 'Share' | 'Orphan' } | { readonly take: false; readonly expected: string }

/** The most scopes that one replica holds when all are held. */
export function shareOf(scopes: number, replicas: number): number {
  return Math.ceil(scopes / Math.max(1, replicas))
}

/** Decides about one scope. */
export function taking(situation: Situation): Taking {
  const { scope, self, replicas, holdings, scopes, freeForMs, courtesyMs, orphanedAfterMs } = situation
  const share = shareOf(scopes, replicas.length)
  const willing = inOrder(scope, replicas).filter((one) => (holdings.get(one) ?? 0) < share)
  const rank = willing.indexOf(self)
  if (rank >= 0 && freeForMs >= rank * courtesyMs) return { take: 'Share' }
  if (freeForMs >= orphanedAfterMs) return { take: 'Orphan' }
  return { take: false, expected: willing[0] ?? self }
}

/** Replicas in the order in which they take this scope; another one for every scope. */
function inOrder(scope: string, replicas: readonly string[]): readonly string[] {
  const weighed = replicas.map((replica) => ({ replica, weight: weightOf(scope, replica) }))
  return weighed.sort((a, b) => (a.weight < b.weight ? -1 : 1)).map(({ replica }) => replica)
}

function weightOf(scope: string, replica: string): string {
  return createHash('sha256').update(`${scope}\n${replica}`).digest('hex')
}
