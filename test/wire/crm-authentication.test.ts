import { afterEach, describe, expect, test } from 'vitest'
import { bearer, CrmError, none } from '../../src/crm/index.ts'
import { readChallenges } from '../../src/crm/wire/headers.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { batch, clientOf, html, id, json, NEVER, part, probeAnswers, probeExchanges } from './crm-fixtures.ts'
import { playExchanges, type WrittenAnswer, type WrittenExchange } from './scripted-server.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function clientWith(exchanges: readonly WrittenExchange[], tokenSource: () => Promise<string>) {
  const server = await playExchanges(exchanges)
  const { client, http } = clientOf(server.origin, { identity: bearer(tokenSource), maximumConcurrency: 1 })
  closers.push(
    () => client.close(),
    () => http.close(),
    server.close,
  )
  return { server, client }
}

/** A source that gives these tokens one after the other, the last one for ever. */
function tokens(...values: readonly string[]): () => Promise<string> {
  let asked = 0
  return async () => values[Math.min(asked++, values.length - 1)] ?? ''
}

const AD: WrittenAnswer = {
  status: 401,
  headers: { 'content-type': 'text/plain', server: 'Microsoft-IIS/10.0', 'www-authenticate': ['NTLM', 'Negotiate'] },
  body: 'HTTP Error 401 - Unauthorized: Access is denied',
}
const IFD: WrittenAnswer = {
  status: 401,
  headers: {
    'www-authenticate': [
      'Bearer authorization_uri=https://adfs.contoso.com/adfs/oauth2/authorize, resource_id=https://org.crm.contoso.com/',
      'Negotiate',
      'NTLM',
    ],
  },
}
const SIGN_IN_PAGE = html(
  200,
  '<!DOCTYPE html><html><title>Sign In</title><form method="post" id="loginForm"></form></html>',
)
const SIGN_IN_REDIRECT: WrittenAnswer = {
  status: 302,
  headers: { location: 'https://adfs.contoso.com/adfs/ls/?wa=wsignin1.0&wtrealm=https%3a%2f%2forg.crm.contoso.com%2f' },
}

const REFUSALS = [
  { reason: 'Windows authentication', answer: AD, says: 'NTLM, Negotiate' },
  { reason: 'AD FS, its challenge unquoted beside others', answer: IFD, says: 'Bearer, Negotiate, NTLM' },
  { reason: 'a sign-in page', answer: SIGN_IN_PAGE, says: 'sign-in page' },
  { reason: 'a redirect to AD FS', answer: SIGN_IN_REDIRECT, says: 'sign-in page' },
  { reason: '401 that says nothing', answer: { status: 401 }, says: 'not accepted' },
  { reason: '401 as a web page', answer: html(401, '<html>401 - Unauthorized</html>'), says: 'not accepted' },
  {
    reason: '401 as JSON',
    answer: json({ error: { code: '0x80040204', message: 'ExpiredAuthTicket' } }, 401),
    says: 'not accepted',
  },
] as const

describe('an identity that is refused', () => {
  test.each(REFUSALS)('gets one fresh proof and goes on: $reason', async ({ answer }) => {
    const [who, details] = probeAnswers()
    const withToken = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

    const { server, client } = await clientWith(
      [
        { request: withToken('stale'), answer },
        { request: withToken('fresh'), answer: who },
        { request: withToken('fresh'), answer: details },
      ],
      tokens('stale', 'fresh'),
    )
    await client.reader().probe(NEVER)

    expect(server.problems()).toEqual([])
  })

  test.each(REFUSALS)('is given up when the fresh proof is refused too: $reason', async ({ answer, says }) => {
    const { server, client } = await clientWith([{ answer }, { answer }], tokens('stale', 'fresh'))

    const failure = await client
      .reader()
      .probe(NEVER)
      .catch((error: unknown) => error)

    expect(failure).toMatchObject({ name: 'CrmError', code: 'Unauthenticated', message: expect.stringContaining(says) })
    expect(server.problems(), 'asked twice, not for ever').toEqual([])
  })

  test.each(REFUSALS)('is given up at once when there is no other proof: $reason', async ({ answer }) => {
    const { server, client } = await clientWith([{ answer }], tokens('only'))

    await expect(client.reader().probe(NEVER)).rejects.toMatchObject({ code: 'Unauthenticated' })
    expect(server.problems()).toEqual([])
  })

  test('in the middle of writing is refreshed, and what was refused is sent again', async () => {
    const exchanges = [
      ...probeExchanges(),
      { answer: AD },
      { request: { headers: { authorization: 'Bearer fresh' } }, answer: batch([part('204 No Content')]) },
    ]
    const { server, client } = await clientWith(exchanges, tokens('stale', 'stale', 'stale', 'fresh'))
    const results = []

    const operation = { ref: 'a', kind: 'update-mailbox', id: id('mbox', 1), patch: { requestTest: true } } as const
    for await (const result of client.writer().write([operation], NEVER)) results.push(result)

    expect(results).toEqual([{ ref: 'a', outcome: 'done' }])
    expect(server.problems()).toEqual([])
  })

  test('in the middle of a set is refreshed, and the page is read', async () => {
    const exchanges = [
      ...probeExchanges(),
      { answer: IFD },
      { answer: json({ value: [{ teamid: id('team', 1), name: 'T' }] }) },
    ]
    const { server, client } = await clientWith(exchanges, tokens('stale', 'stale', 'stale', 'fresh'))

    expect((await client.reader().teams(NEVER)).rows.size).toBe(1)
    expect(server.problems()).toEqual([])
  })
})

