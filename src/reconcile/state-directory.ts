// The directory mailkeel keeps its own state in: journal, memory and a lock. Nothing in it is needed to reconcile; it is needed to tell
// what was done, and to be careful. Files are for the owner alone.
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

/** Why the state directory cannot be used. */
export type StateDirectoryFailure =
  | 'StateDirectoryFull'
  | 'StateDirectoryReadOnly'
  | 'StateDirectoryLocked'
  | 'StateDirectoryUnusable'

/** The state directory cannot be used as asked. Thrown before anything is written to a remote system. */
export class StateDirectoryError extends Error {
  readonly code: StateDirectoryFailure

  constructor(code: StateDirectoryFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StateDirectoryError'
    this.code = code
  }
}

/** Runs a file operation; what goes wrong becomes a StateDirectoryError that says what was being done. */
export async function onDisk<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw toStateDirectoryError(doing, error)
  }
}

/** True where an error says that a file or directory does not exist. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** Creates a directory and what is above it, for the owner alone. One that exists is left as it is. */
export async function makeDirectory(path: string): Promise<void> {
  await onDisk(`creating ${path}`, () => mkdir(path, { recursive: true, mode: DIRECTORY_MODE }))
}

/** Opens a file for appending, for the owner alone; a new one is made durable in its directory. */
export async function openForAppending(path: string): Promise<FileHandle> {
  return onDisk(`opening ${path}`, async () => {
    const file = await open(path, 'a', FILE_MODE)
    await syncDirectory(dirname(path))
    return file
  })
}

/** Replaces a file as a whole: a reader sees the old content or the new one, and a crash leaves one of the two. */
export async function replaceFile(path: string, content: string, unique: string): Promise<void> {
  const directory = dirname(path)
  const temporary = join(directory, `.${unique}.tmp`)
  await onDisk(`writing ${path}`, async () => {
    try {
      const file = await open(temporary, 'wx', FILE_MODE)
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncDirectory(directory)
  })
}

/** The place of a scope below a directory, without an ending. Throws a StateDirectoryError for a name that is no part of a path. */
export function scopePath(directory: string, scope: string): string {
  const parts = scope.split('/')
  if (parts.some((part) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part))) {
    throw new StateDirectoryError(
      'StateDirectoryUnusable',
      `a scope named ${JSON.stringify(scope)} cannot have files of its own`,
    )
  }
  return join(directory, ...parts)
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function toStateDirectoryError(doing: string, cause: unknown): StateDirectoryError {
  if (cause instanceof StateDirectoryError) return cause
  const [code, why] = explain(codeOf(cause))
  return new StateDirectoryError(code, `${doing}: ${why}`, { cause })
}

function explain(code: string): readonly [StateDirectoryFailure, string] {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return ['StateDirectoryFull', 'no space is left; free some, or choose another stateDirectory']
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return ['StateDirectoryReadOnly', 'it may not be written; mailkeel needs a stateDirectory it can write to']
    case 'ENOTDIR':
      return ['StateDirectoryUnusable', 'a part of the path is a file, not a directory']
    default:
      return ['StateDirectoryUnusable', `it failed (${code})`]
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
