import type { Fields, IncompleteRead, Key, Read, Reason } from './observation.ts'
import type { Stage } from './stage.ts'

/** What observing a scope needs. */
export interface ObserveInput<D, Reader, Writer> {
  readonly stages: readonly Stage<D, Fields, Reader, Writer>[]
  readonly reader: Reader
  readonly desired: D
  readonly now: Date
  readonly signal: AbortSignal
  /** When a change of ours was last applied, by kind and key, as far as that is remembered. */
  readonly changedAt?: ReadonlyMap<string, ReadonlyMap<Key, string>> | undefined
}

/** Observes all stages side by side. A stage that fails becomes an incomplete read; only cancelling throws. */
export async function observeAll<D, Reader, Writer>(
  input: ObserveInput<D, Reader, Writer>,
): Promise<ReadonlyMap<string, Read>> {
  const reads = await Promise.all(input.stages.map((stage) => observeStage(stage, { ...input, keys: 'all' })))
  return new Map(input.stages.map((stage, index) => [stage.name, reads[index] ?? unread(undefined)]))
}

/** Observes one stage, for all keys or for some. */
export async function observeStage<D, Reader, Writer>(
  stage: Stage<D, Fields, Reader, Writer>,
  context: {
    readonly reader: Reader
    readonly desired: D
    readonly keys: 'all' | ReadonlySet<Key>
    readonly now: Date
    readonly signal: AbortSignal
    readonly changedAt?: ReadonlyMap<string, ReadonlyMap<Key, string>> | undefined
  },
): Promise<Read> {
  try {
    const { reader, desired, keys, now, signal } = context
    const times = context.changedAt?.get(stage.kind)
    const changedAt = times && ((key: Key) => times.get(key))
    return await stage.observe({ reader, desired, keys, now, signal, changedAt })
  } catch (error) {
    context.signal.throwIfAborted()
    return unread(error)
  }
}

function unread(error: unknown): IncompleteRead {
  return { complete: false, reason: reasonOf(error) }
}

/** An error as a reason: its own PascalCase `code` where it has one, and its message. */
export function reasonOf(error: unknown): Reason {
  if (!(error instanceof Error)) return { code: 'Unexpected', message: 'an unexpected failure without a message' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { code: /^[A-Z][A-Za-z]+$/.test(code) ? code : 'Unexpected', message: error.message }
}
