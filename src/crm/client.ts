// Putting the client together: one limiter for all requests to the organization, one exchange per identity, the facts about the server
// shared between readers and writers.
import type { HttpClient } from '../network/http.ts'
import { createAdaptiveLimiter } from '../network/limiter.ts'
import type { Authenticator } from './authentication.ts'
import { segmentOf } from './capabilities.ts'
import type { OnEvent } from './events.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { CrmError, type OrganizationClient } from './organization.ts'
import { type Probed, probeServer, type ServerFacts, segmentsToTry, userBehind } from './probe.ts'
import { createReader } from './read/reader.ts'
import { parseServiceRoot } from './wire/service-root.ts'
import { createWriter } from './write/writer.ts'

/** How to reach one organization and as whom. */
export interface OrganizationClientOptions {
  /** Belongs to the caller, who closes it. */
  readonly http: HttpClient
  /** For example `https://crm.contoso.com/ContosoSales`; a slash or `/api/data/v9.1` at its end does no harm. */
  readonly baseUrl: string
  readonly reading: Authenticator
  /** Absent where this program may not write. */
  readonly writing?: Authenticator
  /** Uses this version of the Web API and no other, for example `9.1`. */
  readonly versionPin?: string
  readonly now: () => Date
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Waits; rejects when the signal fires. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Requests at the same time. */
  readonly maximumConcurrency: number
  /** Rows per page, at most 5,000; that where absent. */
  readonly pageSize?: number
  /** Operations per batch, at most 1,000; 100 where absent. */
  readonly batchSize?: number
  /** How long repeats and waits for one request may go on; 5 minutes where absent. */
  readonly patienceMs?: number
  readonly onEvent?: OnEvent
}

const PAGE_SIZE = 5000
const BATCH_SIZE = 100
const PATIENCE_MS = 5 * 60_000

/** Creates the client of one organization. Nothing is sent before it is used. Throws CrmError `Invalid` for options that cannot work. */
export function createOrganizationClient(options: OrganizationClientOptions): OrganizationClient {
  const root = parseServiceRoot(options.baseUrl)
  const pageSize = wholeNumber('pageSize', options.pageSize ?? PAGE_SIZE, PAGE_SIZE)
  const batchSize = wholeNumber('batchSize', options.batchSize ?? BATCH_SIZE, 1000)
  const maximumConcurrency = wholeNumber('maximumConcurrency', options.maximumConcurrency, 1000)
  const pinned = pinnedSegment(options.versionPin) ?? root.segment
  const pauses = new AbortController()
  const limiter = createAdaptiveLimiter({
    initial: maximumConcurrency,
    maximum: maximumConcurrency,
    schedule: (delayMs, fire) => {
      const called = new AbortController()
      options.wait(delayMs, AbortSignal.any([called.signal, pauses.signal])).then(fire, () => {})
      return () => called.abort()
    },
  })
  const sizes = new Map<string, number>()
  let latest: ServerFacts | undefined

  function exchangeAs(authenticator: Authenticator): Exchange {
    return createExchange({
      http: options.http,
      root,
      authenticator,
      limiter,
      now: options.now,
      random: options.random,
      wait: options.wait,
      patienceMs: options.patienceMs ?? PATIENCE_MS,
      onEvent: options.onEvent ?? (() => {}),
    })
  }

  async function probe(exchange: Exchange, signal: AbortSignal): Promise<Probed> {
    const probed = await probeServer(exchange, segmentsToTry(pinned, latest?.segment), signal)
    latest = probed.facts
    return probed
  }

  const reading = exchangeAs(options.reading)
  const writing = options.writing && exchangeAs(options.writing)

  return {
    reader: (previous) =>
      createReader(
        {
          exchange: reading,
          pageSize,
          sizes,
          probe: (signal) => probe(reading, signal),
          ...(writing && { writingUser: (segment, signal) => userBehind(writing, segment, signal) }),
        },
        previous,
      ),
    writer() {
      if (!writing) {
        throw new CrmError(
          'Unsupported',
          `there is no identity that may write to ${root.host}; configure one to apply changes`,
        )
      }
      return createWriter({
        exchange: writing,
        batchSize,
        maximumConcurrency,
        facts: async (signal) => latest ?? (await probe(writing, signal)).facts,
      })
    },
    async close() {
      pauses.abort()
    },
  }
}

function pinnedSegment(pin: string | undefined): string | undefined {
  if (pin === undefined) return undefined
  const segment = segmentOf(pin)
  if (segment === undefined) throw new CrmError('Invalid', 'the pinned version of the Web API is not of the form 9.1')
  return segment
}

function wholeNumber(name: string, value: number, maximum: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= maximum) return value
  throw new CrmError('Invalid', `${name} is a whole number between 1 and ${maximum}`)
}
