import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compareText } from './problem.ts'
import type { SpecFile, SpecSource } from './source.ts'

/** Folders inside folders; a tree that is deeper is no spec. */
const DEEPEST = 32

/**
 * The files below a directory, in the order of their paths. Folders whose name begins with a dot are skipped, links are listed but
 * never followed. Throws the error of the file system where a folder cannot be read.
 */
export function directorySource(root: string): SpecSource {
  return { list: () => walk(root, '', 0) }
}

async function* walk(root: string, folder: string, depth: number): AsyncGenerator<SpecFile> {
  if (depth > DEEPEST) throw new Error(`folders are nested more than ${DEEPEST} deep below ${root}`)
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  entries.sort((a, b) => compareText(a.name, b.name))
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) yield* walk(root, path, depth + 1)
    else yield fileAt(root, path, entry.isSymbolicLink() ? 'symlink' : entry.isFile() ? 'file' : 'other')
  }
}

function fileAt(root: string, path: string, type: SpecFile['type']): SpecFile {
  return { path, type, read: (maximumBytes) => readCapped(join(root, path), maximumBytes) }
}

/** Reads a regular file to its end or up to a size. A link that took the file's place meanwhile is not followed. */
async function readCapped(path: string, maximumBytes: number): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    const { size } = await handle.stat()
    const chunks: Buffer[] = []
    let length = 0
    while (length <= maximumBytes) {
      const chunk = Buffer.allocUnsafe(Math.min(Math.max(size - length, 0) + 1, maximumBytes + 1 - length))
      const { bytesRead } = await handle.read(chunk, 0, chunk.length)
      if (bytesRead === 0) break
      chunks.push(chunk.subarray(0, bytesRead))
      length += bytesRead
    }
    return Buffer.concat(chunks)
  } finally {
    await handle.close()
  }
}
