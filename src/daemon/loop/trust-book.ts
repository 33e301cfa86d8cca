// What the loops of organizations know of the trusts that they depend on. A trust goes first: after a start, and after a change of what is
// asked of it, its organizations wait for the pass over it, but not for ever. What nobody looked at for too long is unknown.
import type { SeenTrust, TrustTold } from '../../reconcile/trust-views.ts'
import type { TrustView } from '../../trust/view.ts'

/** What an organization does about its trust: be told, or wait so long at most. */
export type TrustAnswer = { readonly told: TrustTold } | { readonly waitMs: number }

/** How trusts were seen last. */
export interface TrustBook {
  /** A pass over the trust is to come that its organizations should wait for. */
  expect(trust: string): void
  /** How a trust was seen; `undefined` where looking at it failed altogether. */
  publish(trust: string, seen: SeenTrust | undefined): void
  forget(trust: string): void
  ask(trust: string, organization: string): TrustAnswer
  /** Calls back when an organization should look again because of its trust. */
  onNews(trust: string, organization: string, wake: () => void): () => void
}

/** Organizations wait no longer than this for the first pass over their trust. */
const FIRST_PASS_MS = 120_000

interface Entry {
  seen?: { readonly trust: SeenTrust; readonly at: number }
  awaitedUntil?: number
}

/** An empty book. */
export function createTrustBook(now: () => Date, staleAfterMs: number): TrustBook {
  const entries = new Map<string, Entry>()
  const listeners = new Map<string, Map<string, () => void>>()
  const entryOf = (trust: string): Entry => {
    const entry = entries.get(trust) ?? {}
    entries.set(trust, entry)
    return entry
  }
  return {
    expect(trust) {
      entryOf(trust).awaitedUntil = now().getTime() + FIRST_PASS_MS
    },
    publish(trust, seen) {
      const entry = entryOf(trust)
      const wasAwaited = entry.awaitedUntil !== undefined
      const before = entry.seen?.trust
      delete entry.awaitedUntil
      if (seen) entry.seen = { trust: seen, at: now().getTime() }
      const wrote = (seen?.result.outcomes ?? []).length > 0
      for (const [organization, wake] of [...(listeners.get(trust) ?? [])]) {
        if (wasAwaited || wrote || (seen && looksOther(before, seen, organization))) wake()
      }
    },
    forget: (trust) => void entries.delete(trust),
    ask(trust, organization) {
      const { seen, awaitedUntil = 0 } = entryOf(trust)
      const waitMs = awaitedUntil - now().getTime()
      if (waitMs > 0) return { waitMs }
      return { told: told(organization, seen, now().getTime() - staleAfterMs) }
    },
    onNews(trust, organization, wake) {
      const of = listeners.get(trust) ?? new Map<string, () => void>()
      listeners.set(trust, of.set(organization, wake))
      return () => {
        if (of.get(organization) === wake) of.delete(organization)
      }
    },
  }
}

/** An organization is always told something: without a view its stages would think that there is no trust to ask about. */
function told(organization: string, seen: Entry['seen'], freshSince: number): TrustTold {
  const view = seen?.trust.result.views?.get(organization)
  if (seen && view && seen.at >= freshSince) return seen.trust
  const provenAt = view?.provenAt ?? (seen && view?.state === 'Working' ? new Date(seen.at).toISOString() : undefined)
  const message = seen
    ? `the trust was last looked at ${new Date(seen.at).toISOString()}, which is too long ago`
    : 'the trust was not looked at yet'
  const unknown: TrustView = {
    state: 'Unknown',
    reason: { code: 'TrustNotSeen', message },
    links: [],
    ...(provenAt === undefined ? {} : { provenAt }),
  }
  return { result: { views: new Map([[organization, unknown]]) }, ends: seen?.trust.ends ?? new Map() }
}

function looksOther(before: SeenTrust | undefined, seen: SeenTrust, organization: string): boolean {
  const [old, now] = [before?.result.views?.get(organization), seen.result.views?.get(organization)]
  return old?.state !== now?.state || old?.certificate !== now?.certificate || old?.changedAt !== now?.changedAt
}
