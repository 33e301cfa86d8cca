import { createVerify, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/git/address.ts'
import { gitHubApi, gitHubAppCredential } from '../../src/git/github-app.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import { createAuthority } from '../network/certificates.ts'
import { startWireServer, type WireRequest } from '../network/wire-server.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { NEVER } from './repository.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

test.each([
  ['https://github.com/contoso/mail.git', 'https://api.github.com'],
  ['https://contoso.ghe.com/contoso/mail.git', 'https://api.contoso.ghe.com'],
  ['https://github.contoso.com:8443/crm/mail', 'https://github.contoso.com:8443/api/v3'],
])('the API of %s is %s', (url, api) => {
  expect(gitHubApi(parseAddress(url))).toBe(api)
})

needs('openssl')('a GitHub App', () => {
  async function start(answer: (request: WireRequest) => { readonly status: string; readonly body: unknown }) {
    const authority = createAuthority()
    const server = await startWireServer((request) => {
      const { status, body } = answer(request)
      const text = JSON.stringify(body)
      request.socket.write(
        `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
      )
    }, authority.issue('IP:127.0.0.1'))
    const http = createHttpClient({ allowedOrigins: [server.origin], userAgent: 'test', caPem: authority.caPem })
    authority.dispose()
    let now = Date.parse('2026-11-23T12:00:00Z')
    const app = { appId: '123456', installationId: '7654321', privateKey: async () => privateKey }
    const address = parseAddress(`${server.origin}/contoso/mail.git`)
    const ask = gitHubAppCredential(app, { address, http, now: () => new Date(now) })
    return {
      server,
      ask: () => ask(NEVER),
      pass: (ms: number) => {
        now += ms
      },
      close: async () => {
        await http.close()
        await server.close()
      },
    }
  }
  const granted = { status: '201 Created', body: { token: CANARY_SECRET, expires_at: '2026-11-23T13:00:00Z' } }

  test('exchanges what it signs itself for a token that reads one repository, and keeps it until shortly before its end', async () => {
    const lab = await start(() => granted)

    const credential = await lab.ask()
    lab.pass(40 * 60_000)
    await lab.ask()
    const kept = lab.server.requests.length
    lab.pass(10 * 60_000)
    await lab.ask()
    await lab.close()

    expect(credential).toEqual({ type: 'Basic', userName: 'x-access-token', password: CANARY_SECRET })
    expect([kept, lab.server.requests.length]).toEqual([1, 2])
    const { head = '', body } = lab.server.requests[0] ?? {}
    expect(head).toContain('POST /api/v3/app/installations/7654321/access_tokens ')
    expect(JSON.parse(String(body))).toEqual({ repositories: ['mail'], permissions: { contents: 'read' } })
    const [, header = '', claims = '', signature = ''] =
      /^authorization: Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)\r?$/im.exec(head) ?? []
    expect(createVerify('sha256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true)
    const seconds = Date.parse('2026-11-23T12:00:00Z') / 1000
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iss: '123456',
      iat: seconds - 60,
      exp: seconds + 540,
    })
  })

  describe('that is refused', () => {
    test.each([
      { status: '401 Unauthorized', code: 'Unauthorized', says: /appId/ },
      { status: '404 Not Found', code: 'Unauthorized', says: /installationId/ },
      { status: '422 Unprocessable Entity', code: 'Unauthorized', says: /Contents: read/ },
      { status: '503 Service Unavailable', code: 'Unreachable', says: /503/ },
      { status: '201 Created', code: 'Broken', says: /without a token/ },
    ])('by $status is told with what to do', async ({ status, code, says }) => {
      const lab = await start(() => ({ status, body: { message: CANARY_SECRET } }))

      const failed = await lab.ask().catch((error: unknown) => error)
      await lab.close()

      expect(failed).toMatchObject({ code, message: expect.stringMatching(says) })
      expect(String(failed)).not.toContain(CANARY_SECRET)
    })
  })

  test('whose server is away is told as unreachable', async () => {
    const lab = await start(() => granted)
    await lab.close()

    await expect(lab.ask()).rejects.toMatchObject({ code: expect.stringMatching('Unreachable') })
  })
})
