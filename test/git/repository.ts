// What tests of repositories share: one opened over a server, with a state directory of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRepository, type RepositoryOptions } from '../../src/git/open.ts'
import type { Commit, GitRepository } from '../../src/git/repository.ts'
import type { GitServer } from '../stack/git-server.ts'

/** A signal that never fires. */
export const NEVER = new AbortController().signal

/** A folder that is removed by whoever made it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'mailkeel-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Opens a repository over a server. */
export function openOver(
  server: Pick<GitServer, 'url' | 'caPem'>,
  stateDirectory: string,
  more: Partial<RepositoryOptions> = {},
): Promise<GitRepository> {
  return openRepository(
    {
      url: server.url,
      reference: { branch: 'main' },
      stateDirectory,
      environment: process.env,
      credential: async () => ({ type: 'None' }),
      authorities: async () => server.caPem,
      ...more,
    },
    NEVER,
  )
}

/** All files of a commit with their content; what is no file is told by its type. */
export async function contentsOf(repository: GitRepository, commit: Commit, folder = '.') {
  const found: Record<string, string> = {}
  const files = []
  for await (const file of repository.files(commit, folder, NEVER).list()) files.push(file)
  await Promise.all(
    files.map(async (file) => {
      found[file.path] =
        file.type === 'file' ? Buffer.from(await file.read(1_000_000)).toString('utf8') : `(${file.type})`
    }),
  )
  return found
}
