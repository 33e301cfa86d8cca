import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHttpClient } from '../../src/network/http-client.ts'
import { needs } from '../setup/needs.ts'
import { type Authority, createAuthority, type Identity } from './certificates.ts'
import { closeAfterTest, connect, failureOf, get, serve } from './client-and-server.ts'
import { startConnectProxy } from './connect-proxy.ts'
import { manualTime, settled } from './manual-time.ts'
import { httpAnswer, startWireServer, type WireServer } from './wire-server.ts'

needs('openssl')('TLS', () => {
  let authority: Authority
  let identity: Identity

  beforeAll(() => {
    authority = createAuthority()
    identity = authority.issue('DNS:crm.contoso.test,IP:127.0.0.1')
  })

  afterAll(() => authority.dispose())

  async function serveTls(tls: object = {}): Promise<WireServer> {
    const answer = await startWireServer(({ socket }) => socket.write(httpAnswer('200 OK', [], 'safe')), {
      ...identity,
      ...tls,
    })
    return closeAfterTest(answer)
  }

  test('trusts a private authority beside the usual ones', async () => {
    const server = await serveTls()

    const answer = await connect(server, { caPem: authority.caPem }).send(get(server))

    expect(answer.body.toString()).toBe('safe')
  })

  test('trusts each of several authorities in one file, with text between them', async () => {
    const other = createAuthority()
    const server = await serveTls()
    const caPem = `# first\n${other.caPem}\n# second\r\n${authority.caPem.replaceAll('\n', '\r\n')}`
    other.dispose()

    const answer = await connect(server, { caPem }).send(get(server))

    expect(answer.status).toBe(200)
  })

  test('asks for the name it wants, and verifies it', async () => {
    const names: string[] = []
    const server = await serveTls({
      SNICallback: (name: string, done: (error: null) => void) => {
        names.push(name)
        done(null)
      },
    })
    const origin = `https://crm.contoso.test:${server.port}`
    const client = connect(
      { origin },
      { caPem: authority.caPem, lookup: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) },
    )

    const answer = await client.send(get({ origin }))

    expect(answer.status).toBe(200)
    expect(names).toEqual(['crm.contoso.test'])
  })

  describe('refuses, with nothing sent,', () => {
    const environment = process.env['NODE_TLS_REJECT_UNAUTHORIZED']

    afterEach(() => {
      if (environment === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = environment
    })

    test('an authority that it does not know', async () => {
      const server = await serveTls()

      const error = await failureOf(connect(server).send(get(server)))

      expect(error).toMatchObject({ failure: 'tls', sent: false })
      expect(server.requests).toHaveLength(0)
    })

    test('an authority that it does not know, even where the environment says otherwise', async () => {
      const server = await serveTls()
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'

      const error = await failureOf(connect(server).send(get(server)))

      expect(error).toMatchObject({ failure: 'tls', sent: false })
    })

    test('a certificate for another name', async () => {
      const server = await serveTls(authority.issue('DNS:other.contoso.test'))

      const error = await failureOf(connect(server, { caPem: authority.caPem }).send(get(server)))

      expect(error).toMatchObject({ failure: 'tls', sent: false })
      expect(error.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
    })

    test('a certificate that has expired', async () => {
      const server = await serveTls(authority.issue('IP:127.0.0.1', { isExpired: true }))

      const error = await failureOf(connect(server, { caPem: authority.caPem }).send(get(server)))

      expect(error).toMatchObject({ failure: 'tls', sent: false })
      expect(error.message).toContain('CERT_HAS_EXPIRED')
    })

    test('a server that speaks no TLS', async () => {
      const server = await serve(() => {})
      const origin = `https://127.0.0.1:${server.port}`

      const exchange = failureOf(connect({ origin }).send(get({ origin })))
      while (server.connections.length === 0) await settled()
      server.connections[0]?.end('HTTP/1.1 400 Bad Request\r\n\r\n')

      expect(await exchange).toMatchObject({ failure: 'tls', sent: false })
    })

    test('a server that hangs up within the handshake', async () => {
      const server = await serve(() => {})
      const origin = `https://127.0.0.1:${server.port}`

      const exchange = failureOf(connect({ origin }).send(get({ origin })))
      while (server.connections.length === 0) await settled()
      server.connections[0]?.destroy()

      expect(await exchange).toMatchObject({ failure: 'tls', sent: false })
    })

    test('a handshake that takes too long', async () => {
      const time = manualTime()
      const server = await serve(() => {})
      const origin = `https://127.0.0.1:${server.port}`
      const client = connect({ origin }, { schedule: time.schedule, connectTimeoutMs: 100, deadlineMs: 1000 })

      const exchange = failureOf(client.send(get({ origin })))
      while (server.connections.length === 0) await settled()
      await time.advance(100)

      expect(await exchange).toMatchObject({ failure: 'timeout', sent: false })
      const [socket] = server.connections
      if (socket && !socket.closed) await once(socket, 'close')
    })
  })

  test('works through a proxy, and through a proxy that is reached over TLS itself', async () => {
    const server = await serveTls()
    const hosts = { 'crm.contoso.test:443': server.port }
    const plain = closeAfterTest(await startConnectProxy({ hosts }))
    const secure = closeAfterTest(await startConnectProxy({ hosts, tls: { ...identity } }))
    const origin = 'https://crm.contoso.test'

    for (const proxy of [plain, secure]) {
      const client = connect({ origin }, { caPem: authority.caPem, proxy: { url: proxy.url } })
      const answer = await client.send(get({ origin }))

      expect(answer.body.toString()).toBe('safe')
      expect(proxy.asked).toHaveLength(1)
    }
  })

  test('verifies the proxy and the server behind it each by its own name', async () => {
    const server = await serveTls(authority.issue('DNS:other.contoso.test'))
    const hosts = { 'crm.contoso.test:443': server.port }
    const proxy = closeAfterTest(await startConnectProxy({ hosts, tls: authority.issue('DNS:proxy.test') }))
    const origin = 'https://crm.contoso.test'
    const good = closeAfterTest(await startConnectProxy({ hosts, tls: { ...identity } }))

    const toProxy = connect(
      { origin },
      { caPem: authority.caPem, proxy: { url: proxy.url, password: 'x', username: 'y' } },
    )
    const toServer = connect({ origin }, { caPem: authority.caPem, proxy: { url: good.url } })

    expect(await failureOf(toProxy.send(get({ origin })))).toMatchObject({ failure: 'proxy', sent: false })
    expect(await failureOf(toServer.send(get({ origin })))).toMatchObject({ failure: 'tls', sent: false })
    expect(proxy.asked).toHaveLength(0)
    expect(server.requests).toHaveLength(0)
  })
})

describe('certificate authorities', () => {
  test.each([
    { caPem: '', reason: 'an empty file' },
    { caPem: 'secret text', reason: 'a file of something else' },
    { caPem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', reason: 'a certificate that is none' },
  ])('are refused at once where they are $reason, without being quoted', ({ caPem }) => {
    const create = () => createHttpClient({ allowedOrigins: [], userAgent: 'x', caPem })

    expect(create).toThrow(TypeError)
    expect(create).not.toThrow(/secret|AAAA/)
  })
})
