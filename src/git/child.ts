// Git processes of our own, for what simple-git cannot do: end a process together with its children (`git fetch` leaves the program that
// talks to the server behind), limit what comes out of it, and read bytes. Each is the head of a group of processes, and the group is ended.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { GitError } from './repository.ts'

/** One process. */
export interface ChildInput {
  /** Program and arguments. None of them may be secret. */
  readonly words: readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Of its output. Past this it is ended: with TooLarge, or where `cut`, with what came so far. */
  readonly mostBytes: number
  readonly cut?: boolean
  /** Of any file it writes. */
  readonly mostFileBytes?: number
  /** What is done, for messages: `fetching`. */
  readonly doing: string
}

/** How a process ended. */
export interface Ended {
  readonly code: number
  readonly output: Buffer
  /** The end of what it complained, at most some thousand characters. */
  readonly complaint: string
}

const MOST_COMPLAINT = 16 * 1024
const GRACE_MS = 2_000

/** Runs a process to its end. Throws GitError TimedOut, TooLarge or GitMissing, and the reason of the signal. */
export function run(input: ChildInput): Promise<Ended> {
  const { signal, timeoutMs, mostBytes, doing } = input
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = start(input)
    const output: Buffer[] = []
    let size = 0
    let complaint = ''
    let failure: unknown
    let isCut = false
    const end = (reason?: unknown) => {
      failure ??= reason
      killGroup(child)
    }
    const onAbort = () => end(signal.reason)
    // A process lives in real time, so its deadline does too.
    const deadline = setTimeout(() => end(timedOut(doing, timeoutMs)), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      if (isCut) return
      size += chunk.length
      output.push(chunk)
      if (size <= mostBytes) return
      isCut = true
      end(input.cut ? undefined : tooLarge(doing))
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-MOST_COMPLAINT)
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code === 'ENOENT' ? missing(input.words[0]) : error
    })
    child.once('close', (code) => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', onAbort)
      if (failure !== undefined) reject(failure)
      else
        resolve({ code: isCut ? 0 : (code ?? -1), output: Buffer.concat(output, Math.min(size, mostBytes)), complaint })
    })
    child.stdin.on('error', () => {}).end()
  })
}

/** Begins a process whose streams the caller reads; it ends it with `killGroup`. */
export function start({
  words,
  environment,
  folder,
  mostFileBytes,
}: Pick<ChildInput, 'words' | 'environment' | 'folder' | 'mostFileBytes'>): ChildProcessWithoutNullStreams {
  const [program, ...rest] = mostFileBytes === undefined ? words : limited(words, mostFileBytes)
  return spawn(program, rest, {
    cwd: folder,
    env: { ...environment },
    stdio: 'pipe',
    detached: HAS_GROUPS,
    windowsHide: true,
  })
}

const HAS_GROUPS = process.platform !== 'win32'

/** The kernel ends what writes a larger file. The script is constant; the words reach it as arguments. */
function limited(words: readonly [string, ...string[]], bytes: number): readonly [string, ...string[]] {
  if (!HAS_GROUPS) return words
  const blocks = String(Math.ceil(bytes / 512))
  return ['/bin/sh', '-c', 'ulimit -f "$1" && shift && exec "$@"', 'sh', blocks, ...words]
}

/** Ends a process and everything it began: politely, so that locks are removed, and after a moment surely. */
export function killGroup(child: ChildProcessWithoutNullStreams): void {
  send(child, 'SIGTERM')
  const surely = setTimeout(() => send(child, 'SIGKILL'), GRACE_MS)
  child.once('close', () => clearTimeout(surely))
}

function send(child: ChildProcessWithoutNullStreams, signal: 'SIGTERM' | 'SIGKILL'): void {
  const { pid } = child
  if (pid === undefined) return
  try {
    if (HAS_GROUPS) process.kill(-pid, signal)
    else child.kill(signal)
  } catch {
    // It is gone already.
  }
}

function timedOut(doing: string, timeoutMs: number): GitError {
  return new GitError(
    'TimedOut',
    `${doing} took longer than ${Math.round(timeoutMs / 1000)} seconds and was ended; it is tried again`,
  )
}

function tooLarge(doing: string): GitError {
  const advice = 'keep the spec in a repository or a `folder` of its own'
  return new GitError('TooLarge', `${doing} gave more than mailkeel takes; ${advice}`)
}

/** That a program is not there. */
export function missing(program: string): GitError {
  const of = program === 'git' ? 'git' : program.startsWith('gpg') ? 'gnupg' : 'openssh-client'
  return new GitError(
    'GitMissing',
    `the program ${program} is not installed here; install it (Debian: the package ${of})`,
  )
}
