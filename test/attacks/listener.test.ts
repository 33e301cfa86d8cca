import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Running, running, SAMPLE_ROUTES, TOKEN } from '../daemon/http/harness.ts'
import { deliveries, SECRET, WEBHOOKS } from '../daemon/http/webhooks/deliveries.ts'

afterEach(() => vi.restoreAllMocks())

/** Writes bytes as they are and gives back what comes until the other side closes. */
function raw(place: Running, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(place.listener.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    for (const piece of pieces) socket.write(piece)
  })
}

const HOOK = 'POST /hooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\n'

describe('A14: a webhook that is huge, malformed or odd', () => {
  it.each([
    ['says so in its length', [`${HOOK}Content-Length: 999999999\r\n\r\n`]],
    ['streams without end', [`${HOOK}Transfer-Encoding: chunked\r\n\r\n`, ...endless()]],
  ])('is cut at 256 KiB where it %s', async (_name, pieces) => {
    const place = await running({ webhooks: WEBHOOKS })

    const answer = await raw(place, ...pieces)

    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(place.hints).toEqual([])
  })

  it('is never parsed: what is no JSON, and what would be a trap, is only a hint', async () => {
    const place = await running({ webhooks: WEBHOOKS })
    const parse = vi.spyOn(JSON, 'parse')
    const bodies = [
      '',
      '{',
      '['.repeat(100_000),
      '{"__proto__":{"a":1}}',
      '{"repository":null,"commits":7}',
      '\u0000\ufffd',
    ]

    const statuses: number[] = []
    for (const body of bodies) {
      const { status } = await place.ask('/hooks/github', { method: 'POST', ...deliveries.GitHub(body) })
      statuses.push(status)
    }

    expect(statuses).toEqual(bodies.map(() => 202))
    expect(parse).not.toHaveBeenCalled()
  })

  it('cannot reach the loop with what its handler throws', async () => {
    const place = await running(
      { webhooks: WEBHOOKS },
      {
        hint() {
          throw new Error(`boom, token=${SECRET}`)
        },
      },
    )

    const answer = await place.ask('/hooks/github', { method: 'POST', ...deliveries.GitHub('{}') })

    expect(answer.status).toBe(202)
    expect(JSON.stringify(place.log)).not.toContain(SECRET)
    expect((await place.ask('/healthz')).status).toBe(200)
  })
})

describe('A15: the secret of a webhook', () => {
  it.each([
    ['a prefix of the right signature', (hex: string) => `sha256=${hex.slice(0, 40)}`],
    ['a longer one', (hex: string) => `sha256=${hex}00`],
    ['nothing but the prefix', () => 'sha256='],
    ['an empty one', () => ''],
    ['the signature without its prefix', (hex: string) => hex],
    ['text that is no hexadecimal', () => `sha256=${'é'.repeat(64)}`],
  ])('is compared as a whole: %s is as wrong as any other', async (_name, change) => {
    const place = await running({ webhooks: WEBHOOKS })
    const right = String(deliveries.GitHub('{}').headers?.['x-hub-signature-256']).slice(7)
    const header = Buffer.from(change(right), 'utf8').toString('latin1')

    const answer = await place.ask('/hooks/github', {
      method: 'POST',
      body: '{}',
      headers: { 'x-hub-signature-256': header },
    })

    expect([answer.status, answer.json(), place.hints]).toEqual([
      401,
      { error: { code: 'NotProven', message: expect.any(String) } },
      [],
    ])
    expect(JSON.stringify(place.log) + answer.text).not.toContain(SECRET)
  })
})

