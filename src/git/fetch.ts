import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type parseAddress, tagMatcher } from './address.ts'
import { type Ended, run } from './child.ts'
import { connectionSettings, type GitCredential, type GitProxy, secretsOf } from './credential.ts'
import { failureOf } from './failure.ts'
import { createHome, type Home, type HomeMaker } from './home.ts'
import { GitError } from './repository.ts'
import { compareVersions } from './version-order.ts'

/** What of the remote repository is followed. */
export type Reference = { readonly branch: string } | { readonly tag: string }

/** How the remote repository is reached. */
export interface Remote {
  readonly address: ReturnType<typeof parseAddress>
  readonly reference: Reference
  /** Asked for each fetch. */
  readonly credential: (signal: AbortSignal) => Promise<GitCredential>
  readonly proxy?: (() => Promise<GitProxy | undefined>) | undefined
  readonly authorities?: (() => Promise<string | undefined>) | undefined
  /** Of the first fetch. */
  readonly depth: number
  readonly limits: FetchLimits
}

/** How much and how long. */
export interface FetchLimits {
  /** Of one fetch, packed. */
  readonly mostPackBytes: number
  readonly timeoutMs: number
  /** A server that is silent for so long is given up. */
  readonly stallSeconds: number
}

/** Where a fetched reference lies in the local repository. */
export const LOCAL_REFERENCE = 'refs/mailkeel/head'

/** Fetches the reference and nothing else; tells the name of the tag where tags are followed. Throws GitError. */
export async function fetchReference(
  remote: Remote,
  isFirst: boolean,
  maker: HomeMaker,
  signal: AbortSignal,
): Promise<{ readonly tag: string | undefined }> {
  const { address, limits } = remote
  const passage = {
    credential: await remote.credential(signal),
    proxy: address.scheme === 'https' ? await remote.proxy?.() : undefined,
    authorities: await remote.authorities?.(),
    stallSeconds: limits.stallSeconds,
  }
  const secrets = secretsOf(passage)
  const home = await createHome(maker, address.scheme, (own) => connectionSettings(address, passage, own))
  try {
    const tag =
      'tag' in remote.reference ? await newestTag(remote.reference.tag, remote, home, secrets, signal) : undefined
    const source =
      tag === undefined && 'branch' in remote.reference ? `refs/heads/${remote.reference.branch}` : `refs/tags/${tag}`
    const words = [
      ...[
        'git',
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-recurse-submodules',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
      ],
      ...(isFirst ? [`--depth=${remote.depth}`] : []),
      ...['--end-of-options', address.url, `+${source}:${LOCAL_REFERENCE}`],
    ] as [string, ...string[]]
    const doing = `fetching ${placeOf(remote)}`
    await talk(words, doing, { remote, home, secrets, signal }).catch(async (error: unknown) => {
      throw (await isPackFull(maker.repository, limits.mostPackBytes)) ? tooLarge(doing) : error
    })
    return { tag }
  } finally {
    await home.dispose()
  }
}

/** Address and reference, for people. */
export function placeOf({ address, reference }: Pick<Remote, 'address' | 'reference'>): string {
  return `${address.url} (${'branch' in reference ? `branch ${reference.branch}` : `tag ${reference.tag}`})`
}

/** What writes a pack beyond the limit is ended without a word, and leaves what it wrote. */
async function isPackFull(repository: string, mostBytes: number): Promise<boolean> {
  const folder = join(repository, 'objects', 'pack')
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => one.startsWith('tmp_'))) {
    const { size } = await stat(join(folder, name)).catch(() => ({ size: 0 }))
    if (size >= mostBytes) return true
  }
  return false
}

function tooLarge(doing: string): GitError {
  const advice =
    'the repository is larger than mailkeel takes; lower `depth`, or keep the spec in a repository of its own'
  return new GitError('TooLarge', `${doing}: ${advice}`)
}

const MOST_NAMES_BYTES = 16 * 1024 * 1024

async function newestTag(
  pattern: string,
  remote: Remote,
  home: Home,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const doing = `looking for tags of ${placeOf(remote)}`
  const words: [string, ...string[]] = [
    'git',
    'ls-remote',
    '--quiet',
    '--tags',
    '--refs',
    '--end-of-options',
    remote.address.url,
  ]
  const { output } = await talk(words, doing, { remote, home, secrets, signal })
  const matches = tagMatcher(pattern)
  const names = output
    .toString('utf8')
    .split('\n')
    .flatMap((line) => /^[0-9a-f]{40,64}\trefs\/tags\/(.+)$/.exec(line)?.[1] ?? [])
    .filter(matches)
  const newest = names.sort(compareVersions).at(-1)
  if (newest === undefined)
    throw new GitError('ReferenceMissing', `${doing}: the repository has no tag that matches \`${pattern}\``)
  return newest
}

interface Talk {
  readonly remote: Remote
  readonly home: Home
  readonly secrets: readonly string[]
  readonly signal: AbortSignal
}

async function talk(
  words: readonly [string, ...string[]],
  doing: string,
  { remote, home, secrets, signal }: Talk,
): Promise<Ended> {
  const ended = await run({
    words,
    environment: home.environment,
    folder: home.folder,
    signal,
    timeoutMs: remote.limits.timeoutMs,
    mostBytes: MOST_NAMES_BYTES,
    mostFileBytes: remote.limits.mostPackBytes,
    doing,
  })
  if (ended.code !== 0) throw failureOf(ended.complaint, doing, secrets)
  return ended
}
