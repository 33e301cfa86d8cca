import { capabilitiesOf } from '../capabilities.ts'
import type { Exchange } from '../exchange.ts'
import { CrmError, type OrganizationWriter, type WriteOperation, type WriteResult } from '../organization.ts'
import type { ServerFacts } from '../probe.ts'
import { type Run, settleChunk } from './dispatcher.ts'
import { wavesOf } from './waves.ts'

/** What a writer needs from its client. */
export interface WriterContext {
  /** As the identity that writes. */
  readonly exchange: Exchange
  readonly batchSize: number
  readonly maximumConcurrency: number
  facts(signal: AbortSignal): Promise<ServerFacts>
}

/** Creates a writer. Results come as they are known, so not in the order of the operations: `ref` tells which is which. */
export function createWriter(context: WriterContext): OrganizationWriter {
  return {
    async *write(operations, signal) {
      const results = createQueue<WriteResult>()
      const stop = new AbortController()
      const either = AbortSignal.any([signal, stop.signal])
      const work = writeAll(context, operations, either, results.push).then(results.end, results.fail)
      try {
        yield* results.items()
      } finally {
        stop.abort()
        await work
      }
    },
  }
}

async function writeAll(
  context: WriterContext,
  operations: readonly WriteOperation[],
  signal: AbortSignal,
  emit: (result: WriteResult) => void,
): Promise<void> {
  if (operations.length === 0) return
  const facts = await factsOrError(context, signal)
  if (facts instanceof CrmError) {
    const { code, message } = facts
    for (const { ref } of operations) emit({ ref, outcome: 'failed', code, message })
    return
  }
  const { exchange, batchSize } = context
  const run: Run = {
    context: { exchange, facts, abilities: { batch: true, ...capabilitiesOf(facts.segment) } },
    batchSize,
    signal,
    emit,
    halt: undefined,
  }
  for (const wave of wavesOf(operations)) await settleWave(run, wave, context.maximumConcurrency)
}

async function factsOrError(context: WriterContext, signal: AbortSignal): Promise<ServerFacts | CrmError> {
  if (signal.aborted) return new CrmError('Cancelled', 'cancelled before it was sent')
  try {
    return await context.facts(signal)
  } catch (error) {
    if (error instanceof CrmError) return error
    throw error
  }
}

/** As many chunks at once as requests may run; how many of them really run is the limiter's to say. */
async function settleWave(run: Run, wave: readonly WriteOperation[], concurrency: number): Promise<void> {
  const chunks = evenChunks(wave, run.batchSize, concurrency)
  const remaining = chunks.values()
  const workers = Array.from({ length: Math.min(concurrency, chunks.length) }, async () => {
    for (const chunk of remaining) await settleChunk(run, chunk)
  })
  await Promise.all(workers)
}

/** Fewer operations than this are not worth a batch of their own. */
const FEW = 10

/**
 * Chunks of at most `largest`, evened out so that every worker has as many as the others and the last round is not a single straggler: 300
 * operations for 8 workers are 8 chunks of 38, not 3 of 100.
 */
function evenChunks<T>(items: readonly T[], largest: number, workers: number): readonly (readonly T[])[] {
  const rounds = Math.ceil(items.length / (largest * workers))
  const size = Math.max(Math.min(FEW, largest), Math.ceil(items.length / (rounds * workers)))
  const chunks: (readonly T[])[] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}

interface Queue<T> {
  push(item: T): void
  end(): void
  fail(error: unknown): void
  items(): AsyncGenerator<T>
}

/** Hands items from work that pushes to a reader that pulls. */
function createQueue<T>(): Queue<T> {
  let waiting: T[] = []
  let ended = false
  let failure: unknown
  let wake: (() => void) | undefined

  function changed(): void {
    wake?.()
    wake = undefined
  }

  return {
    push(item) {
      waiting.push(item)
      changed()
    },
    end() {
      ended = true
      changed()
    },
    fail(error) {
      failure = error
      ended = true
      changed()
    },
    async *items() {
      while (true) {
        const ready = waiting
        waiting = []
        yield* ready
        if (waiting.length > 0) continue
        if (ended) break
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (failure !== undefined) throw failure
    },
  }
}
