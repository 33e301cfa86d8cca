import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createHttpClient } from '../../src/network/http-client.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { closeAfterTest, connect, failureOf, get, serve } from './client-and-server.ts'
import { type ConnectProxyOptions, startConnectProxy } from './connect-proxy.ts'
import { manualTime, settled } from './manual-time.ts'
import { httpAnswer, startWireServer } from './wire-server.ts'

const ORIGIN = 'http://crm.contoso.test:8080'

async function startProxy(options: Partial<ConnectProxyOptions> = {}) {
  const server = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'x')))
  const hosts = { 'crm.contoso.test:8080': server.port }
  return { server, proxy: closeAfterTest(await startConnectProxy({ hosts, ...options })) }
}

describe('a proxy', () => {
  test('is asked for a tunnel, by name, and never resolves it here', async () => {
    const { server, proxy } = await startProxy()
    const client = connect(
      { origin: ORIGIN },
      {
        proxy: { url: proxy.url },
        lookup: () => {
          throw new Error('looked up')
        },
      },
    )

    const answer = await client.send(get({ origin: ORIGIN }))

    expect(answer.body.toString()).toBe('x')
    expect(proxy.asked.map(({ url }) => url)).toEqual(['crm.contoso.test:8080'])
    expect(proxy.asked[0]?.headers).toEqual({ host: 'crm.contoso.test:8080' })
    expect(server.requests[0]?.head).toContain('host: crm.contoso.test:8080')
  })

  test('gets its credentials, and the server behind it does not', async () => {
    const { server, proxy } = await startProxy()
    const credentials = { username: 'svc:ö', password: CANARY_SECRET }
    const expected = Buffer.from(`svc:ö:${CANARY_SECRET}`).toString('base64')
    const client = connect({ origin: ORIGIN }, { proxy: { url: proxy.url, ...credentials } })

    await client.send(get({ origin: ORIGIN }))

    expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${expected}`)
    expect(server.requests[0]?.head).not.toMatch(/proxy-/i)
  })

  test('keeps its tunnels for the next request', async () => {
    const { proxy, server } = await startProxy()
    const client = connect({ origin: ORIGIN }, { proxy: { url: proxy.url }, connectionsPerOrigin: 1 })

    for (let request = 0; request < 4; request += 1) await client.send(get({ origin: ORIGIN }))

    expect(server.requests).toHaveLength(4)
    expect(proxy.asked).toHaveLength(1)
  })

  test.each([
    { noProxy: ['contoso.test'], reason: 'a host on the no-proxy list', host: 'crm.contoso.test' },
    { noProxy: [], reason: 'loopback', host: '127.0.0.1' },
  ])('is not asked for $reason', async ({ noProxy, host }) => {
    const { proxy, server } = await startProxy()
    const origin = `http://${host}:${server.port}`
    const client = connect(
      { origin },
      {
        proxy: { url: proxy.url },
        noProxy,
        lookup: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      },
    )

    const answer = await client.send(get({ origin }))

    expect(answer.status).toBe(200)
    expect(proxy.asked).toHaveLength(0)
  })

  test.each([
    { bytes: 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', reason: 'wrong credentials', says: '407' },
    { bytes: 'HTTP/1.1 403 Forbidden\r\n\r\n<html>', reason: 'forbidden', says: '403' },
    { bytes: 'HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n', reason: 'a sign-in page', says: '302' },
    { bytes: 'SSH-2.0\r\n\r\n', reason: 'another protocol', says: 'did not answer' },
    { bytes: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`, reason: 'headers without end', says: 'did not answer' },
    {
      bytes: 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
      reason: 'an answer of its own',
      says: 'into the tunnel',
    },
    { bytes: '', reason: 'nothing', says: 'closed the connection' },
    { bytes: 'HTTP/1.1 200 O', reason: 'half a line', says: 'closed the connection' },
  ])('that answers with $reason is a proxy failure, with nothing sent', async ({ bytes, says }) => {
    const { proxy, server } = await startProxy({ answer: (socket) => socket.end(bytes) })
    const client = connect({ origin: ORIGIN }, { proxy: { url: proxy.url, username: 'a', password: CANARY_SECRET } })

    const error = await failureOf(client.send(get({ origin: ORIGIN })))

    expect(error).toMatchObject({ failure: 'proxy', sent: false })
    expect(error.message).toContain(says)
    expect(inspect(error)).not.toContain(CANARY_SECRET)
    expect(inspect(error)).not.toContain(Buffer.from(`a:${CANARY_SECRET}`).toString('base64'))
    expect(server.connections).toHaveLength(0)
  })

  test('that is not there is refused', async () => {
    const gone = await startWireServer(() => {})
    await gone.close()
    const client = connect({ origin: ORIGIN }, { proxy: { url: gone.origin } })

    const error = await failureOf(client.send(get({ origin: ORIGIN })))

    expect(error).toMatchObject({ failure: 'proxy', sent: false })
    expect(error.message).toBe('GET crm.contoso.test:8080/org/api: the proxy cannot be reached (ECONNREFUSED)')
  })

  test('that never answers is bounded by the time for connecting', async () => {
    const time = manualTime()
    const { proxy } = await startProxy({ answer: () => {} })
    const client = connect(
      { origin: ORIGIN },
      { proxy: { url: proxy.url }, schedule: time.schedule, connectTimeoutMs: 100, deadlineMs: 1000 },
    )

    const exchange = failureOf(client.send(get({ origin: ORIGIN })))
    while (proxy.asked.length === 0) await settled()
    await time.advance(100)

    expect(await exchange).toMatchObject({ failure: 'timeout', sent: false })
  })

  test.each([
    { url: 'http://ann:secret@proxy.test:8080', reason: 'credentials in the URL' },
    { url: 'socks5://proxy.test', reason: 'another protocol' },
    { url: 'proxy.test:8080', reason: 'no URL' },
  ])('with $reason is refused at once, without being quoted', ({ url }) => {
    const create = () => createHttpClient({ allowedOrigins: [ORIGIN], userAgent: 'x', proxy: { url } })

    expect(create).toThrow(TypeError)
    expect(create).not.toThrow(/secret|proxy\.test/)
  })
})
