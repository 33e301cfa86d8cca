// The spec as the configured repository has it, for a command that looks once: by the same way, and under the same rules, as `mailkeel run`
// takes it. What is fetched lies in a folder of its own for a moment, so whoever stays running is not disturbed.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../compose/usage-error.ts'
import type { RevisionInfo } from '../daemon/board.ts'
import type { Revision } from '../daemon/source/revision-source.ts'
import type { Reason } from '../engine/index.ts'
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
export function readCommit(
  configuration: RuntimeConfiguration,
  commit: string | undefined,
  machine: Machine,
  signal: AbortSignal,
): Promise<CommittedSpec> {
  return withSource(configuration, machine, async (source) => {
    const revision = await taken(source, commit, signal)
    return { ...(await freeze(revision.files, signal)), commit: revision.info.id }
  })
}

/** The newest commit, and why it may not be taken, if so. Throws GitError and SecretError. */
export function lookAtSource(
  configuration: RuntimeConfiguration,
  machine: Machine,
  signal: AbortSignal,
): Promise<{ readonly info: RevisionInfo; readonly refusal?: Reason }> {
  return withSource(configuration, machine, async (source) => {
    const look = await source.look(undefined, signal)
    return look.outcome === 'Refused' ? { info: look.info, refusal: look.reason } : { info: look.revision.info }
  })
}

type Source = ReturnType<typeof import('../daemon/source/git-source.ts')['createGitSource']>

async function withSource<T>(
  configuration: RuntimeConfiguration,
  machine: Machine,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const { createGitSource } = await import('../daemon/source/git-source.ts')
  const stateDirectory = await mkdtemp(join(tmpdir(), 'mailkeel-spec-'))
  const forget = machine.onExit(() => rmSync(stateDirectory, { recursive: true, force: true }))
  const { spec } = configuration
  const source = createGitSource({ configuration: { ...configuration, spec: { ...spec, stateDirectory } }, machine })
  try {
    return await work(source)
  } finally {
    await source.close()
    await rm(stateDirectory, { recursive: true, force: true })
    forget()
  }
}

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
