// A folder changes while it is read; a spec must not. So every file is read once, and whoever reads it again is given the same bytes.
import { createHash } from 'node:crypto'
import { isConfigurationFile, isSpecFile } from './load.ts'
import type { SpecFile, SpecSource } from './source.ts'
import { sha256Of } from './text.ts'
import { DEFAULT_LIMITS } from './yaml/limits.ts'

/** The files of a source as they were at one moment. */
export interface FrozenSource {
  readonly source: SpecSource
  /** Hash of the names and contents of the files of the spec: a folder has no commits, so its content is its revision. */
  readonly revision: string
  /** SHA-256 of a file of the spec as it was read, in hexadecimal digits. */
  hashOf(file: string): string | undefined
}

/** Reads the files of a spec once. Throws the error of the source where it cannot be read, and when the signal fires. */
export async function freeze(source: SpecSource, signal?: AbortSignal): Promise<FrozenSource> {
  const hashes = new Map<string, string>()
  const counted: [string, string][] = []
  const files: SpecFile[] = []
  for await (const file of source.list()) {
    signal?.throwIfAborted()
    if (file.type !== 'file' || !isSpecFile(file.path)) {
      files.push(file)
      continue
    }
    const bytes = await file.read(DEFAULT_LIMITS.maximumBytes)
    const contentId = sha256Of(bytes)
    hashes.set(file.path, contentId)
    if (!isOnlyConfiguration(file.path, bytes)) counted.push([file.path, contentId])
    files.push({ ...file, contentId, read: async (maximumBytes) => bytes.subarray(0, maximumBytes + 1) })
  }
  return {
    source: { list: () => each(files) },
    revision: revisionOf(counted),
    hashOf: (file) => hashes.get(file),
  }
}

async function* each(files: readonly SpecFile[]): AsyncGenerator<SpecFile> {
  yield* files
}

/** The runtime configuration beside a spec is no part of it, unless it holds documents of it too. */
function isOnlyConfiguration(path: string, bytes: Uint8Array): boolean {
  return (
    isConfigurationFile(path) &&
    !/^["']?kind["']?\s*:(?!\s*["']?Configuration\b)/m.test(Buffer.from(bytes).toString('utf8'))
  )
}

function revisionOf(files: readonly [string, string][]): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 40)
}
