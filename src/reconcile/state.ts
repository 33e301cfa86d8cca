// The state of mailkeel on this machine, as a command uses it: opened once, shared by its passes, closed at the end.
import { join } from 'node:path'
import type { Reason } from '../engine/index.ts'
import { openJournal, type PassJournal } from './journal.ts'
import { acquireLock, type Lock } from './lock.ts'
import { type MemoryStore, openMemory } from './memory.ts'
import { identifyProcess, ownIdentity } from './process-identity.ts'
import { makeDirectory, StateDirectoryError } from './state-directory.ts'

/** What opening the state needs. `plan` reads what is there and writes nothing; `apply` takes the lock. */
export interface StateInput {
  readonly directory: string
  readonly mode: 'plan' | 'apply'
  /** False where something else keeps a second process from writing: then the directory is not locked. Default: true. */
  readonly lock?: boolean
  readonly now: () => Date
  readonly newId: () => string
}

/** The state that passes are made with; `memory` and `openJournal` are parts of a PassEnvironment. */
export interface State {
  readonly memory: MemoryStore
  readonly openJournal: (scope: string, pass: string) => Promise<PassJournal>
  /** What a person should know, for example that a dead process had left the lock behind. */
  readonly notices: readonly Reason[]
  close(): Promise<void>
}

/**
 * Opens the state directory. In `apply` it is created where it is missing, and a StateDirectoryError says why it cannot be used: another
 * process holds it, it is read-only, the disk is full. In `plan` nothing of that fails; what cannot be read is a notice.
 */
export async function openState(input: StateInput): Promise<State> {
  const { directory, mode, now, newId } = input
  const memory = openMemory({ directory: join(directory, 'memory'), mode, now, newId })
  if (mode === 'plan') return { memory, openJournal: journalForPlanning(input), notices: [], close: async () => {} }
  const open = (scope: string, pass: string) => openJournal({ stateDirectory: directory, scope, pass, now })
  if (input.lock === false) {
    await makeDirectory(directory)
    return { memory, openJournal: open, notices: [], close: async () => {} }
  }
  const lock = await acquireLock({ directory, self: ownIdentity(), identify: identifyProcess, now, newId })
  process.once('exit', lock.releaseNow)
  return {
    memory,
    openJournal: open,
    notices: lockNotices(lock),
    async close() {
      process.off('exit', lock.releaseNow)
      await lock.release()
    },
  }
}

function lockNotices({ takenFrom }: Lock): readonly Reason[] {
  return takenFrom
    ? [{ code: 'LockTakenOver', message: `the lock of the state directory was taken over from ${takenFrom}` }]
    : []
}

function journalForPlanning({ directory, now }: StateInput): State['openJournal'] {
  return async (scope, pass) => {
    try {
      return await openJournal({ stateDirectory: directory, scope, pass, now })
    } catch (error) {
      if (!(error instanceof StateDirectoryError)) throw error
      const message = `interrupted changes of earlier passes are not known: ${error.message}`
      return unreadable({ code: 'JournalUnreadable', message }, error)
    }
  }
}

function unreadable(notice: Reason, error: StateDirectoryError): PassJournal {
  const refuse = () => Promise.reject(error)
  return {
    interrupted: [],
    unfinished: [],
    notices: [notice],
    recent: async () => undefined,
    passed: async () => undefined,
    changes: async () => new Map(),
    repeated: async () => () => [],
    start: refuse,
    intend: refuse,
    conclude: refuse,
    lookedUp: refuse,
    finish: refuse,
    close: async () => {},
  }
}
