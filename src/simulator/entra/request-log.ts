import type { EntraOperation } from './faults/kinds.ts'

/** One operation as it was asked and answered. */
export interface EntraRequest {
  readonly operation: EntraOperation
  readonly method: string
  /** Path and query below the version of Graph, or of the sign-in, decoded. */
  readonly path: string
  /** Of the caller, where it is known. */
  readonly clientId: string | undefined
  /** As the caller gave it. */
  readonly clientRequestId: string | undefined
  /** Names of the members of the body or the fields of the form; never values, for they may be secrets. */
  readonly members: readonly string[]
  /** Undefined where no answer was given. */
  readonly status: number | undefined
}

/** The newest operations. */
export interface EntraLog {
  record(request: EntraRequest): void
  /** Oldest first. */
  entries(): readonly EntraRequest[]
}

/** Keeps the newest `capacity` operations. */
export function createEntraLog(capacity = 20_000): EntraLog {
  let entries: EntraRequest[] = []
  return {
    record(request) {
      entries.push(request)
      // Cutting in blocks keeps recording cheap.
      if (entries.length > capacity * 1.25) entries = entries.slice(-capacity)
    },
    entries: () => entries.slice(-capacity),
  }
}
