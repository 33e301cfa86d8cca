import { getEventListeners, once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { connect, failureOf, get, serve } from './client-and-server.ts'
import { manualTime, settled } from './manual-time.ts'
import { httpAnswer, type WireServer } from './wire-server.ts'

/** Waits until the server has seen this many requests. */
async function seen(server: WireServer, count: number): Promise<void> {
  while (server.requests.length < count) await settled()
}

/** Waits until the client has given up the first connection. */
async function closed(server: WireServer): Promise<void> {
  const [socket] = server.connections
  if (socket && !socket.closed) await once(socket, 'close')
}

describe('a deadline', () => {
  test.each([
    { begin: '', reason: 'no answer' },
    { begin: 'HTTP/1.1 200 OK\r\nX: y', reason: 'half the headers' },
    { begin: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', reason: 'half a body' },
    { begin: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', reason: 'no last chunk' },
  ])('ends an exchange with $reason, and its connection', async ({ begin }) => {
    const server = await serve(({ socket }) => socket.write(begin))

    const error = await failureOf(connect(server).send(get(server, { deadlineMs: 30 })))
    await closed(server)

    expect(error).toMatchObject({ failure: 'timeout', sent: true })
    expect(error.message).toBe(`GET 127.0.0.1:${server.port}/org/api: no complete answer within 30 ms`)
  })

  test('is for the whole exchange: bytes that drip do not move it', async () => {
    const time = manualTime()
    const server = await serve(({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n'))
    const exchange = failureOf(connect(server, { schedule: time.schedule, deadlineMs: 1000 }).send(get(server)))
    await seen(server, 1)

    for (let drips = 0; drips < 10; drips += 1) {
      server.connections[0]?.write('x')
      await time.advance(100)
    }

    expect((await exchange).failure).toBe('timeout')
  })

  test('does not run while the request waits for its turn', async () => {
    const time = manualTime()
    const server = await serve(({ socket, number }) => number > 1 && socket.write(httpAnswer('200 OK', [], 'x')))
    const client = connect(server, { schedule: time.schedule, deadlineMs: 1000, connectionsPerOrigin: 1 })

    const first = failureOf(client.send(get(server)))
    const second = client.send(get(server))
    await seen(server, 1)
    await time.advance(1000)

    expect((await first).failure).toBe('timeout')
    expect((await second).status).toBe(200)
  })

  test('of the headers ends an exchange before the deadline, once and not for the body', async () => {
    const time = manualTime()
    const server = await serve(({ socket, number }) => {
      if (number === 2) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha')
    })
    const client = connect(server, { schedule: time.schedule, deadlineMs: 1000, headersTimeoutMs: 100 })

    const first = failureOf(client.send(get(server)))
    await seen(server, 1)
    await time.advance(100)
    const error = await first
    const second = client.send(get(server))
    await seen(server, 2)
    // Once the headers are there, the deadline alone is left.
    while (time.pending() > 1) await settled()
    await time.advance(500)
    server.connections.at(-1)?.write('lf')

    expect(error).toMatchObject({ failure: 'timeout', sent: true })
    expect((await second).body.toString()).toBe('half')
  })

  test('of the connection ends it while nothing was sent', async () => {
    const time = manualTime()
    const origin = 'http://crm.contoso.test'
    const client = connect({ origin }, { schedule: time.schedule, connectTimeoutMs: 100, lookup: () => {} })

    const exchange = failureOf(client.send(get({ origin })))
    while (time.pending() < 2) await settled()
    await time.advance(100)

    expect(await exchange).toMatchObject({ failure: 'timeout', sent: false })
    expect((await exchange).message).toBe('GET crm.contoso.test/org/api: no connection within 100 ms')
  })

  test('leaves no timer behind', async () => {
    const time = manualTime()
    const server = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'x')))

    await connect(server, { schedule: time.schedule }).send(get(server))

    expect(time.pending()).toBe(0)
  })
})

describe('an abort', () => {
  test('before the request sends nothing', async () => {
    const server = await serve(() => {})

    const error = await failureOf(connect(server).send(get(server, { signal: AbortSignal.abort() })))

    expect(error).toMatchObject({ failure: 'aborted', sent: false })
    expect(server.connections).toHaveLength(0)
  })

  test('while it waits for its turn sends nothing, and lets the next one go', async () => {
    const server = await serve(({ socket, number }) => number > 1 && socket.write(httpAnswer('200 OK', [], 'x')))
    const client = connect(server, { connectionsPerOrigin: 1 })
    const stop = new AbortController()
    const stopFirst = new AbortController()

    const first = failureOf(client.send(get(server, { signal: stopFirst.signal })))
    const second = failureOf(client.send(get(server, { signal: stop.signal })))
    const third = client.send(get(server))
    await seen(server, 1)
    stop.abort()
    const error = await second
    stopFirst.abort()
    await first

    expect(error).toMatchObject({ failure: 'aborted', sent: false })
    expect((await third).status).toBe(200)
    expect(server.requests).toHaveLength(2)
  })

  test('while connecting sends nothing', async () => {
    const origin = 'http://crm.contoso.test'
    const stop = new AbortController()
    const client = connect({ origin }, { lookup: () => setImmediate(() => stop.abort()) })

    const error = await failureOf(client.send(get({ origin }, { signal: stop.signal })))

    expect(error).toMatchObject({ failure: 'aborted', sent: false })
  })

  test.each([
    { begin: '', timers: 2, reason: 'while the server thinks' },
    { begin: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', timers: 1, reason: 'within the body' },
  ])('$reason ends the exchange and its connection, and the request counts as sent', async ({ begin, timers }) => {
    const time = manualTime()
    const server = await serve(({ socket }) => socket.write(begin))
    const stop = new AbortController()

    const client = connect(server, { schedule: time.schedule })
    const exchange = failureOf(client.send(get(server, { signal: stop.signal })))
    await seen(server, 1)
    while (time.pending() > timers) await settled()
    stop.abort(new Error('enough'))
    const error = await exchange
    await closed(server)

    expect(error).toMatchObject({ failure: 'aborted', sent: true, cause: { message: 'enough' } })
  })

  test('that comes too late changes nothing', async () => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'x')))
    const stop = new AbortController()
    const client = connect(server)

    const answer = await client.send(get(server, { signal: stop.signal }))
    stop.abort()
    const next = await client.send(get(server))

    expect([answer.status, next.status]).toEqual([200, 200])
  })

  test('has no listeners left after any end', async () => {
    const server = await serve(({ socket, number }) => {
      if (number % 3 === 0) socket.destroy()
      else if (number % 3 === 1) socket.write(httpAnswer('200 OK', [], 'x'))
    })
    const client = connect(server, { connectionsPerOrigin: 2 })
    const { signal } = new AbortController()
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)

    const exchanges = Array.from({ length: 12 }, () => client.send(get(server, { signal, deadlineMs: 20 })))
    const outcomes = await Promise.allSettled(exchanges)
    await settled()
    process.off('warning', onWarning)

    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    expect(warnings).toEqual([])
  })
})

describe('closing the client', () => {
  test('ends what is under way, what waits, what connects and what comes later', async () => {
    const server = await serve(() => {})
    const slow = 'http://crm.contoso.test'
    const client = connect(server, {
      allowedOrigins: [server.origin, slow],
      connectionsPerOrigin: 1,
      lookup: () => {},
    })
    const exchanges = [get(server), get(server), get({ origin: slow })].map((request) =>
      failureOf(client.send(request)),
    )
    await seen(server, 1)

    await client.close()
    const errors = await Promise.all([...exchanges, failureOf(client.send(get(server)))])
    await closed(server)

    expect(errors.map(({ failure }) => failure)).toEqual(['aborted', 'aborted', 'aborted', 'aborted'])
    expect(errors.map(({ sent }) => sent)).toEqual([true, false, false, false])
    expect(server.requests).toHaveLength(1)
  })

  test('may be done twice, and before any request', async () => {
    const client = connect({ origin: 'http://crm.contoso.test' })

    await client.close()
    await client.close()
  })
})
