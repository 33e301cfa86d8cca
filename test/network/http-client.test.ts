import { describe, expect, test } from 'vitest'
import { connect, failureOf, get, serve } from './client-and-server.ts'
import { httpAnswer, startWireServer } from './wire-server.ts'

describe('an exchange', () => {
  test('carries method, path, query, headers and body, and brings status, headers and body back', async () => {
    const server = await serve(({ socket }) =>
      socket.write(httpAnswer('201 Created', ['Location: /x', 'Set-Cookie: a=1', 'Set-Cookie: b=2'], 'grüße')),
    )

    const answer = await connect(server).send({
      method: 'POST',
      url: `${server.origin}/org/api/data?$filter=a%20eq%201`,
      headers: { 'If-Match': '*', 'content-type': 'application/json' },
      body: '{"name":"ö"}',
    })

    const { head, body } = server.requests[0] ?? { head: '', body: Buffer.alloc(0) }
    expect(head.split('\r\n')).toEqual(
      expect.arrayContaining([
        'POST /org/api/data?$filter=a%20eq%201 HTTP/1.1',
        `host: 127.0.0.1:${server.port}`,
        'user-agent: mailkeel-test',
        'accept-encoding: gzip, deflate, br',
        'if-match: *',
        'content-type: application/json',
        'content-length: 13',
      ]),
    )
    expect(body.toString()).toBe('{"name":"ö"}')
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({ location: '/x', 'set-cookie': ['a=1', 'b=2'] })
    expect(answer.body.toString()).toBe('grüße')
  })

  test('sends bytes as they are', async () => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('204 No Content', [])))
    const bytes = Uint8Array.from([0, 255, 13, 10])

    await connect(server).send({ method: 'PUT', url: server.origin, body: bytes })

    expect([...(server.requests[0]?.body ?? [])]).toEqual([...bytes])
  })

  test.each([
    { status: '204 No Content', reason: 'nothing to say' },
    { status: '400 Bad Request', reason: 'our fault' },
    { status: '401 Unauthorized', reason: 'another sign-in' },
    { status: '503 Service Unavailable', reason: 'throttled' },
  ])('gives $status as an answer, not as an error: $reason', async ({ status }) => {
    const server = await serve(({ socket }) => socket.write(httpAnswer(status, [])))

    const answer = await connect(server).send(get(server))

    expect(answer.status).toBe(Number(status.slice(0, 3)))
  })

  test('never follows a redirect', async () => {
    const server = await serve(({ socket, head }) =>
      socket.write(httpAnswer('302 Found', [`Location: http://${/host: (.*)/.exec(head)?.[1]}/elsewhere`])),
    )

    const answer = await connect(server).send(get(server))

    expect(answer.status).toBe(302)
    expect(server.requests).toHaveLength(1)
  })

  test('passes over interim answers', async () => {
    const server = await serve(({ socket }) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n')
      socket.write(httpAnswer('200 OK', [], 'final'))
    })

    const answer = await connect(server).send(get(server))

    expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status: 200, body: 'final' })
  })
})

describe('connections', () => {
  test('are kept from one request to the next', async () => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'x')))
    const client = connect(server)

    for (let request = 0; request < 5; request += 1) await client.send(get(server))

    expect(server.requests).toHaveLength(5)
    // A connection rests for one turn of the event loop after each answer, so that two take turns.
    expect(server.connections.length).toBeLessThanOrEqual(2)
  })

  test('that the server closed meanwhile are not used again', async () => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'x')))
    const client = connect(server)

    await client.send(get(server))
    const [first] = server.connections
    await new Promise((resolve) => first?.once('close', resolve).end())
    const answer = await client.send(get(server))

    expect(answer.status).toBe(200)
    expect(server.connections).toHaveLength(2)
  })

  test('stay within the limit of the origin, with everyone served in turn', async () => {
    let running = 0
    let mostRunning = 0
    const server = await serve(({ socket }) => {
      running += 1
      mostRunning = Math.max(mostRunning, running)
      setTimeout(() => {
        running -= 1
        socket.write(httpAnswer('200 OK', [], 'x'))
      }, 2)
    })
    const client = connect(server, { connectionsPerOrigin: 3 })

    const answers = await Promise.all(Array.from({ length: 40 }, () => client.send(get(server))))

    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(mostRunning).toBe(3)
    expect(server.connections).toHaveLength(3)
  })

  test('of one origin do not wait for another', async () => {
    const stuck = await serve(() => {})
    const healthy = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'x')))
    const client = connect(stuck, { allowedOrigins: [stuck.origin, healthy.origin], connectionsPerOrigin: 1 })

    const waiting = client.send(get(stuck)).catch((error: unknown) => error)
    const answer = await client.send(get(healthy))
    await client.close()

    expect(answer.status).toBe(200)
    expect(await waiting).toMatchObject({ failure: 'aborted' })
  })
})

