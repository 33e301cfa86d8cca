// A folder as a source of revisions: what lies in it now is the revision. It is watched, because that is quick, and looked at now and then all
// the same, because not every file system tells.
import type { FSWatcher } from 'chokidar'
import type { Machine } from '../../machine.ts'
import { directorySource } from '../../spec/directory-source.ts'
import { freeze } from '../../spec/frozen-source.ts'
import type { RevisionSource } from './revision-source.ts'

/** What watching a folder needs. */
export interface DirectorySourceInput {
  readonly folder: string
  readonly machine: Pick<Machine, 'now' | 'sleep'>
  /** Default: half a minute. */
  readonly pollMs?: number
}

const POLL_MS = 30_000
/** A folder is at rest when nothing happened for so long; an editor and a mount need less for one save. */
const QUIET_MS = 200
/** A folder that is never at rest is looked at all the same. */
const MOST_WAITS = 25

/** Watches a folder. Loads chokidar. */
export async function openDirectorySource({
  folder,
  machine,
  pollMs = POLL_MS,
}: DirectorySourceInput): Promise<RevisionSource> {
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  const watcher = await watch(folder)
  let happened = false
  let isWaiting = false
  watcher.on('all', noticed).on('error', noticed)

  function noticed(): void {
    happened = true
    if (!isWaiting) void tellWhenQuiet()
  }

  async function tellWhenQuiet(): Promise<void> {
    isWaiting = true
    try {
      for (let waits = 0; happened && waits < MOST_WAITS; waits += 1) {
        happened = false
        await machine.sleep(QUIET_MS, closing.signal)
      }
    } catch {
      // Closed: nobody is told anything more.
      return
    } finally {
      isWaiting = false
    }
    for (const listener of [...listeners]) listener()
  }

  return {
    kind: 'directory',
    place: folder,
    pollMs,
    async look(_accepted, signal) {
      const { source, revision, hashOf } = await freeze(directorySource(folder), signal)
      const info = { id: revision, seenAt: machine.now().toISOString() }
      return { outcome: 'Revision', revision: { info, files: source, hashOf } }
    },
    onHint(hint) {
      listeners.add(hint)
      return () => void listeners.delete(hint)
    },
    async close() {
      closing.abort()
      await watcher.close()
    },
  }
}

/** Links are watched as what they are: a mounted ConfigMap is changed by pointing one of them elsewhere. */
async function watch(folder: string): Promise<FSWatcher> {
  const chokidar = await import('chokidar')
  return chokidar.watch(folder, {
    followSymlinks: false,
    ignoreInitial: true,
    ignorePermissionErrors: true,
    ignored: (path) => /(^|[/\\])\.(git|mailkeel)$/.test(path.slice(folder.length)),
  })
}
