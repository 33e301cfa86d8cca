// Whether files are committed as they are. Git is only asked for the ids of the files in HEAD; what lies on the disk is hashed here. So no
// filter, hook, pager or helper that the repository's own configuration names is ever run, and nothing is fetched.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What is asked. */
export interface CommittedInput {
  /** The folder of the spec. */
  readonly folder: string
  /** Paths in it, with forward slashes. */
  readonly files: readonly string[]
  /** SHA-256 of a file as the spec was read from it: what was read is what must be committed. */
  readonly hashOf: (file: string) => string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Default: 10 seconds. */
  readonly deadlineMs?: number
}

/** The files that are not committed as they were read, each with why and what to do. Only cancelling throws. */
export async function uncommittedFiles(input: CommittedInput): Promise<ReadonlyMap<string, string>> {
  const { files, folder, hashOf } = input
  const answer = await askGit(input)
  input.signal.throwIfAborted()
  if (typeof answer === 'string') return new Map(files.map((file) => [file, answer]))
  const faults = new Map<string, string>()
  for (const file of files) {
    const committed = answer.get(file)
    if (committed === undefined) faults.set(file, 'its file is not committed; commit it')
    else if (!(await isSame(join(folder, file), hashOf(file), committed))) {
      faults.set(file, 'its file was changed since it was committed; commit it as it is')
    }
  }
  return faults
}

const DEADLINE_MS = 10_000
const MOST_BYTES = 16 * 1024 * 1024

/** Ids of the files in HEAD, or why there are none. */
async function askGit(input: CommittedInput): Promise<ReadonlyMap<string, string> | string> {
  const { folder, files, environment, signal, deadlineMs = DEADLINE_MS } = input
  const words = [...OPTIONS, '-C', folder, 'ls-tree', '-z', 'HEAD', '--', ...files]
  const { error, output, complaint } = await new Promise<Asked>((resolve) => {
    const options = { env: bareEnvironment(environment), signal, timeout: deadlineMs, maxBuffer: MOST_BYTES }
    execFile('git', words, { ...options, killSignal: 'SIGKILL', windowsHide: true }, (failed, stdout, stderr) =>
      resolve({ error: failed, output: stdout, complaint: stderr }),
    )
  })
  return error ? reasonOf(error, complaint) : entriesOf(output)
}

interface Asked {
  readonly error: (Error & { readonly code?: unknown; readonly killed?: boolean }) | null
  readonly output: string
  readonly complaint: string
}

/** Nothing is written, run or fetched for asking, and what names a file is never a pattern. */
const OPTIONS = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  '--literal-pathspecs',
  ...[
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'protocol.allow=never',
    'safe.bareRepository=explicit',
  ].flatMap((setting) => ['-c', setting]),
]

/** Only what finding the program needs; neither a repository nor a configuration can be named from outside. */
function bareEnvironment({ PATH, Path, SystemRoot }: CommittedInput['environment']): NodeJS.ProcessEnv {
  const path = PATH ?? Path
  return {
    ...(path === undefined ? {} : { PATH: path }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
    NoDefaultCurrentDirectoryInExePath: '1',
  }
}

/** Records of `ls-tree -z`: mode, type, id and path. A link is no file of a spec. */
function entriesOf(output: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  for (const record of output.split('\0')) {
    const [, id, path] = /^100\d{3} blob ([0-9a-f]{40,64})\t(.+)$/s.exec(record) ?? []
    if (id !== undefined && path !== undefined) entries.set(path, id)
  }
  return entries
}

/** Words of git, said in English (LC_ALL=C), and what they come to. */
const COMPLAINTS: readonly (readonly [RegExp, string])[] = [
  [/not a git repository/i, 'its folder is no git work tree; put the spec under git and commit it'],
  [
    /dubious ownership|unsafe repository/i,
    'its git work tree belongs to another user, so git does not read it; let mailkeel run as its owner',
  ],
  [/not a valid object name/i, 'nothing is committed in its repository yet; commit it'],
]

function reasonOf({ code, killed }: NonNullable<Asked['error']>, complaint: string): string {
  if (code === 'ENOENT') return 'git is not installed here, so nobody can tell whether its file is committed'
  if (killed === true) return 'git did not answer in time whether its file is committed; try again'
  const known = COMPLAINTS.find(([pattern]) => pattern.test(complaint))
  return known?.[1] ?? 'git could not tell whether its file is committed; look what `git ls-tree HEAD` says there'
}

/** True where the file is what was read, and git's id of it is the one committed, with or without the line ends of Windows. */
async function isSame(path: string, sha256: string | undefined, id: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== sha256) return false
  const plain = Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
  return blobId(bytes, id.length) === id || blobId(plain, id.length) === id
}

/** The id git gives to a file: 40 digits of SHA-1, 64 of SHA-256 (git, object names). */
function blobId(bytes: Buffer, digits: number): string {
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex')
}
