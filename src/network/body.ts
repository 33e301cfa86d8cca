import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { codeOf } from './failure.ts'
import type { HttpResponse, NetworkFailure } from './http.ts'

/** Why a body could not be had. */
export interface BodyProblem {
  readonly failure: Extract<NetworkFailure, 'truncated' | 'too-large' | 'malformed'>
  readonly message: string
  readonly cause?: unknown
}

/** Takes the chunks of a body as they come, decodes them and keeps them, never more than allowed. */
export interface BodySink {
  write(chunk: Buffer): void
  end(): void
  /** Drops everything; neither callback is called any more. */
  discard(): void
}

interface SinkEnds {
  readonly maximumBytes: number
  readonly onComplete: (body: Buffer) => void
  readonly onProblem: (problem: BodyProblem) => void
}

/** Decoders in the order in which the body has to pass them; RFC 9110 lets a server apply several codings. */
const MAXIMUM_CODINGS = 3

/**
 * The sink for a body with these headers. The limit holds for the encoded and for the decoded size, so that a small body that unfolds
 * into a huge one is refused as it unfolds.
 */
export function createBodySink(headers: HttpResponse['headers'], ends: SinkEnds): BodySink {
  const codings = codingsOf(headers['content-encoding'])
  const kept = createStore(ends)
  if (codings.length === 0) return kept
  return createDecodingSink(codings, kept, ends)
}

function codingsOf(header: string | readonly string[] | undefined): readonly string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',')
  const names = text.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity').reverse()
}

function createStore({ maximumBytes, onComplete, onProblem }: SinkEnds): BodySink {
  const chunks: Buffer[] = []
  let size = 0
  let isOpen = true
  function discard(): void {
    isOpen = false
    chunks.length = 0
  }
  return {
    write(chunk) {
      if (!isOpen) return
      size += chunk.length
      if (size <= maximumBytes) {
        chunks.push(chunk)
        return
      }
      discard()
      onProblem({ failure: 'too-large', message: `the answer is larger than ${maximumBytes} bytes` })
    },
    end() {
      if (isOpen) onComplete(Buffer.concat(chunks, size))
    },
    discard,
  }
}

function createDecodingSink(codings: readonly string[], kept: BodySink, ends: SinkEnds): BodySink {
  let head: Transform | undefined
  let received = 0
  let isOpen = true
  const decoders: Transform[] = []
  function discard(): void {
    isOpen = false
    kept.discard()
    for (const decoder of decoders) decoder.destroy()
  }
  function fail(problem: BodyProblem): void {
    if (!isOpen) return
    discard()
    ends.onProblem(problem)
  }
  function begin(firstChunk: Buffer): Transform | undefined {
    if (codings.length > MAXIMUM_CODINGS) return undefined
    for (const [index, coding] of codings.entries()) {
      const decoder = createDecoder(coding, index === 0 ? firstChunk : undefined)
      if (!decoder) return undefined
      decoder.on('error', (cause) => fail(decodingProblem(cause)))
      decoders.at(-1)?.pipe(decoder)
      decoders.push(decoder)
    }
    const last = decoders.at(-1)
    last?.on('data', (chunk: Buffer) => isOpen && kept.write(chunk)).on('end', () => isOpen && kept.end())
    return decoders[0]
  }
  return {
    write(chunk) {
      if (!isOpen || chunk.length === 0) return
      received += chunk.length
      if (received > ends.maximumBytes) {
        return fail({ failure: 'too-large', message: `the answer is larger than ${ends.maximumBytes} bytes` })
      }
      head ??= begin(chunk)
      if (!head) return fail({ failure: 'malformed', message: 'the answer uses an encoding that was not asked for' })
      head.write(chunk)
    },
    end() {
      if (!isOpen) return
      // A coding may be named for an answer without a body, a 204 for example.
      if (head) head.end()
      else kept.end()
    },
    discard,
  }
}

function createDecoder(coding: string, firstChunk: Buffer | undefined): Transform | undefined {
  if (coding === 'gzip' || coding === 'x-gzip') return createGunzip()
  if (coding === 'br') return createBrotliDecompress()
  if (coding !== 'deflate') return undefined
  // "deflate" means the zlib format, but some servers send the bare stream; the first byte tells (RFC 1950: method 8 in the low bits).
  const isZlib = firstChunk === undefined || ((firstChunk[0] ?? 0) & 0x0f) === 8
  return isZlib ? createInflate() : createInflateRaw()
}

function decodingProblem(cause: unknown): BodyProblem {
  const endedEarly = codeOf(cause) === 'Z_BUF_ERROR'
  return endedEarly
    ? { failure: 'truncated', message: 'the answer ended early', cause }
    : { failure: 'malformed', message: 'the answer cannot be decoded', cause }
}