describe('A16: a webhook or a request cannot make mailkeel ask another host', () => {
  it('asks nobody, whatever the body and the headers name', async () => {
    const place = await running({ webhooks: WEBHOOKS, token: { env: 'TOKEN' } })
    const victim = await running()
    const url = `http://127.0.0.1:${victim.listener.port}/`
    const asked = vi.spyOn(SAMPLE_ROUTES[0] ?? { handle: () => {} }, 'handle')
    const body = JSON.stringify({ repository: { clone_url: url, hooks_url: url } })

    await place.ask('/hooks/github', { method: 'POST', ...deliveries.GitHub(body) })
    await place.ask('/', {
      headers: { 'x-forwarded-host': `127.0.0.1:${victim.listener.port}`, forwarded: `host=${url}` },
    })
    const proxied = await raw(place, `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)

    expect(proxied).not.toContain('<h1>page</h1>')
    expect(asked).not.toHaveBeenCalled()
  })
})

describe('a hostile request', () => {
  it.each([
    ['/../../etc/passwd', 404],
    ['/..%2f..%2fetc%2fpasswd', 404],
    ['/%2e%2e/%2e%2e/etc/passwd', 404],
    ['//evil.example/', 404],
    ['/api/v1/%ff', 400],
    ['/api/v1/objects/%00', 200],
    ['/api/v1/objects/__proto__?limit=5', 200],
    ['/api/v1/objects/x?__proto__[a]=1&constructor[prototype][a]=1&limit=5', 200],
    ['/api/v1/objects/x?limit=NaN', 400],
    ['/api/v1/objects/x?limit=501', 400],
    ['/api/v1/objects/x?limit=1&limit=2', 400],
    [`/api/v1/objects/${'x'.repeat(3000)}`, 414],
    [`/${'x'.repeat(20_000)}`, 400],
    ['/API/V1/OVERVIEW', 404],
    ['/api/v1/overview/', 404],
  ])('for %s is answered with %i, and changes nothing', async (path, status) => {
    const place = await running()

    const answer = await place.ask(path)

    expect(answer.status).toBe(status)
    expect(Object.prototype).not.toHaveProperty('a')
    expect(answer.text).not.toContain('root:')
    if (status === 404) expect(answer.json()).toMatchObject({ error: { code: 'NotFound' } })
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])(
    'by %s finds nothing: everything is read-only',
    async (method) => {
      const place = await running()

      const answers = await Promise.all(
        place.listener.routes.map(({ url }) =>
          place.ask(url.replace(/:\w+/g, 'x'), { method, headers: { 'sec-fetch-site': 'same-origin' } }),
        ),
      )

      expect(answers.filter(({ status }) => status < 400)).toEqual([])
    },
  )

  it('cannot put a header into an answer', async () => {
    const place = await running({ token: { env: 'TOKEN' } })

    const turned = await place.ask('/?a=%0d%0aSet-Cookie:%20x=1', { headers: { accept: 'text/html' } })
    const signIn = await place.ask('/sign-in?to=/%0d%0aSet-Cookie:%20x=1')

    expect([turned.status, turned.headers['set-cookie']]).toEqual([302, undefined])
    expect([signIn.status, signIn.headers['set-cookie']]).toEqual([200, undefined])
  })

  it.each([
    ['two lengths', `${HOOK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    ['a length and chunks', `${HOOK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a header with a line break inside', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\n b\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['no HTTP', 'hello\r\n\r\n'],
    ['too many header bytes', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
  ])('with %s is cut', async (_name, text) => {
    const place = await running({ webhooks: WEBHOOKS })

    expect(await raw(place, text)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
    expect(place.hints).toEqual([])
  })

  it.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
    ['a body', `${HOOK}Content-Length: 10\r\n\r\nabc`],
  ])('that never ends its %s is cut in time', async (_name, text) => {
    const place = await running({ webhooks: WEBHOOKS }, { limits: { headersMs: 300, requestMs: 600 } })

    const answer = await raw(place, text)

    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
  })

  it('is refused where too many came from its address in a minute, whatever it says of itself; health stays', async () => {
    const place = await running({ requestsPerMinute: 5, token: { env: 'TOKEN' } })
    const statuses: number[] = []

    for (let n = 0; n < 7; n += 1) {
      const headers = { 'x-forwarded-for': `10.0.0.${n}`, authorization: `Bearer guess-number-${n}-of-the-token` }
      statuses.push((await place.ask(n % 2 === 0 ? '/api/v1/people' : '/nothing', { headers })).status)
    }
    const owner = await place.ask('/api/v1/people', { headers: { authorization: `Bearer ${TOKEN}` } })

    expect(statuses).toEqual([401, 404, 401, 404, 401, 429, 429])
    expect([owner.status, owner.json()]).toMatchObject([429, { error: { code: 'TooManyRequests' } }])
    expect((await place.ask('/healthz')).status).toBe(200)
  })

  it('is told an id where something broke, and the log has the rest without secrets', async () => {
    const place = await running()

    const answer = await place.ask('/api/v1/broken')

    expect([answer.status, answer.json()]).toEqual([
      500,
      { error: { code: 'InternalError', message: 'something went wrong here; the log has it as id-1' } },
    ])
    expect(place.log).toEqual([
      {
        level: 'error',
        message: 'a request failed',
        fields: expect.objectContaining({ id: 'id-1', route: '/api/v1/broken', method: 'GET' }),
      },
    ])
  })

  it('finds no secret in anything that is answered', async () => {
    const place = await running({ token: { env: 'TOKEN' }, webhooks: WEBHOOKS })

    const answers = await Promise.all(
      place.listener.routes
        .filter(({ url }) => url !== '/api/v1/events')
        .map(({ method, url }) =>
          place.ask(url.replace(/:\w+/g, 'x'), { method, headers: { 'sec-fetch-site': 'same-origin' } }),
        ),
    )

    expect(JSON.stringify(answers.map(({ text, headers }) => [text, headers]))).not.toContain(TOKEN)
  })
})

function endless(): readonly Buffer[] {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 'x'), Buffer.from('\r\n')])
  return Array.from({ length: 8 }, () => chunk)
}
