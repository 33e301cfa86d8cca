// A repository that follows one reference of a remote one. Hostile input on both sides: whoever may push writes the objects, and whoever
// holds the server writes the answers. So there is no work tree, no hook, filter, submodule or link that is followed; one reference is
// fetched and nothing else; objects are checked as they come and read by id; and every git process gets an empty environment and a home
// with nothing in it but our settings.
import { checkBranch, checkFolder, isObjectId, parseAddress, tagMatcher } from './address.ts'
import { ask } from './ask.ts'
import { Blobs } from './blobs.ts'
import type { GitCredential, GitProxy } from './credential.ts'
import { failureOf } from './failure.ts'
import { type FetchLimits, fetchReference, LOCAL_REFERENCE, type Reference, type Remote } from './fetch.ts'
import { createHome, type Home, type HomeMaker } from './home.ts'
import { type FetchedTag, orderRefusal, type Rules, signatureRefusal } from './judge.ts'
import { commitOf, readObject } from './objects.ts'
import { type Commit, GitError, type GitRepository } from './repository.ts'
import { prepareStore, renewIfDamaged, storeFolder, sweep } from './store.ts'
import { treeSource } from './tree.ts'
import { checkVersion } from './version.ts'

/** What a repository is opened with. */
export interface RepositoryOptions extends Rules {
  readonly url: string
  readonly reference: Reference
  /** The repository is kept below it. Only one process may work with it. */
  readonly stateDirectory: string
  /** Only where programs are is taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Asked for each fetch. */
  readonly credential: (signal: AbortSignal) => Promise<GitCredential>
  /** Asked for each fetch over https. Undefined where the server is reached directly. */
  readonly proxy?: () => Promise<GitProxy | undefined>
  /** PEM of all authorities that may vouch for the server; those of git's own where absent. */
  readonly authorities?: () => Promise<string | undefined>
  /** Commits of the first fetch. Default: 1000. */
  readonly depth?: number
  readonly limits?: Partial<FetchLimits> & { readonly mostTreeBytes?: number }
  /** Where private files lie while a process needs them; the system's place for such things where absent. */
  readonly temporaryFolder?: string
  /** Calls back when the process ends. */
  readonly onExit?: (handler: () => void) => () => void
}

const LIMITS = {
  mostPackBytes: 512 * 1024 * 1024,
  mostTreeBytes: 32 * 1024 * 1024,
  timeoutMs: 5 * 60_000,
  stallSeconds: 30,
}

/** Opens the repository; nothing is fetched yet. Throws GitInputError on what must not reach git, and GitError. */
export async function openRepository(options: RepositoryOptions, signal: AbortSignal): Promise<GitRepository> {
  const remote = remoteOf(options)
  const folder = storeFolder(options.stateDirectory, remote.address.url)
  const { environment, temporaryFolder, onExit } = options
  const maker: HomeMaker = {
    environment,
    repository: folder,
    ...(temporaryFolder === undefined ? {} : { temporaryFolder }),
    ...(onExit ? { onExit } : {}),
  }
  const home = await createHome(maker, 'none', () => [])
  try {
    await checkVersion(home, signal)
    await prepareStore(folder, home, signal)
  } catch (error) {
    await home.dispose()
    throw error
  }
  return new LocalRepository({
    remote,
    folder,
    maker,
    home,
    rules: options,
    mostTreeBytes: options.limits?.mostTreeBytes ?? LIMITS.mostTreeBytes,
  })
}

function remoteOf({ url, reference, credential, proxy, authorities, depth, limits }: RepositoryOptions): Remote {
  if ('branch' in reference) checkBranch(reference.branch)
  else tagMatcher(reference.tag)
  return {
    address: parseAddress(url),
    reference,
    credential,
    proxy,
    authorities,
    depth: depth ?? 1000,
    limits: { ...LIMITS, ...limits },
  }
}

interface Parts {
  readonly remote: Remote
  readonly folder: string
  readonly maker: HomeMaker
  /** Of the processes that talk to nobody. */
  readonly home: Home
  readonly rules: Rules
  readonly mostTreeBytes: number
}

class LocalRepository implements GitRepository {
  readonly #parts: Parts
  readonly #blobs: Blobs
  readonly #verified = new Set<string>()
  #tag: FetchedTag | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#blobs = new Blobs(parts.home)
  }

  async fetch(signal: AbortSignal): Promise<Commit> {
    const { remote, folder, maker, home } = this.#parts
    await sweep(folder)
    const before = await this.#resolve(LOCAL_REFERENCE, signal)
    const attempt = (isFirst: boolean) => fetchReference(remote, isFirst, maker, signal)
    const { tag } = await attempt(before === undefined).catch(async (error: unknown) => {
      // The server may be to blame, or what is here: only then another attempt makes sense.
      const isOurs =
        error instanceof GitError && error.code === 'Broken' && (await renewIfDamaged(folder, home, signal))
      if (!isOurs) throw error
      this.#blobs.end()
      return attempt(true)
    })
    if (before !== (await this.#resolve(LOCAL_REFERENCE, signal))) await ask(home, ['gc', '--auto', '--quiet'], signal)
    this.#tag = tag === undefined ? undefined : await this.#readTag(tag, signal)
    return this.#head(signal)
  }

  async find(id: string, signal: AbortSignal): Promise<Commit | undefined> {
    if (!isObjectId(id)) return undefined
    const object = await readObject('commit', id, this.#parts.home, signal)
    return object && commitOf(id, object)
  }

  async judge(commit: Commit, accepted: string | undefined, signal: AbortSignal) {
    const { rules, home, maker } = this.#parts
    const judging = { rules, home, maker, verified: this.#verified, signal }
    return (
      (await orderRefusal(commit, accepted, judging)) ?? (await signatureRefusal(commit, this.#tag, accepted, judging))
    )
  }

  files(commit: Commit, folder: string, signal: AbortSignal) {
    const { home, mostTreeBytes } = this.#parts
    return treeSource({
      commit: commit.id,
      folder: checkFolder(folder),
      home,
      blobs: this.#blobs,
      mostTreeBytes,
      signal,
    })
  }

  async close(): Promise<void> {
    this.#blobs.end()
    await this.#parts.home.dispose()
  }

  async #head(signal: AbortSignal): Promise<Commit> {
    const id = await this.#resolve(`${LOCAL_REFERENCE}^{commit}`, signal)
    const object = id === undefined ? undefined : await readObject('commit', id, this.#parts.home, signal)
    if (id === undefined || !object)
      throw new GitError('ReferenceMissing', 'what was fetched leads to no commit; look at `branch` or `tag`')
    return commitOf(id, object)
  }

  async #readTag(name: string, signal: AbortSignal): Promise<FetchedTag> {
    const id = (await this.#resolve(LOCAL_REFERENCE, signal)) ?? ''
    const object = await readObject('tag', id, this.#parts.home, signal)
    return { name, id, signedName: object?.headers.get('tag') }
  }

  async #resolve(name: string, signal: AbortSignal): Promise<string | undefined> {
    const { code, output, complaint } = await ask(
      this.#parts.home,
      ['rev-parse', '--verify', '--quiet', '--end-of-options', name],
      signal,
    )
    const id = output.trim()
    if (code === 0 && isObjectId(id)) return id
    if (complaint.trim() === '') return undefined
    throw failureOf(complaint, 'reading the local repository', [])
  }
}
