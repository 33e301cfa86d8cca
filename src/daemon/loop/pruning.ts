// Soon after the start and then once a day, journals that are older than they may be are removed. Not before a revision was taken: its
// overrides say what must stay.
import type { Machine } from '../../machine.ts'
import { pruneJournals } from '../../reconcile/journal-retention.ts'
import type { DesiredState } from '../../spec/desired.ts'
import { parseDuration } from '../../spec/duration.ts'
import type { Log } from '../log.ts'

/** What pruning needs. */
export interface PruningInput {
  readonly stateDirectory: string
  /** A duration such as `400d`. */
  readonly keepFor: string
  readonly machine: Pick<Machine, 'now' | 'sleep'>
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** Pruning that goes on. */
export interface Pruning {
  onRevision(state: Pick<DesiredState, 'overrides'>): void
  stop(): Promise<void>
}

const DAY_MS = 86_400_000
/** A process that is started anew every day prunes too. */
const FIRST_MS = 600_000

/** Begins; the first look is ten minutes after the start of the process. */
export function startPruning({ stateDirectory, keepFor, machine, log }: PruningInput): Pruning {
  const stopping = new AbortController()
  const { signal } = stopping
  let overrides: ReadonlySet<string> | undefined
  const done = loop().catch(() => undefined)
  return {
    onRevision(state) {
      overrides = new Set(state.overrides.map(({ name }) => name))
    },
    stop() {
      stopping.abort()
      return done
    },
  }

  async function loop(): Promise<void> {
    for (let waitMs = FIRST_MS; !signal.aborted; waitMs = DAY_MS) {
      await machine.sleep(waitMs, signal)
      if (overrides) await prune(overrides).catch((error: unknown) => signal.aborted || failed(error))
    }
  }

  async function prune(keepOverrides: ReadonlySet<string>): Promise<void> {
    const { trustStages } = await import('../../stages/index.ts')
    const keepKinds = new Set(trustStages().flatMap(({ kind, ownsWhatItAdds }) => (ownsWhatItAdds ? [kind] : [])))
    const before = new Date(machine.now().getTime() - parseDuration(keepFor))
    const { removed, failed: notRead } = await pruneJournals({
      stateDirectory,
      before,
      keepKinds,
      keepOverrides,
      signal,
    })
    if (removed.length > 0) log.info({ files: removed.length }, 'old journals were removed')
    for (const [scope, reason] of notRead) log.warn({ scope, reason }, 'the journal of a scope cannot be pruned')
  }

  function failed(error: unknown): void {
    log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'journals cannot be pruned')
  }
}
