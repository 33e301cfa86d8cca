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

/** A spec as it lies in a folder. */
export interface SpecAt {
  readonly loaded: LoadedSpec
  /** Hash of the names and contents of all files of the spec: a folder has no commits, so its content is its revision. */
  readonly revision: string
  /** What leads from the working directory to the folder, to put before paths of files; empty where that is here. */
  readonly prefix: string
  /** SHA-256 of a file of the spec as it was read, in hexadecimal digits. */
  hashOf(file: string): string | undefined
}

/** The folder of the spec: the one named, else the one of the configuration, else the working directory. */
export function specFolder(
  named: string | undefined,
  configuration: RuntimeConfiguration | undefined,
  workingDirectory: string,
): string {
  if (named !== undefined) return resolve(workingDirectory, named)
  if (configuration === undefined) return workingDirectory
  const { directory, git } = configuration.spec.source
  if (git === undefined) return resolve(configuration.folder, directory ?? '.')
  throw new UsageError(
    `${configuration.file} takes the spec from git, which only mailkeel run follows; check it out and name the folder with --spec`,
  )
}

/** A folder that a verb works in which needs no more than the spec. */
export interface OpenedFolder {
  readonly folder: string
  /** As in `SpecAt`. */
  readonly prefix: string
}

/** The folder of the spec that flags, configuration or working directory name. Throws UsageError where there is none or the configuration is broken. */
export async function openSpecFolder(invocation: Invocation, machine: Machine): Promise<OpenedFolder> {
  const named = textOf(invocation, 'spec')
  const { configuration, problems } =
    named === undefined ? await findConfiguration(invocation, machine) : { configuration: undefined, problems: [] }
  const [problem] = problems
  if (problem) throw new UsageError(`${problem.file}:${problem.line}:${problem.column} ${problem.message}`)
  const folder = specFolder(named, configuration, machine.workingDirectory)
  await checkFolder(folder)
  return { folder, prefix: prefixOf(folder, machine.workingDirectory) }
}

/** Loads the spec of a folder. Throws UsageError where there is no such folder. */
export async function loadSpecAt(folder: string, workingDirectory: string, signal?: AbortSignal): Promise<SpecAt> {
  await checkFolder(folder)
  const { source, revision, hashOf } = await freeze(directorySource(folder), signal)
  const loaded = await loadSpec(source, signal ? { signal } : {})
  return { loaded, revision, prefix: prefixOf(folder, workingDirectory), hashOf }
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
