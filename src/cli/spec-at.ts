import { createHash } from 'node:crypto'
import { directorySource } from '../spec/directory-source.ts'
import { type LoadedSpec, loadSpec } from '../spec/load.ts'
import type { SpecFile, SpecSource } from '../spec/source.ts'

/** A spec as it lies in a folder. */
export interface SpecAt {
  readonly loaded: LoadedSpec
  /** Hash of the names and contents of all files of the spec: a folder has no commits, so its content is its revision. */
  readonly revision: string
}

/** Loads the spec of a folder. Throws the error of the file system where the folder cannot be read. */
export async function loadSpecAt(folder: string, signal?: AbortSignal): Promise<SpecAt> {
  const { source, revision } = hashing(directorySource(folder))
  const loaded = await loadSpec(source, signal ? { signal } : {})
  return { loaded, revision: revision() }
}

/** A source that remembers what was read from it. */
function hashing(source: SpecSource): { readonly source: SpecSource; readonly revision: () => string } {
  const hashes = new Map<string, string>()
  const remembered = (file: SpecFile): SpecFile => ({
    ...file,
    async read(maximumBytes) {
      const bytes = await file.read(maximumBytes)
      hashes.set(file.path, createHash('sha256').update(bytes).digest('hex'))
      return bytes
    },
  })
  async function* list() {
    for await (const file of source.list()) yield remembered(file)
  }
  const revision = () =>
    createHash('sha256')
      .update(JSON.stringify([...hashes].sort(([a], [b]) => (a < b ? -1 : 1))))
      .digest('hex')
      .slice(0, 40)
  return { source: { list }, revision }
}
