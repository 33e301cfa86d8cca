import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBodySink } from '../../src/network/body.ts'
import { connect, failureOf, get, serve } from './client-and-server.ts'
import { httpAnswer } from './wire-server.ts'

const TEXT = '{"value":["grüße"]}'

describe('a coded body', () => {
  test.each([
    { coding: 'gzip', body: gzipSync(TEXT), reason: 'the usual' },
    { coding: 'x-gzip', body: gzipSync(TEXT), reason: 'its old name' },
    { coding: 'GZIP', body: gzipSync(TEXT), reason: 'names know no case' },
    { coding: 'deflate', body: deflateSync(TEXT), reason: 'as the standard says' },
    { coding: 'deflate', body: deflateRawSync(TEXT), reason: 'as some servers send it' },
    { coding: 'br', body: brotliCompressSync(TEXT), reason: 'brotli' },
    { coding: 'deflate, gzip', body: gzipSync(deflateSync(TEXT)), reason: 'two in a row' },
    { coding: 'identity', body: Buffer.from(TEXT), reason: 'none' },
    { coding: '', body: Buffer.from(TEXT), reason: 'an empty name' },
    { coding: 'gzip', body: Buffer.concat([gzipSync('{"value":'), gzipSync('["grüße"]}')]), reason: 'two members' },
  ])('$coding is decoded: $reason', async ({ coding, body }) => {
    const server = await serve(({ socket }) =>
      socket.write(httpAnswer('200 OK', [`Content-Encoding: ${coding}`], body)),
    )

    const answer = await connect(server).send(get(server))

    expect(answer.body.toString()).toBe(TEXT)
  })

  test('may be empty', async () => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('204 No Content', ['Content-Encoding: gzip'])))

    const answer = await connect(server).send(get(server))

    expect(answer.body).toHaveLength(0)
  })

  test.each([
    { coding: 'gzip', body: gzipSync(TEXT).subarray(0, -9), failure: 'truncated', reason: 'cut before it was sent' },
    {
      coding: 'br',
      body: brotliCompressSync(TEXT).subarray(0, -3),
      failure: 'truncated',
      reason: 'cut before it was sent',
    },
    {
      coding: 'deflate',
      body: deflateSync(TEXT).subarray(0, -1),
      failure: 'truncated',
      reason: 'its checksum missing',
    },
    { coding: 'gzip', body: Buffer.from(TEXT), failure: 'malformed', reason: 'not coded at all' },
    { coding: 'br', body: Buffer.from('not brotli at all'), failure: 'malformed', reason: 'not coded at all' },
    { coding: 'zstd', body: Buffer.from(TEXT), failure: 'malformed', reason: 'a coding that nobody asked for' },
    { coding: 'gzip, gzip, gzip, gzip', body: gzipSync(TEXT), failure: 'malformed', reason: 'codings without end' },
  ])('$coding is $failure: $reason', async ({ coding, body, failure }) => {
    const server = await serve(({ socket }) =>
      socket.write(httpAnswer('200 OK', [`Content-Encoding: ${coding}`], body)),
    )

    const error = await failureOf(connect(server).send(get(server)))

    expect(error).toMatchObject({ failure, sent: true })
  })

  test('comes out whole, however the chunks fall', async () => {
    const plain = fc.uint8Array({ maxLength: 3000 })
    const coders = fc.constantFrom(
      { coding: 'gzip', code: gzipSync },
      { coding: 'deflate', code: deflateSync },
      { coding: 'br', code: brotliCompressSync },
    )

    await fc.assert(
      fc.asyncProperty(plain, coders, fc.integer({ min: 1, max: 500 }), async (bytes, { coding, code }, size) => {
        const coded = code(bytes)
        const body = await new Promise<Buffer>((resolve, reject) => {
          const sink = createBodySink(
            { 'content-encoding': coding },
            { maximumBytes: 10_000, onComplete: resolve, onProblem: reject },
          )
          for (let at = 0; at < coded.length; at += size) sink.write(coded.subarray(at, at + size))
          sink.end()
        })

        expect(body.equals(bytes)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

describe('a body that is larger than allowed', () => {
  const limited = { maximumBodyBytes: 1000 }

  test('is too large by one byte, and not by none', async () => {
    const server = await serve(({ socket, number }) =>
      socket.write(httpAnswer('200 OK', [], 'x'.repeat(number === 1 ? 1000 : 1001))),
    )
    const client = connect(server, limited)

    const fits = await client.send(get(server))
    const error = await failureOf(client.send(get(server)))

    expect(fits.body).toHaveLength(1000)
    expect(error).toMatchObject({ failure: 'too-large', sent: true })
  })

  test('is refused by its length, before it is read', async () => {
    const server = await serve(({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n'))

    const error = await failureOf(connect(server, limited).send(get(server)))

    expect(error.failure).toBe('too-large')
  })

  test.each([
    { coding: 'gzip', body: gzipSync(Buffer.alloc(50_000_000)), reason: '50 MB of nothing' },
    { coding: 'br', body: brotliCompressSync(Buffer.alloc(50_000_000)), reason: '50 MB in a few bytes' },
    { coding: 'gzip, gzip', body: gzipSync(gzipSync(Buffer.alloc(50_000_000))), reason: 'folded twice' },
  ])('is refused as it unfolds: $coding, $reason', async ({ coding, body }) => {
    const server = await serve(({ socket }) =>
      socket.write(httpAnswer('200 OK', [`Content-Encoding: ${coding}`], body)),
    )
    const before = process.memoryUsage().arrayBuffers

    const error = await failureOf(connect(server, { maximumBodyBytes: 1_000_000 }).send(get(server)))

    expect(error.failure).toBe('too-large')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  })

  test('is refused when it is large and unfolds into nothing', async () => {
    const emptyMembers = Buffer.concat(Array.from({ length: 100 }, () => gzipSync('')))
    const server = await serve(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n')
      socket.write(Buffer.concat([Buffer.from(`${emptyMembers.length.toString(16)}\r\n`), emptyMembers]))
    })

    const error = await failureOf(connect(server, limited).send(get(server, { deadlineMs: 2000 })))

    expect(error.failure).toBe('too-large')
  })

  test('is refused when it never ends, and the connection is closed', async () => {
    const server = await serve(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const pump = () => {
        while (!socket.destroyed && socket.write(`400\r\n${'x'.repeat(1024)}\r\n`));
      }
      socket.on('drain', pump)
      pump()
    })

    const error = await failureOf(connect(server, limited).send(get(server)))
    await new Promise((resolve) => server.connections[0]?.once('close', resolve))

    expect(error.failure).toBe('too-large')
  })

  test('may be allowed by the request', async () => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'x'.repeat(2000))))

    const answer = await connect(server, limited).send(get(server, { maximumBodyBytes: 2000 }))

    expect(answer.body).toHaveLength(2000)
  })
})
