// The repository of the demo, with a history that was written beforehand. It is handed to git as one stream (git-fast-import), so making it
// takes two processes however long the history is.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { UsageError } from '../../../compose/usage-error.ts'

/** One commit of the history. */
export interface DemoCommit {
  readonly by: { readonly name: string; readonly email: string }
  readonly at: Date
  readonly message: string
  /** Files that it writes. */
  readonly files: ReadonlyMap<string, string>
}

/** Makes a bare repository with this history on the branch main. Throws UsageError where git is missing or too old. */
export async function createRepository(
  folder: string,
  history: readonly DemoCommit[],
  path: string | undefined,
): Promise<void> {
  const run = (words: readonly string[], input = '') => git(words, input, path)
  await run(['init', '--quiet', '--bare', '--initial-branch=main', folder])
  await run(['-C', folder, 'fast-import', '--quiet'], streamOf(history))
}

function streamOf(history: readonly DemoCommit[]): string {
  const commits = history.map(({ by, at, message, files }) => {
    const person = `${by.name} <${by.email}> ${Math.floor(at.getTime() / 1000)} +0000`
    const written = [...files].map(([path, content]) => `M 100644 inline ${path}\n${data(content)}`)
    return `commit refs/heads/main\nauthor ${person}\ncommitter ${person}\n${data(message)}${written.join('')}`
  })
  return `${commits.join('\n')}\ndone\n`
}

function data(content: string): string {
  return `data ${Buffer.byteLength(content)}\n${content}\n`
}

async function git(words: readonly string[], input: string, path: string | undefined): Promise<void> {
  const child = spawn('git', words, {
    env: { ...(path === undefined ? {} : { PATH: path }), GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [code, complaint] = await Promise.all([ended, text(child.stderr)]).catch((cause: unknown) => {
    throw new UsageError('`mailkeel run --demo` needs git, which is not here; install it (Debian: apt install git)', {
      cause,
    })
  })
  if (code !== 0) throw new UsageError(`git could not make the repository of the demo: ${complaint.trim()}`)
}
