// The files below a folder. Links are never followed, with one exception: Kubernetes mounts a ConfigMap as links to `..data`, which is itself a link
// to the folder with the files, pointed elsewhere when they change. That link is followed once per listing, so that all files are of one state.
import { constants } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { compareText } from './problem.ts'
import type { SpecFile, SpecSource } from './source.ts'

/** Folders inside folders; a tree that is deeper is no spec. */
const DEEPEST = 32

/**
 * The files below a directory, in the order of their paths. Folders whose name begins with a dot are skipped, links are listed but
 * never followed, but for those of a mounted ConfigMap. Throws the error of the file system where a folder cannot be read.
 */
export function directorySource(root: string): SpecSource {
  return { list: () => walkRoot(root) }
}

/** Where Kubernetes keeps the files of a mount, beside the links to them (kubelet, AtomicWriter). */
const MOUNT_LINK = '..data'

async function* walkRoot(root: string): AsyncGenerator<SpecFile> {
  const mounted = await mountedFolder(root)
  yield* walk(root, '', 0, mounted)
}

/** Name of the folder that `..data` leads to now; undefined where this is no such mount. */
async function mountedFolder(root: string): Promise<string | undefined> {
  const target = await readlink(join(root, MOUNT_LINK)).catch(() => undefined)
  if (target === undefined || !/^\.\.[^/\\]+$/.test(target)) return undefined
  const found = await lstat(join(root, target))
  return found.isDirectory() ? target : undefined
}

async function* walk(root: string, folder: string, depth: number, mounted?: string): AsyncGenerator<SpecFile> {
  if (depth > DEEPEST) throw new Error(`folders are nested more than ${DEEPEST} deep below ${root}`)
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  entries.sort((a, b) => compareText(a.name, b.name))
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) yield* walk(root, path, depth + 1)
    else if (mounted !== undefined && entry.isSymbolicLink()) yield* mountedAt(root, entry.name, mounted)
    else yield fileAt(root, path, entry.isSymbolicLink() ? 'symlink' : entry.isFile() ? 'file' : 'other')
  }
}

/** What a link at the top of a mount leads to: a file or folder of the same name in the mounted folder. Other links are as everywhere. */
async function* mountedAt(root: string, name: string, mounted: string): AsyncGenerator<SpecFile> {
  const isOfMount = (await readlink(join(root, name))) === `${MOUNT_LINK}/${name}`
  const found = isOfMount ? await lstat(join(root, mounted, name)).catch(() => undefined) : undefined
  const inside = join(root, mounted)
  if (found?.isDirectory()) yield* walk(inside, name, 1)
  else yield found?.isFile() ? fileAt(inside, name, 'file') : fileAt(root, name, 'symlink')
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
