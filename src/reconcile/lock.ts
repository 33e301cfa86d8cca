// One process applies at a time. The lock is a file that only one can create; it names its holder by host, process id and the process's
// start, so that a lock left behind by a killed process is told from a held one, also where a container gives the same id again.
import { readFileSync, unlinkSync } from 'node:fs'
import { open, readFile, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, makeDirectory, onDisk, StateDirectoryError } from './state-directory.ts'

/** A process, told from all others that had or will have its id. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** When the process started, in whatever form the machine tells; absent where it does not. */
  readonly startToken?: string
}

interface Holder extends ProcessIdentity {
  /** Unique to this acquisition. */
  readonly token: string
  readonly since: string
}

/** What taking the lock needs. `identify` tells a living process of this host, or undefined where there is none with this id. */
export interface LockInput {
  readonly directory: string
  readonly self: ProcessIdentity
  readonly identify: (pid: number) => ProcessIdentity | undefined
  readonly now: () => Date
  readonly newId: () => string
}

/** A lock that is held. `takenFrom` tells of a dead process that had left it behind. */
export interface Lock {
  readonly takenFrom?: string
  release(): Promise<void>
  /** For the moment of exit, where nothing can be waited for. */
  releaseNow(): void
}

/** Takes the lock of a state directory, or throws a StateDirectoryError that names the holder. */
export async function acquireLock(input: LockInput): Promise<Lock> {
  await makeDirectory(input.directory)
  const path = join(input.directory, 'lock')
  const holder: Holder = { ...input.self, token: input.newId(), since: input.now().toISOString() }
  if (await create(path, holder)) return held(path, holder)
  const found = await readHolder(path)
  // It was released in between: once more, and then somebody else was faster.
  if (found === undefined && (await create(path, holder))) return held(path, holder)
  if (found === undefined) throw refused(path, (await readHolder(path)) ?? holder)
  if (!isDead(found, input)) throw refused(path, found)
  await takeOver(path, found, holder)
  return held(path, holder, `process ${found.pid}, which ended without releasing it (since ${found.since})`)
}

/** The process that holds the lock now, in words; undefined where no living one does. Takes and changes nothing. */
export async function lockHolder({
  directory,
  self,
  identify,
}: Pick<LockInput, 'directory' | 'self' | 'identify'>): Promise<string | undefined> {
  const path = join(directory, 'lock')
  const found = await onDisk(`reading ${path}`, () => readHolder(path))
  return found === undefined || isDead(found, { self, identify }) ? undefined : heldInWords(path, found)
}

/** Creates the lock where there is none. Not by linking a finished file into place: network file systems often have no hard links. */
async function create(path: string, holder: Holder): Promise<boolean> {
  return onDisk(`locking ${path}`, async () => {
    try {
      await writeNew(path, holder)
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
      throw error
    }
  })
}

/**
 * Replaces the lock of a dead process. Whoever creates the file named after the dead lock may replace it; the lock is read again
 * after that, so that one who comes late sees that it has a new holder.
 */
async function takeOver(path: string, dead: Holder, holder: Holder): Promise<void> {
  const claim = `${path}.${dead.token}.claimed`
  const draft = `${path}.${holder.token}`
  try {
    await writeNew(claim, holder)
  } catch (cause) {
    throw new StateDirectoryError(
      'StateDirectoryLocked',
      `${path} was left by process ${dead.pid} and another process is taking it over; if none is running, delete ${path} and ${claim}`,
      { cause },
    )
  }
  try {
    const now = await readHolder(path)
    if (now?.token !== dead.token) throw refused(path, now ?? dead)
    await onDisk(`locking ${path}`, async () => {
      await writeNew(draft, holder)
      await rename(draft, path)
    })
  } finally {
    await rm(claim, { force: true })
  }
}

async function writeNew(path: string, holder: Holder): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(holder)}\n`)
  } finally {
    await file.close()
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return parseHolder(await readFile(path, 'utf8'))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function parseHolder(text: string): Holder {
  try {
    const parsed: unknown = JSON.parse(text)
    if (isHolder(parsed)) return parsed
  } catch {
    // Falls through: a lock that cannot be read is held by somebody we do not know.
  }
  return { host: 'an unknown host', pid: 0, token: '', since: 'an unknown time' }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false
  const { host, pid, token, since } = value as Partial<Record<keyof Holder, unknown>>
  return typeof host === 'string' && typeof pid === 'number' && typeof token === 'string' && typeof since === 'string'
}

function isDead(found: Holder, { self, identify }: Pick<LockInput, 'self' | 'identify'>): boolean {
  if (found.host !== self.host) return false
  const living = identify(found.pid)
  if (living === undefined) return true
  if (found.startToken === undefined || living.startToken === undefined) return false
  return found.startToken !== living.startToken
}

function refused(path: string, holder: Holder): StateDirectoryError {
  return new StateDirectoryError('StateDirectoryLocked', heldInWords(path, holder))
}

function heldInWords(path: string, { host, pid, since }: Holder): string {
  return `another mailkeel works with this state directory: process ${pid} on ${host}, since ${since}; wait for it, or delete ${path} if it is gone for good`
}

function held(path: string, { token }: Holder, takenFrom?: string): Lock {
  return {
    ...(takenFrom ? { takenFrom } : {}),
    async release() {
      const found = await readHolder(path)
      if (found?.token === token) await unlink(path)
    },
    releaseNow() {
      try {
        if (parseHolder(readFileSync(path, 'utf8')).token === token) unlinkSync(path)
      } catch {
        // A lock that stays behind is taken over by the next process.
      }
    },
  }
}
