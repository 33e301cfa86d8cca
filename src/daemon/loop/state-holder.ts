// The state directory over the life of the process. Where nothing can be written down nothing may be written to CRM either: then passes only
// observe, and say so, until the directory can be written again.
import { join } from 'node:path'
import type { Reason } from '../../engine/index.ts'
import type { Machine } from '../../machine.ts'
import { openState, type State } from '../../reconcile/state.ts'
import { makeDirectory, replaceFile, StateDirectoryError } from '../../reconcile/state-directory.ts'

/** The state as passes use it. */
export interface StateHolder {
  readonly state: () => Pick<State, 'memory' | 'openJournal'>
  /** Why nothing can be written down; undefined where it can. Tries again now and then. */
  fault(): Promise<Reason | undefined>
  /** Told why a pass failed: where that was the directory, it is not relied on from now on. */
  suspect(failure: Reason): void
  readonly notices: readonly Reason[]
  close(): Promise<void>
}

/** What holding the state needs. */
export interface StateHolderInput {
  readonly directory: string
  /** Whether the directory is locked for this process. */
  readonly lock: boolean
  readonly machine: Pick<Machine, 'now' | 'newId'>
}

const TRY_EVERY_MS = 60_000
const FAULTS: ReadonlySet<string> = new Set([
  'StateDirectoryFull',
  'StateDirectoryReadOnly',
  'StateDirectoryUnusable',
] satisfies StateDirectoryError['code'][])

/** Opens the state. Throws StateDirectoryError where another process holds it; any other fault of it is told by `fault`. */
export async function holdState({ directory, lock, machine }: StateHolderInput): Promise<StateHolder> {
  const { now, newId } = machine
  const open = (mode: 'plan' | 'apply') => openState({ directory, mode, lock, now, newId })
  let found: { readonly reason: Reason; readonly triedAt: number } | undefined
  let isOpen = true
  let trying: Promise<void> | undefined
  const failed = ({ code, message }: Reason) => {
    const words = `the state directory cannot be used, so nothing is written to CRM: ${message}`
    found = { reason: { code, message: words }, triedAt: now().getTime() }
  }
  let state = await open('apply').catch((error: unknown) => {
    if (!(error instanceof StateDirectoryError) || !FAULTS.has(error.code)) throw error
    failed(error)
    isOpen = false
    return open('plan')
  })

  async function tryAgain(): Promise<void> {
    try {
      if (isOpen) await writeSomething(directory, newId)
      else state = await open('apply')
      isOpen = true
      found = undefined
    } catch (error) {
      if (!(error instanceof StateDirectoryError)) throw error
      failed(error)
    }
  }

  return {
    state: () => state,
    async fault() {
      if (found && now().getTime() - found.triedAt >= TRY_EVERY_MS) {
        // All scopes ask in the same moment; the second to open would be refused by the lock of the first.
        trying ??= tryAgain().finally(() => {
          trying = undefined
        })
        await trying
      }
      return found?.reason
    },
    suspect(failure) {
      if (FAULTS.has(failure.code)) failed(failure)
    },
    notices: state.notices,
    close: () => state.close(),
  }
}

async function writeSomething(directory: string, newId: () => string): Promise<void> {
  await makeDirectory(directory)
  await replaceFile(join(directory, 'writable'), '', newId())
}
