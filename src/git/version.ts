import { run } from './child.ts'
import type { Home } from './home.ts'
import { GitError } from './repository.ts'

/**
 * The oldest git that may be used. 2.39 is that of Debian 12, which its security team keeps; older ones lack what holds here: the times of
 * keys in signatures of SSH, and the fixes of 2022 and 2023 for what a hostile repository can do (CVE-2022-39253, CVE-2022-41903,
 * CVE-2023-22490).
 */
const OLDEST = [2, 39] as const

/** Throws GitError GitMissing or GitTooOld where git cannot be used. */
export async function checkVersion(home: Home, signal: AbortSignal): Promise<void> {
  const { output } = await run({
    words: ['git', 'version'],
    environment: home.environment,
    folder: home.folder,
    signal,
    timeoutMs: 30_000,
    mostBytes: 4096,
    doing: 'asking git for its version',
  })
  const fault = versionFault(output.toString('utf8'))
  if (fault !== undefined) throw new GitError('GitTooOld', fault)
}

/** What is wrong with the answer of `git version`. */
export function versionFault(text: string): string | undefined {
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(text) ?? []
  const asked = `mailkeel needs git ${OLDEST.join('.')} or newer; install it (Debian 12 and later have it)`
  if (major === undefined || minor === undefined) return `git did not tell its version; ${asked}`
  const isNewEnough = Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1])
  return isNewEnough ? undefined : `git ${major}.${minor} is too old; ${asked}`
}