describe('a secret', () => {
  test('is in the Authorization header and nowhere else', async () => {
    const echo = json(
      { error: { code: '', message: `Token Bearer ${CANARY_SECRET} has expired; token=${CANARY_SECRET}` } },
      403,
    )
    const { server, client } = await clientWith([{ answer: echo }], tokens(CANARY_SECRET))

    const failure = await client
      .reader()
      .probe(NEVER)
      .catch((error: unknown) => error)

    expect(server.requests[0]?.headers['authorization']).toBe(`Bearer ${CANARY_SECRET}`)
    expect(server.requests[0]?.url).not.toContain(CANARY_SECRET)
    expect(String(failure)).not.toContain(CANARY_SECRET)
    expect(failure).toMatchObject({ code: 'Forbidden' })
  })

  test.each([
    { reason: 'the source fails', source: () => Promise.reject(new Error(`no luck with ${CANARY_SECRET}`)) },
    { reason: 'it would break the header', source: async () => `${CANARY_SECRET}\r\nX-Evil: 1` },
    { reason: 'it is empty', source: async () => '' },
  ])('never leaves when $reason', async ({ source }) => {
    const { server, client } = await clientWith([], source)

    const failure = await client
      .reader()
      .probe(NEVER)
      .catch((error: unknown) => error)

    expect(failure).toMatchObject({ code: 'Unauthenticated' })
    expect((failure as Error).message).not.toContain(CANARY_SECRET)
    expect(server.requests).toHaveLength(0)
  })
})

test('a proof that cannot be refreshed is the end of the writing, not of the program', async () => {
  let asked = 0
  const { server, client } = await clientWith([...probeExchanges(), { answer: AD }], async () => {
    asked += 1
    if (asked > 3) throw new Error('the token service is away')
    return 'stale'
  })
  const results = []

  const operations = ['a', 'b'].map(
    (ref, index) => ({ ref, kind: 'update-mailbox', id: id('mbox', index), patch: { name: 'x' } }) as const,
  )
  for await (const result of client.writer().write(operations, NEVER)) results.push(result)

  expect(results).toMatchObject([
    { outcome: 'failed', code: 'Unauthenticated' },
    { outcome: 'failed', code: 'Unauthenticated' },
  ])
  expect(server.problems()).toEqual([])
})

test('a proof that takes until the caller gives up cancels', async () => {
  const abort = new AbortController()
  const { server, client } = await clientWith([], async () => {
    abort.abort(new Error('enough'))
    throw abort.signal.reason
  })
  const results = []

  for await (const result of client
    .writer()
    .write([{ ref: 'a', kind: 'update-mailbox', id: id('mbox', 1), patch: { name: 'x' } }], abort.signal))
    results.push(result)

  expect(results).toMatchObject([{ outcome: 'failed', code: 'Cancelled' }])
  expect(server.problems()).toEqual([])
})

describe('where an identity may be used', () => {
  const LOCAL = ['http://127.0.0.1:8080/Org', 'http://127.3.2.1', 'https://[::1]:8443/Org', 'http://localhost:5555/Org']
  const ELSEWHERE = [
    'https://crm.contoso.com/Org',
    'http://localhost.contoso.com/Org',
    'http://127.0.0.1.contoso.com',
    'http://128.0.0.1',
    'http://[::2]',
    'http://0.0.0.0',
    'not a url',
  ]

  test.each(LOCAL)('none at %s', (url) => {
    expect(() => none(url)).not.toThrow()
  })

  test.each(ELSEWHERE)('not none at %s', (url) => {
    expect(() => none(url)).toThrow(CrmError)
  })

  test('none made for this machine is not used for another', () => {
    expect(() => clientOf('https://crm.contoso.com', { identity: none('http://localhost') })).toThrow(
      /this machine only/,
    )
  })

  test('a bearer token is not sent over plain http to another machine', () => {
    const identity = bearer(tokens('t'))

    expect(() => clientOf('http://crm.contoso.com', { identity })).toThrow(/plain http/)
    expect(() => clientOf('https://crm.contoso.com', { identity })).not.toThrow()
  })
})

describe('challenges', () => {
  test('are read from several headers, unquoted and quoted', () => {
    expect(readChallenges({ 'www-authenticate': IFD.headers?.['www-authenticate'] })).toEqual({
      schemes: ['Bearer', 'Negotiate', 'NTLM'],
      bearer: {
        authorizationUri: 'https://adfs.contoso.com/adfs/oauth2/authorize',
        resourceId: 'https://org.crm.contoso.com/',
      },
    })
    expect(
      readChallenges({
        'www-authenticate': 'Negotiate, Bearer authorization_uri="https://login/x", resource_id="https://o/"',
      }),
    ).toEqual({
      schemes: ['Negotiate', 'Bearer'],
      bearer: { authorizationUri: 'https://login/x', resourceId: 'https://o/' },
    })
    expect(readChallenges({})).toEqual({ schemes: [] })
  })
})
