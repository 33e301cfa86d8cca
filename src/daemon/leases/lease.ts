// Who may write in a scope. A lease is looked at before every batch, so that a process that slept through the end of its lease writes
// nothing when it wakes.

/** The right to write in one scope, for as long as it is renewed. */
export interface Lease {
  /** Fires when the lease is lost. */
  readonly signal: AbortSignal
  /** Throws LeaseLostError where the lease may be over by now, judged by a clock that goes on while the process sleeps. Cheap. */
  check(): void
  /** Gives it back, so that others need not wait for its end. Never throws. */
  release(): Promise<void>
}

/** What asking for a lease came to. `holder` works on the scope and may do so until then (ISO 8601), as far as is known. */
export type LeaseAnswer =
  | { readonly granted: true; readonly lease: Lease }
  | { readonly granted: false; readonly holder: string; readonly until?: string }

/** Hands out leases. */
export interface Leases {
  /**
   * Asks once; asked again by the loop of the scope, also before each pass while it holds it: then the same lease is granted again, or given
   * back because another replica is to have it. Throws where it cannot be told who holds it: then nobody may write.
   */
  acquire(scope: string, signal: AbortSignal): Promise<LeaseAnswer>
  /** How long to wait before asking again for what another holds, in milliseconds. Infinity where asking is of no use. */
  readonly retryMs: number
  /** Gives everything back. */
  close(): Promise<void>
}

/** The lease of a scope is over: somebody else may work on it. */
export class LeaseLostError extends Error {
  constructor(scope: string, options?: ErrorOptions) {
    super(`the lease of ${scope} is over, so nothing more is written; another replica may work on it`, options)
    this.name = 'LeaseLostError'
  }
}

/** Leases of a process that is alone: always granted. */
export function aloneLeases(): Leases {
  const leases = new Map<string, Lease>()
  const leaseOf = (scope: string): Lease => {
    // A signal for each: hundreds of scopes that listen to one look like a leak to Node, and would be one as scopes come and go.
    const { signal } = new AbortController()
    const found = leases.get(scope) ?? { signal, check: () => {}, release: async () => void leases.delete(scope) }
    leases.set(scope, found)
    return found
  }
  return {
    acquire: async (scope) => ({ granted: true, lease: leaseOf(scope) }),
    retryMs: Number.POSITIVE_INFINITY,
    close: async () => {},
  }
}
