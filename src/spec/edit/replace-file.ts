import { constants } from 'node:fs'
import { access, lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EditError } from './edit-error.ts'

/** A file as it was when the edit was made. */
export interface FileBefore {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Puts other bytes in the place of a file at once and keeps its mode: whoever reads meanwhile sees the old ones or the new ones. Throws
 * EditError where the file is not what it was before, or may not be written.
 */
export async function replaceFile({ path, bytes }: FileBefore, after: Uint8Array, newId: () => string): Promise<void> {
  const found = await lstat(path)
  if (!found.isFile()) throw new EditError(`${path} is no regular file`)
  await access(path, constants.W_OK).catch((error: unknown) => {
    throw new EditError(`${path} may not be written by this user`, { cause: error })
  })
  // Sources of a spec leave out names that begin with a dot.
  const draft = join(dirname(path), `.${basename(path)}.${newId()}`)
  await writeNew(draft, after, found.mode)
  try {
    const now = await readFile(path)
    if (!now.equals(bytes)) throw new EditError(`${path} was changed meanwhile; nothing was written, run it again`)
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode & 0o777)
  try {
    await file.writeFile(bytes)
    // The mask of the process does not decide here.
    await file.chmod(mode & 0o7777)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
