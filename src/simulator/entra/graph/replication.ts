// Writes of the directory are seen late (Microsoft Graph: eventual consistency; how late is not documented). What is written stands in the
// world at once; until a write is due, reads are given what was there before it.
import type { SimulatedPrincipal, SimulatedTenant } from '../../trust/model.ts'

/** How late a write is seen: after so many reads of that principal, or after so much time, whichever comes last. */
export interface ReplicationLag {
  readonly staleReads?: number
  readonly delayMs?: number
}

/** What reads see. */
export interface Replication {
  /** Concerns the writes from now on. */
  setLag(lag: ReplicationLag): void
  /** To be told right after a write; `before` is undefined for what was just created. */
  written(appId: string, before: SimulatedPrincipal | undefined): void
  /** The principal as a read sees it now; counts as one read. `isStale`: as before the last write. */
  read(appId: string, isStale: boolean): SimulatedPrincipal | undefined
}

interface Pending {
  readonly before: SimulatedPrincipal | undefined
  readonly dueAtMs: number
  readsLeft: number
}

/** Without lag at first. Keys of principals are application ids in lower case. */
export function createReplication({ principals }: SimulatedTenant, nowMs: () => number): Replication {
  const pending = new Map<string, readonly Pending[]>()
  const last = new Map<string, { readonly before: SimulatedPrincipal | undefined }>()
  let lag: ReplicationLag = {}
  return {
    setLag(wanted) {
      lag = wanted
    },
    written(appId, before) {
      last.set(appId, { before })
      const { staleReads = 0, delayMs = 0 } = lag
      if (staleReads === 0 && delayMs === 0) return
      const entry = { before, dueAtMs: nowMs() + delayMs, readsLeft: staleReads }
      pending.set(appId, [...(pending.get(appId) ?? []), entry])
    },
    read(appId, isStale) {
      const actual = principals.get(appId)
      const before = last.get(appId)
      if (isStale && before !== undefined) return before.before
      const waiting = (pending.get(appId) ?? []).filter(({ readsLeft, dueAtMs }) => readsLeft > 0 || dueAtMs > nowMs())
      for (const entry of waiting) entry.readsLeft -= 1
      pending.set(appId, waiting)
      const [oldest] = waiting
      return oldest === undefined ? actual : oldest.before
    },
  }
}

/** A copy that later writes leave as it is. */
export function snapshotOf(principal: SimulatedPrincipal): SimulatedPrincipal {
  return { ...principal }
}
