// A git repository as a source of revisions: the composition of src/git with what the configuration says.
import { readFile } from 'node:fs/promises'
import { UsageError } from '../../compose/usage-error.ts'
import { checkBranch, checkFolder, GitInputError, parseAddress, tagMatcher } from '../../git/address.ts'
import { placeOf, type Reference } from '../../git/fetch.ts'
import { openRepository, type RepositoryOptions } from '../../git/open.ts'
import { type Commit, GitError, type GitRepository } from '../../git/repository.ts'
import type { Machine } from '../../machine.ts'
import type { HttpClient } from '../../network/http.ts'
import { authoritiesPem } from '../../network/trust.ts'
import { type RuntimeConfiguration, resolvePath } from '../../spec/configuration/load.ts'
import { parseDuration } from '../../spec/duration.ts'
import type { Configuration } from '../../spec/generated/types.ts'
import type { RevisionInfo } from '../board.ts'
import { credentialOf, proxyOf } from './git-identity.ts'
import { createHints } from './hints.ts'
import type { Look, Revision, RevisionSource } from './revision-source.ts'

/** What a git source is made of. The configuration has `source.git`. */
export interface GitSourceInput {
  readonly configuration: RuntimeConfiguration
  readonly machine: Pick<Machine, 'environment' | 'now' | 'sleep' | 'onExit'>
}

/** A git repository as a source. `hint` is for webhooks: somebody says that there is something new. */
export interface GitSource extends RevisionSource {
  hint(): void
  /**
   * A revision that was fetched before, read without the server, where it may be taken still: for a start while the server is down.
   * Undefined where it is not here, or its signature does not count.
   */
  recall(id: string, signal: AbortSignal): Promise<Revision | undefined>
}

type GitFields = NonNullable<Configuration['spec']['source']['git']>

/**
 * Makes the source; nothing is run before the first look. Throws UsageError on an address or a name that must not reach git; `look` and
 * `recall` throw GitError and SecretError.
 */
export function createGitSource(input: GitSourceInput): GitSource {
  const { configuration, machine } = input
  const { git } = configuration.spec.source
  if (!git) throw new TypeError('the configuration has no `source.git`')
  const place = checkedPlace(git)
  const connections: HttpClient[] = []
  const hints = createHints(machine)
  const seen = new Map<string, string>()
  let opened: Promise<GitRepository> | undefined

  function repository(signal: AbortSignal): Promise<GitRepository> {
    const opening = opened ?? openRepository(optionsOf(git as GitFields, input, connections), signal)
    opened = opening
    // What could not be opened may be there the next time: git is installed, the folder is made writable.
    opening.catch(() => {
      if (opened === opening) opened = undefined
    })
    return opening
  }

  async function forget(): Promise<void> {
    const before = opened
    opened = undefined
    await (await before?.catch(() => undefined))?.close()
  }

  function infoOf({ id, subject, author, committedAt }: Commit): RevisionInfo {
    const seenAt = seen.get(id) ?? machine.now().toISOString()
    seen.clear()
    seen.set(id, seenAt)
    return { id, subject, author, committedAt, seenAt }
  }

  async function look(accepted: string | undefined, signal: AbortSignal): Promise<Look> {
    const from = await repository(signal)
    const commit = await from.fetch(signal).catch(async (error: unknown) => {
      // What git works with is gone, such as its private folder that somebody swept away: it is made anew the next time.
      const isOurs = !(error instanceof GitError) || error.code === 'GitMissing'
      if (isOurs && !signal.aborted) await forget()
      throw error
    })
    const refusal = await from.judge(commit, accepted, signal)
    const info = infoOf(commit)
    if (refusal) return { outcome: 'Refused', info, reason: refusal }
    return { outcome: 'Revision', revision: { info, files: from.files(commit, git?.folder ?? '.', signal) } }
  }

  return {
    kind: 'git',
    place,
    pollMs: parseDuration(git.pollEvery),
    look,
    async recall(id, signal) {
      const from = await repository(signal)
      const commit = await from.find(id, signal)
      // A tag is known only while it is fetched, and a commit alone does not tell by whom it was released.
      if (!commit || git.tag !== undefined || (await from.judge(commit, id, signal))) return undefined
      return { info: infoOf(commit), files: from.files(commit, git.folder, signal) }
    },
    hint: hints.hint,
    onHint: hints.onHint,
    async close() {
      hints.close()
      await forget()
      await Promise.all(connections.map((http) => http.close()))
    },
  }
}

/** What must not reach git is told at the start. */
function checkedPlace(git: GitFields): string {
  try {
    checkFolder(git.folder)
    if (git.tag === undefined) checkBranch(git.branch ?? 'main')
    else tagMatcher(git.tag)
    return placeOf({ address: parseAddress(git.url), reference: referenceOf(git) })
  } catch (error) {
    throw error instanceof GitInputError ? new UsageError(`source.git: ${error.message}`, { cause: error }) : error
  }
}

function referenceOf({ branch, tag }: GitFields): Reference {
  return tag === undefined ? { branch: branch ?? 'main' } : { tag }
}

function optionsOf(git: GitFields, input: GitSourceInput, connections: HttpClient[]): RepositoryOptions {
  const { configuration, machine } = input
  const using = { configuration, machine, onConnect: (http: HttpClient) => void connections.push(http) }
  const { network, stateDirectory } = configuration.spec
  const { gpgKeysFile, allowedSignersFile, mode } = git.verify ?? {}
  const pathOf = (file: string | undefined) => (file === undefined ? undefined : resolvePath(configuration, file))
  const { caFile } = network
  return {
    url: git.url,
    reference: referenceOf(git),
    stateDirectory: resolvePath(configuration, stateDirectory),
    environment: machine.environment,
    credential: credentialOf(git, using),
    proxy: () => proxyOf(git, using),
    authorities: async () =>
      authoritiesPem(caFile === undefined ? undefined : await readFile(resolvePath(configuration, caFile), 'utf8')),
    depth: git.depth,
    allowRewind: git.allowRewind,
    ...(git.verify
      ? {
          verify: {
            gpgKeysFile: pathOf(gpgKeysFile),
            allowedSignersFile: pathOf(allowedSignersFile),
            mode: mode ?? 'Head',
          },
        }
      : {}),
    onExit: machine.onExit,
  }
}
