// What was told and what is still to be sent, in one file, so that both are always of the same moment.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, makeDirectory, replaceFile } from '../../reconcile/state-directory.ts'
import { EMPTY_LEDGER, type Ledger } from './ledger.ts'
import type { Waiting } from './outbox.ts'

/** The content of the file. */
export interface MessagesState {
  readonly ledger: Ledger
  readonly waiting: readonly Waiting[]
}

const VERSION = 'mailkeel.messages/v1'
const EMPTY: MessagesState = { ledger: EMPTY_LEDGER, waiting: [] }

/** Reads and writes the file. */
export interface MessagesStore {
  /** What is there; nothing where there is no file, or one that cannot be read: then everything that is wrong is told anew. */
  load(): Promise<MessagesState>
  /** Writes what `state` gives at that moment; calls that come while one is written are one. */
  save(state: () => MessagesState): Promise<void>
}

/** The file in a state directory. */
export function messagesStore(stateDirectory: string, newId: () => string): MessagesStore {
  const path = join(stateDirectory, 'messages.json')
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  return {
    async load() {
      try {
        return parsed(await readFile(path, 'utf8'))
      } catch (error) {
        if (isMissing(error) || error instanceof SyntaxError || error instanceof TypeError) return EMPTY
        throw error
      }
    },
    save(state) {
      next ??= running
        .catch(() => undefined)
        .then(async () => {
          next = undefined
          await makeDirectory(stateDirectory)
          await replaceFile(path, `${JSON.stringify({ version: VERSION, ...state() })}\n`, newId())
        })
      running = next
      return next
    },
  }
}

function parsed(text: string): MessagesState {
  const file: unknown = JSON.parse(text)
  if (!isObject(file) || file['version'] !== VERSION) throw new TypeError('another version')
  const { ledger, waiting } = file
  if (!isObject(ledger) || !Array.isArray(waiting)) throw new TypeError('not whole')
  const lists = [ledger['known'], ledger['ended'], ledger['begun']]
  if (!lists.every((list) => Array.isArray(list) && list.every(isObject))) throw new TypeError('not whole')
  if (!waiting.every((one) => isObject(one) && isObject(one['message']))) throw new TypeError('not whole')
  // Written by us alone, as a whole, for the owner alone; the shape was looked at as far as a mistake could hurt.
  return { ledger, waiting } as unknown as MessagesState
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
