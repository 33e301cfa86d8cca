// The spec as the configured repository has it, for a command that looks once: by the same way, and under the same rules, as `mailkeel run`
// takes it. What is fetched lies in a folder of its own for a moment, so whoever stays running is not disturbed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../compose/usage-error.ts'
import type { Revision } from '../daemon/source/revision-source.ts'
import type { Machine } from '../machine.ts'
import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import { type FrozenSource, freeze } from '../spec/frozen-source.ts'

/** The files of one commit, read whole. */
export interface CommittedSpec extends FrozenSource {
  /** The full id. */
  readonly commit: string
}

/**
 * Reads the commit that the followed reference points to, or another one behind it. Throws UsageError where it may not be taken or is not
 * there, GitError where the repository cannot be read, SecretError.
 */
export async function readCommit(
  configuration: RuntimeConfiguration,
  commit: string | undefined,
  machine: Machine,
  signal: AbortSignal,
): Promise<CommittedSpec> {
  const { createGitSource } = await import('../daemon/source/git-source.ts')
  const stateDirectory = await mkdtemp(join(tmpdir(), 'mailkeel-spec-'))
  const { spec } = configuration
  const source = createGitSource({ configuration: { ...configuration, spec: { ...spec, stateDirectory } }, machine })
  try {
    const revision = await taken(source, commit, signal)
    return { ...(await freeze(revision.files, signal)), commit: revision.info.id }
  } finally {
    await source.close()
    await rm(stateDirectory, { recursive: true, force: true })
  }
}

type Source = ReturnType<typeof import('../daemon/source/git-source.ts')['createGitSource']>

async function taken(source: Source, commit: string | undefined, signal: AbortSignal): Promise<Revision> {
  const look = await source.look(undefined, signal)
  const newest = look.outcome === 'Refused' ? look.info : look.revision.info
  if (commit !== undefined && commit !== newest.id) {
    const found = await source.recall(commit, signal)
    if (found) return found
    throw new UsageError(
      `commit ${commit} may not be taken from ${source.place}: it is not behind it as far as \`depth\` reaches, is not signed, or this is not its full id`,
    )
  }
  if (look.outcome === 'Refused') throw new UsageError(`${source.place}: ${look.reason.message}`)
  return look.revision
}