describe('a failed exchange', () => {
  const FAILURES = [
    { answer: '', failure: 'reset', reason: 'closed without a word' },
    { answer: 'HTTP/1.1 200 OK\r\nContent-Le', failure: 'reset', reason: 'closed within the headers' },
    {
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
      failure: 'truncated',
      reason: 'less than its length',
    },
    {
      answer: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf',
      failure: 'truncated',
      reason: 'less than its length on a connection that was to close',
    },
    {
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      failure: 'truncated',
      reason: 'the last chunk missing',
    },
    {
      answer: 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      failure: 'truncated',
      reason: 'the last chunk missing on a connection that was to close',
    },
    {
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n',
      failure: 'truncated',
      reason: 'the very last line missing',
    },
    {
      answer: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"value":[]}',
      failure: 'truncated',
      reason: 'a length that nobody can check',
    },
    { answer: 'SSH-2.0-OpenSSH_9.2\r\n', failure: 'malformed', reason: 'another protocol' },
    {
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      failure: 'malformed',
      reason: 'a chunk without a size',
    },
    {
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
      failure: 'truncated',
      reason: 'two lengths, of which one must be wrong',
    },
    {
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n',
      failure: 'truncated',
      reason: 'a length and chunks, of which one must be wrong',
    },
    {
      answer: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      failure: 'too-large',
      reason: 'headers without end',
    },
  ]

  test.each(FAILURES)('is $failure, may have been done, and is not repeated: $reason', async ({ answer, failure }) => {
    const server = await serve(({ socket }) => socket.end(answer, 'latin1'))

    const error = await failureOf(connect(server).send(get(server)))

    expect({ failure: error.failure, sent: error.sent }).toEqual({ failure, sent: true })
    expect(server.requests).toHaveLength(1)
  })

  test('leaves the client usable', async () => {
    const server = await serve(({ socket, number }) => {
      const { answer } = FAILURES[number - 1] ?? {}
      if (answer === undefined) socket.write(httpAnswer('200 OK', [], 'fine'))
      else socket.end(answer, 'latin1')
    })
    const client = connect(server, { connectionsPerOrigin: 1 })

    for (const _ of FAILURES) await failureOf(client.send(get(server)))
    const answer = await client.send(get(server))

    expect(answer.body.toString()).toBe('fine')
  })

  test('is reset when the server hangs up hard, and truncated when it had begun to answer', async () => {
    const server = await serve(({ socket, number }) => {
      if (number === 1) return socket.resetAndDestroy()
      return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () => socket.resetAndDestroy())
    })
    const client = connect(server)

    const first = await failureOf(client.send(get(server)))
    const second = await failureOf(client.send(get(server)))

    expect([first.failure, second.failure]).toEqual(['reset', 'truncated'])
    expect([first.sent, second.sent]).toEqual([true, true])
    expect(server.requests).toHaveLength(2)
  })

  test('gives an error page of unknown length as the answer it is', async () => {
    const server = await serve(({ socket }) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n<html>no</html>'))

    const answer = await connect(server).send(get(server))

    expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status: 502, body: '<html>no</html>' })
  })

  test('is refused where nobody listens, and was surely not sent', async () => {
    const server = await startWireServer(() => {})
    await server.close()

    const error = await failureOf(connect(server).send(get(server)))

    expect(error).toMatchObject({ failure: 'refused', sent: false })
    expect(error.message).toBe(
      `GET 127.0.0.1:${server.port}/org/api: the host does not accept connections (ECONNREFUSED)`,
    )
  })

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('is unresolved where the name is not known: %s', async (code) => {
    const origin = 'http://crm.contoso.test'
    const client = connect(
      { origin },
      { lookup: (_, __, done) => setImmediate(done, Object.assign(new Error(code), { code }), []) },
    )

    const error = await failureOf(client.send(get({ origin })))

    expect(error).toMatchObject({ failure: 'unresolved', sent: false })
  })

  test('is malformed, and not sent, where a header cannot be written', async () => {
    const server = await serve(() => {})

    const error = await failureOf(connect(server).send(get(server, { headers: { authorization: 'x\r\nY: z' } })))

    expect(error).toMatchObject({ failure: 'malformed', sent: false })
    expect(server.connections).toHaveLength(0)
  })
})

describe('A16: a forbidden address', () => {
  test.each([
    { url: 'http://other.test/', reason: 'not on the list' },
    { url: 'http://169.254.169.254/latest/meta-data', reason: 'metadata' },
    { url: 'not a url', reason: 'no address at all' },
    { url: 'file:///etc/passwd', reason: 'not HTTP' },
  ])('is not even looked up: $reason', async ({ url }) => {
    const client = connect(
      { origin: 'http://crm.contoso.test' },
      {
        lookup: () => {
          throw new Error('looked up')
        },
      },
    )

    const error = await failureOf(client.send({ method: 'GET', url }))

    expect(error).toMatchObject({ failure: 'forbidden-host', sent: false })
  })

  test.each([
    { addresses: [{ address: '169.254.169.254', family: 4 }], reason: 'the only address' },
    {
      addresses: [
        { address: '127.0.0.1', family: 4 },
        { address: 'fe80::1', family: 6 },
      ],
      reason: 'one of several',
    },
  ])('is refused when an allowed name resolves to it: $reason', async ({ addresses }) => {
    const server = await serve(() => {})
    const origin = `http://crm.contoso.test:${server.port}`
    const client = connect({ origin }, { lookup: (_, __, done) => done(null, addresses) })

    const error = await failureOf(client.send(get({ origin })))

    expect(error).toMatchObject({ failure: 'forbidden-host', sent: false })
    expect(server.connections).toHaveLength(0)
  })
})
