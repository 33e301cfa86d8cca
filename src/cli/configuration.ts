import { resolve } from 'node:path'
import { UsageError } from '../compose/usage-error.ts'
import type { Machine } from '../machine.ts'
import { loadConfiguration, type RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { Problem } from '../spec/problem.ts'
import { type Invocation, textOf } from './verb.ts'

/** Name of the runtime configuration where nothing else is said. */
export const CONFIGURATION_FILE = 'mailkeel.yaml'

/** The configuration, what is wrong with it, or nothing where there is none and none was named. */
export interface FoundConfiguration {
  readonly configuration?: RuntimeConfiguration
  readonly problems: readonly Problem[]
}

/** Reads the runtime configuration that the flags, the environment or this folder name. Throws UsageError where a named one is missing. */
export async function findConfiguration(invocation: Invocation, machine: Machine): Promise<FoundConfiguration> {
  const named = textOf(invocation, 'config') ?? machine.environment['MAILKEEL_CONFIG']
  const path = named ?? CONFIGURATION_FILE
  try {
    const loaded = await loadConfiguration(resolve(machine.workingDirectory, path))
    return loaded.ok ? { configuration: loaded.configuration, problems: [] } : { problems: loaded.problems }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' && named === undefined) return { problems: [] }
    if (code === 'ENOENT') throw new UsageError(`there is no file ${path}`, { cause: error })
    if (code === 'EISDIR') throw new UsageError(`${path} is a folder; --config takes a file`, { cause: error })
    if (code === 'EACCES') throw new UsageError(`${path} may not be read by this user`, { cause: error })
    throw error
  }
}
