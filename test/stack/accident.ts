// Accidents that strike at a record of the journal. A killed process is one that sends nothing more and writes nothing more, whatever it
// still computes; so it is played in the same process, which a test can look into.
import type { PassJournal } from '../../src/reconcile/journal.ts'
import type { PassEnvironment } from '../../src/reconcile/run.ts'
import { StateDirectoryError } from '../../src/reconcile/state-directory.ts'

/**
 * `killed before`: the record is not on the disk. `killed after`: it is, and nothing that comes after it. `disk full`: this record and all
 * later ones fail, the process goes on.
 */
export const ACCIDENTS = ['killed before', 'killed after', 'disk full'] as const
export type AccidentKind = (typeof ACCIDENTS)[number]

/** Where an accident strikes, and what was written down until then. */
export interface Accident {
  /** Strikes at the n-th record from now on; 0 = never. */
  arm(kind: AccidentKind, at: number): void
  /** Strikes now, wherever the process is. */
  kill(): void
  /** Records that reached the disk since it was armed, by their method. */
  readonly records: readonly string[]
  readonly happened: boolean
  /** Options of a stack in which it can happen. */
  readonly options: {
    readonly environment: (environment: PassEnvironment) => PassEnvironment
    readonly beforeSend: () => void
  }
}

const RECORDS = ['start', 'intend', 'conclude', 'lookedUp', 'finish'] as const

/** An accident that is not armed yet. */
export function createAccident(): Accident {
  let kind: AccidentKind = 'killed after'
  let at = 0
  let count = 0
  let happened = false
  let records: string[] = []
  const isDead = () => happened && kind !== 'disk full'

  function strike(): never {
    happened = true
    throw new StateDirectoryError(
      'StateDirectoryFull',
      kind === 'disk full' ? 'no space is left' : 'the process is dead',
    )
  }

  async function record(name: string, write: () => Promise<void>): Promise<void> {
    count += 1
    if (happened || (count === at && kind !== 'killed after')) strike()
    await write()
    records.push(name)
    if (count === at) strike()
  }

  function striking(journal: PassJournal): PassJournal {
    const struck: PassJournal = Object.create(journal) as PassJournal
    for (const name of RECORDS) {
      const write = journal[name].bind(journal) as (entry: never) => Promise<void>
      struck[name] = (entry: never) => record(name, () => write(entry))
    }
    struck.recent = (since) => journal.recent(since)
    struck.passed = () => journal.passed()
    struck.changes = (kinds) => journal.changes(kinds)
    struck.close = () => journal.close()
    return struck
  }

  return {
    arm(nextKind, nextAt) {
      ;[kind, at, count, happened, records] = [nextKind, nextAt, 0, false, []]
    },
    kill() {
      ;[kind, happened] = ['killed after', true]
    },
    get records() {
      return records
    },
    get happened() {
      return happened
    },
    options: {
      environment: (environment) => ({
        ...environment,
        openJournal: async (scope, pass) => striking(await environment.openJournal(scope, pass)),
        memory: {
          ...environment.memory,
          recall: (scope) => environment.memory.recall(scope),
          notices: (scope) => environment.memory.notices(scope),
          async remember(scope, memory) {
            if (happened) strike()
            await environment.memory.remember(scope, memory)
          },
        },
      }),
      beforeSend() {
        if (isDead()) throw new Error('the process is dead')
      },
    },
  }
}
