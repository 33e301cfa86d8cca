import { stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { UsageError } from '../compose/usage-error.ts'
import type { Machine } from '../machine.ts'
import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import { directorySource } from '../spec/directory-source.ts'
import { freeze } from '../spec/frozen-source.ts'
import { type LoadedSpec, loadSpec } from '../spec/load.ts'
import { findConfiguration } from './configuration.ts'
import { type Invocation, textOf } from './verb.ts'

/** A spec as it was read at one moment. */
export interface SpecAt {
  readonly loaded: LoadedSpec
  /** Id of the commit; of a folder, which has none, the hash of the names and contents of all its files. */
  readonly revision: string
  /** The folder it lies in; absent where it comes from a commit, which nobody can change. */
  readonly folder?: string
  /** What leads from the working directory to the folder, to put before paths of files; empty where that is here, and for a commit. */
  readonly prefix: string
  /** SHA-256 of a file of the spec as it was read, in hexadecimal digits. */
  hashOf(file: string): string | undefined
}

/** Where a spec is read from: a folder, or the repository of a configuration. */
export type SpecPlace =
  | { readonly folder: string }
  | { readonly repositoryOf: RuntimeConfiguration; readonly commit: string | undefined }

/** What says where the spec is. */
export interface SpecNames {
  /** A folder. */
  readonly folder?: string | undefined
  /** The full id of a commit. */
  readonly commit?: string | undefined
}

/** The place of the spec: the folder that is named, else what the configuration says, else the working directory. Throws UsageError. */
export function specPlace(
  named: SpecNames,
  configuration: RuntimeConfiguration | undefined,
  workingDirectory: string,
): SpecPlace {
  const { folder, commit } = named
  const { directory = '.', git } = (folder === undefined ? configuration?.spec.source : undefined) ?? {}
  if (configuration && git) return { repositoryOf: configuration, commit }
  if (commit !== undefined) {
    throw new UsageError(
      '--revision names a commit of `source.git` of the configuration, which the spec does not come from',
    )
  }
  if (folder !== undefined) return { folder: resolve(workingDirectory, folder) }
  return { folder: configuration ? resolve(configuration.folder, directory) : workingDirectory }
}

/** What `--spec` and `--revision` name. */
export function specNames(invocation: Invocation): SpecNames {
  return { folder: textOf(invocation, 'spec'), commit: textOf(invocation, 'revision') }
}

/** A folder that a verb works in which needs no more than the spec. */
export interface OpenedFolder {
  readonly folder: string
  /** As in `SpecAt`. */
  readonly prefix: string
}

/**
 * The folder of the spec that flags, configuration or working directory name, for what writes into it. Throws UsageError where there is none
 * or the configuration is broken.
 */
export async function openSpecFolder(invocation: Invocation, machine: Machine): Promise<OpenedFolder> {
  const named = specNames(invocation)
  const { configuration, problems } =
    named.folder === undefined
      ? await findConfiguration(invocation, machine)
      : { configuration: undefined, problems: [] }
  const [problem] = problems
  if (problem) throw new UsageError(`${problem.file}:${problem.line}:${problem.column} ${problem.message}`)
  const place = specPlace(named, configuration, machine.workingDirectory)
  if (!('folder' in place)) {
    throw new UsageError(
      `the spec is in git (${place.repositoryOf.file}), where only commits change it; name a folder in which it is checked out by --spec`,
    )
  }
  await checkFolder(place.folder)
  return { folder: place.folder, prefix: prefixOf(place.folder, machine.workingDirectory) }
}

/** Loads the spec of a place. Throws UsageError where there is no such folder or commit, GitError and SecretError. */
export async function loadSpecAt(place: SpecPlace, machine: Machine, signal: AbortSignal): Promise<SpecAt> {
  if ('repositoryOf' in place) {
    const { readCommit } = await import('./spec-in-git.ts')
    const { source, commit, hashOf } = await readCommit(place.repositoryOf, place.commit, machine, signal)
    return { loaded: await loadSpec(source, { signal }), revision: commit, prefix: '', hashOf }
  }
  const { folder } = place
  await checkFolder(folder)
  const { source, revision, hashOf } = await freeze(directorySource(folder), signal)
  const loaded = await loadSpec(source, { signal })
  return { loaded, revision, folder, prefix: prefixOf(folder, machine.workingDirectory), hashOf }
}

function prefixOf(folder: string, workingDirectory: string): string {
  const path = relative(workingDirectory, folder)
  return path === '' ? '' : `${path.startsWith('..') ? folder : path}${sep}`
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined) throw new UsageError(`there is no folder ${folder}`)
  if (!found.isDirectory()) throw new UsageError(`${folder} is a file; a spec is a folder of files`)
}
