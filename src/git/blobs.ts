// Many blobs from one process: `git cat-file --batch` answers every id on its input with a line that tells the size, and the bytes. The
// process stays as long as somebody may read, and is ended at the next fetch.
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { killGroup, run, start } from './child.ts'
import { failureOf } from './failure.ts'
import type { Home } from './home.ts'
import { GitError } from './repository.ts'

interface Waiting {
  readonly id: string
  readonly resolve: (bytes: Buffer) => void
  readonly reject: (error: unknown) => void
}

const TIMEOUT_MS = 60_000
/** Larger ones do not go through the common process, where they would hold up the others. */
const LARGEST_IN_BATCH = 32 * 1024 * 1024

/** Reads blobs by id. */
export class Blobs {
  readonly #home: Home
  #child: ChildProcessWithoutNullStreams | undefined
  #waiting: Waiting[] = []
  #chunks: Buffer[] = []
  #held = 0
  /** Bytes of the answer that is being received, with the line break behind it; undefined while its first line is. */
  #expected: number | undefined

  constructor(home: Home) {
    this.#home = home
  }

  /** The bytes of a blob whose size is known, `most` + 1 of them at most. Throws GitError, and the reason of the signal. */
  async read(id: string, size: number, most: number, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted()
    if (size > most || size > LARGEST_IN_BATCH) return this.#readStart(id, most + 1, signal)
    const deadline = AbortSignal.timeout(TIMEOUT_MS)
    const either = AbortSignal.any([signal, deadline])
    const answer = new Promise<Buffer>((resolve, reject) => {
      const child = this.#running()
      this.#waiting.push({ id, resolve, reject })
      child.stdin.write(`${id}\n`)
    })
    let onAbort = () => {}
    const given = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.aborted ? signal.reason : slow())
      either.addEventListener('abort', onAbort, { once: true })
    })
    // Who stops waiting leaves the answer to be skipped; a process that is late is of no use to the others either.
    answer.catch(() => {})
    try {
      return await Promise.race([answer, given])
    } catch (error) {
      if (deadline.aborted) this.#fail(slow())
      throw error
    } finally {
      either.removeEventListener('abort', onAbort)
    }
  }

  /** Ends the process; who still waits gets an error. */
  end(): void {
    this.#fail(new GitError('Broken', 'the repository was closed while a file was read'))
  }

  async #readStart(id: string, mostBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const doing = `reading the file ${id.slice(0, 12)}`
    const { environment, folder } = this.#home
    const words = ['git', 'cat-file', 'blob', id] as const
    const input = { words: [...words] as [string, ...string[]], environment, folder, signal, timeoutMs: TIMEOUT_MS }
    const { code, output, complaint } = await run({ ...input, mostBytes, cut: true, doing })
    if (code !== 0) throw failureOf(complaint, doing, [])
    return output
  }

  #running(): ChildProcessWithoutNullStreams {
    if (this.#child) return this.#child
    const { environment, folder } = this.#home
    const child = start({ words: ['git', 'cat-file', '--batch'], environment, folder })
    this.#child = child
    child.stdin.on('error', () => {})
    child.stderr.resume()
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#receive(chunk)
    })
    const onLost = (cause?: Error) => {
      if (this.#child === child)
        this.#fail(new GitError('Broken', 'git ended while a file was read; it is tried again', { cause }))
    }
    child.once('error', onLost)
    child.once('close', () => onLost())
    return child
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    // Without this a large blob that comes in many pieces would be copied once for each.
    if (this.#expected !== undefined && this.#held < this.#expected) return
    let rest: Buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#held)
    for (;;) {
      if (this.#expected === undefined) {
        const end = rest.indexOf(10)
        if (end < 0) break
        this.#begin(rest.toString('latin1', 0, end))
        rest = rest.subarray(end + 1)
        if (!this.#child) return
      }
      if (this.#expected === undefined) continue
      if (rest.length < this.#expected) break
      this.#waiting.shift()?.resolve(Buffer.from(rest.subarray(0, this.#expected - 1)))
      rest = rest.subarray(this.#expected)
      this.#expected = undefined
    }
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#held = rest.length
  }

  /** `<id> blob <size>`, or `<id> missing`. Anything else means that answers and questions no longer belong together. */
  #begin(line: string): void {
    const [id, type, size] = line.split(' ')
    const first = this.#waiting[0]
    if (first === undefined || id !== first.id) {
      this.#fail(new GitError('Broken', 'git gave another file than the one that was asked; it is tried again'))
    } else if (type === 'blob' && size !== undefined) this.#expected = Number(size) + 1
    else {
      this.#waiting.shift()
      first.reject(new GitError('Broken', `the file ${first.id.slice(0, 12)} is missing in the local repository`))
    }
  }

  #fail(error: GitError): void {
    const child = this.#child
    const waiting = this.#waiting
    this.#child = undefined
    this.#waiting = []
    this.#chunks = []
    this.#held = 0
    this.#expected = undefined
    if (child) killGroup(child)
    for (const { reject } of waiting) reject(error)
  }
}

function slow(): GitError {
  return new GitError('TimedOut', 'git did not give a file in time; it is tried again')
}
