import type { SpecFile, SpecSource } from '../spec/source.ts'
import type { Blobs } from './blobs.ts'
import { run } from './child.ts'
import { failureOf } from './failure.ts'
import type { Home } from './home.ts'
import { GitError } from './repository.ts'

/** What files of a commit are read with. */
export interface TreeInput {
  readonly commit: string
  /** As `checkFolder` gives it. */
  readonly folder: string
  readonly home: Home
  readonly blobs: Blobs
  readonly mostTreeBytes: number
  readonly signal: AbortSignal
}

const TIMEOUT_MS = 60_000

/** The files of a folder of a commit. Nothing is read before somebody asks; `list` throws GitError. */
export function treeSource(input: TreeInput): SpecSource {
  return { list: () => listed(input) }
}

async function* listed(input: TreeInput): AsyncGenerator<SpecFile> {
  for (const entry of entriesOf(await listing(input))) yield fileOf(entry, input)
}

/** Names a tree by commit and folder: git follows no link on the way there, and nothing leads out of it. */
async function listing({ commit, folder, home, mostTreeBytes, signal }: TreeInput): Promise<Buffer> {
  const tree = folder === '' ? commit : `${commit}:${folder}`
  const doing = `listing the files of ${commit.slice(0, 12)}`
  const { code, output, complaint } = await run({
    words: ['git', 'ls-tree', '-r', '-z', '-l', '--full-tree', tree],
    environment: home.environment,
    folder: home.folder,
    signal,
    timeoutMs: TIMEOUT_MS,
    mostBytes: mostTreeBytes,
    doing,
  })
  if (code === 0) return output
  if (folder !== '' && /not a (?:valid object name|tree object)|does not exist in|exists on disk/i.test(complaint))
    throw new GitError(
      'NotFound',
      `commit ${commit.slice(0, 12)} has no folder with the name in \`folder\`; look at \`source.git.folder\``,
    )
  throw failureOf(complaint, doing, [])
}

interface Entry {
  readonly mode: string
  readonly id: string
  readonly size: number
  readonly path: string
}

const RECORD = /^(\d{6}) [a-z]+ ([0-9a-f]{40}|[0-9a-f]{64}) +(\d+|-)\t(.+)$/s

function* entriesOf(output: Buffer): Generator<Entry> {
  for (const record of output.toString('utf8').split('\0')) {
    const [, mode, id, size, path] = RECORD.exec(record) ?? []
    if (mode !== undefined && id !== undefined && path !== undefined) yield { mode, id, size: Number(size), path }
  }
}

function fileOf({ mode, id, size, path }: Entry, { blobs, signal }: TreeInput): SpecFile {
  // Links and the commits of submodules are listed, so that one in the place of a spec file is refused; they are not read.
  const type = mode === '120000' ? 'symlink' : mode.startsWith('100') ? 'file' : 'other'
  if (type !== 'file')
    return { path, type, read: () => Promise.reject(new GitError('Broken', 'this is no file, and is not read')) }
  return { path, type, size, contentId: id, read: (most) => blobs.read(id, size, most, signal) }
}
