// Putting the client of one tenant together: an exchange per identity, a reader for one pass, a writer where one may write.
import type { HttpClient } from '../network/http.ts'
import { type Cloud, endpointsOf, type LoopbackEndpoints } from './clouds.ts'
import { createGraph, type Graph } from './graph.ts'
import { createReader } from './reader.ts'
import { EntraError, type TenantReader, type TenantWriter } from './tenant.ts'
import type { TokenSource } from './token.ts'
import { createWriter } from './writer.ts'

/** How to reach one tenant and as whom. */
export interface TenantClientOptions {
  /** Belongs to the caller, who closes it; `endpointsOf(...).origins` is what it must be allowed to speak to. */
  readonly http: HttpClient
  readonly cloud: Cloud
  /** On loopback only: a simulated tenant. */
  readonly endpoints?: LoopbackEndpoints
  readonly tenantId: string
  readonly reading: TokenSource
  /** Absent where this program may not write. */
  readonly writing?: TokenSource
  readonly now: () => Date
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** A fresh GUID, for `client-request-id`. */
  readonly newId: () => string
  /** Waits; rejects when the signal fires. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
  /** How long repeats of one request, and looks for one change, may go on; 5 minutes where absent. */
  readonly patienceMs?: number
}

/** One tenant. */
export interface TenantClient {
  /** A reader that sees the directory anew. `previous` is taken for the likeness with other clients; a directory has nothing to reuse. */
  reader(previous?: TenantReader): TenantReader
  /** Throws EntraError `Invalid` where there is no identity that may write. */
  writer(): TenantWriter
}

const PATIENCE_MS = 5 * 60_000

/** Creates the client of one tenant. Nothing is sent before it is used. Throws EntraError `Invalid` for options that cannot work. */
export function createTenantClient(options: TenantClientOptions): TenantClient {
  const { http, now, random, newId, wait, patienceMs = PATIENCE_MS, tenantId } = options
  const root = endpointsOf(options.cloud, tenantId, options.endpoints).graph
  const as = (source: TokenSource): Graph => createGraph({ http, root, source, now, random, newId, wait, patienceMs })
  const reading = as(options.reading)
  const writing = options.writing && as(options.writing)

  return {
    reader: () => createReader(reading),
    writer() {
      if (writing) return createWriter(writing, tenantId)
      throw new EntraError(
        'Invalid',
        `there is no identity that may write to tenant ${tenantId}; configure one to apply changes`,
      )
    },
  }
}
