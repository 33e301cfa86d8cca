// Commits and tags as git stores them: header lines, an empty line, the message. Read as bytes, so that no format, mail map or encoding of a
// repository has a say.
import { printable } from '../spec/problem.ts'
import { run } from './child.ts'
import { failureOf } from './failure.ts'
import type { Home } from './home.ts'
import type { Commit } from './repository.ts'

/** Header and message of a commit or tag. Where a header repeats (a merge has several parents) the first counts. */
export interface GitObject {
  readonly headers: ReadonlyMap<string, string>
  readonly message: string
}

const MOST_BYTES = 256 * 1024
const TIMEOUT_MS = 30_000

/** Reads a commit or tag by its id; of a long one the beginning. Undefined where it is not here. Throws GitError. */
export async function readObject(
  type: 'commit' | 'tag',
  id: string,
  home: Home,
  signal: AbortSignal,
): Promise<GitObject | undefined> {
  const { code, output, complaint } = await run({
    words: ['git', 'cat-file', type, id],
    environment: home.environment,
    folder: home.folder,
    signal,
    timeoutMs: TIMEOUT_MS,
    mostBytes: MOST_BYTES,
    cut: true,
    doing: `reading ${type} ${id.slice(0, 12)}`,
  })
  if (code === 0) return parseObject(output.toString('utf8'))
  if (/bad file|could not get object info|not a valid object|bad object/i.test(complaint)) return undefined
  throw failureOf(complaint, `reading ${type} ${id.slice(0, 12)}`, [])
}

/** Parses the text of a commit or tag. A line that begins with a space continues the header before it. */
function parseObject(text: string): GitObject {
  const end = text.indexOf('\n\n')
  const head = end < 0 ? text : text.slice(0, end)
  const headers = new Map<string, string>()
  for (const line of head.replaceAll('\n ', '\u0000').split('\n')) {
    const space = line.indexOf(' ')
    const name = line.slice(0, space)
    if (space > 0 && !headers.has(name)) headers.set(name, line.slice(space + 1).replaceAll('\u0000', '\n'))
  }
  return { headers, message: end < 0 ? '' : text.slice(end + 2) }
}

const LONGEST_SUBJECT = 200
const LONGEST_NAME = 100

/** A commit for people. Its texts are made printable. */
export function commitOf(id: string, { headers, message }: GitObject): Commit {
  const subject = message.trimStart().split('\n', 1)[0] ?? ''
  const author = (headers.get('author') ?? '').replace(/\s*<[^>]*>.*$/s, '')
  return {
    id,
    subject: printable(subject.trim(), LONGEST_SUBJECT),
    author: printable(author.trim(), LONGEST_NAME),
    committedAt: timeOf(headers.get('committer') ?? ''),
  }
}

/** `Ann <ann@contoso.com> 1795000000 +0200`; what is no time of this era is told as its beginning. */
function timeOf(committer: string): string {
  const seconds = Number(/> (\d{1,11}) [+-]\d{4}$/.exec(committer)?.[1] ?? 0)
  return new Date(seconds * 1000).toISOString()
}
