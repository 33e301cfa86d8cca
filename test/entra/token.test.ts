import { constants, createPublicKey, verify, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Credential } from '../../src/entra/credential.ts'
import { EntraError } from '../../src/entra/tenant.ts'
import { createTokenSource } from '../../src/entra/token.ts'
import { makeCertificate } from './certificates.ts'
import {
  type Answer,
  type Asked,
  CLIENT,
  clientOf,
  errorOf,
  fakeTime,
  never,
  serveTenant,
  TENANT,
} from './tenant-server.ts'

const SECRET: Credential = { type: 'Secret', secret: 'Abc~very-secret-value' }
const GOOD: Answer = { json: { token_type: 'Bearer', expires_in: 3599, access_token: 'opaque-token' } }

async function sourceOf(
  answer: (asked: Asked, number: number) => Answer | Promise<Answer>,
  credential: Credential = SECRET,
  deadlineMs?: number,
) {
  let number = 0
  const server = await serveTenant((asked) => answer(asked, ++number))
  const time = fakeTime()
  const source = createTokenSource({
    http: clientOf(server),
    cloud: 'Global',
    endpoints: { login: `${server.origin}/login`, graph: `${server.origin}/graph` },
    tenantId: TENANT,
    clientId: CLIENT,
    credential,
    now: time.now,
    ...(deadlineMs !== undefined && { deadlineMs }),
  })
  return { server, source, time }
}

function form(asked: Asked | undefined): URLSearchParams {
  return new URLSearchParams(asked?.text)
}

function partOf(jwt: string | null, index: number): unknown {
  return JSON.parse(Buffer.from(jwt?.split('.')[index] ?? '', 'base64url').toString('utf8'))
}

async function faultOf(promise: Promise<unknown>): Promise<EntraError> {
  const error = await errorOf(promise)
  if (!(error instanceof EntraError)) throw new Error('expected an EntraError', { cause: error })
  return error
}

describe('signing in', () => {
  it('with a secret is one POST to the token endpoint and nothing else, the real cloud included', async () => {
    const { source, server } = await sourceOf(() => GOOD)

    const token = await source.token(never)

    expect(token.value).toBe('opaque-token')
    expect(server.asked.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      `POST /login/${TENANT}/oauth2/v2.0/token`,
    ])
    expect(server.asked[0]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    const sent = form(server.asked[0])
    expect(sent.get('client_id')).toBe(CLIENT)
    expect(sent.get('client_secret')).toBe('Abc~very-secret-value')
    expect(sent.get('grant_type')).toBe('client_credentials')
    expect(sent.get('scope')).toContain('https://graph.microsoft.com/.default')
  })

  it('with a certificate sends an assertion that its public key verifies, for the endpoint that is asked', async () => {
    const certificate = makeCertificate('mailkeel')
    const { sha256, privateKeyPem, certificatePem: chainPem } = certificate
    const colons = sha256.toUpperCase().replace(/(..)(?!$)/g, '$1:')
    const { source, server } = await sourceOf(() => GOOD, {
      type: 'Certificate',
      privateKeyPem,
      sha256: colons,
      chainPem,
    })

    await source.token(never)

    const assertion = form(server.asked[0]).get('client_assertion')
    const [head = '', body = '', signature = ''] = assertion?.split('.') ?? []
    const key = createPublicKey(
      new X509Certificate(certificate.certificatePem).publicKey.export({ type: 'spki', format: 'pem' }),
    )
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    expect(verify('sha256', Buffer.from(`${head}.${body}`), pss, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(partOf(assertion, 0)).toMatchObject({
      alg: 'PS256',
      'x5t#S256': Buffer.from(sha256, 'hex').toString('base64url'),
      x5c: [certificate.base64],
    })
    expect(partOf(assertion, 1)).toMatchObject({
      aud: `${server.origin}/login/${TENANT}/oauth2/v2.0/token`,
      iss: CLIENT,
      sub: CLIENT,
    })
  })

  it('with a federated token reads the file for every sign-in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailkeel-federated-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'token')
    writeFileSync(file, 'aaa.bbb.ccc\n')
    const { source, server } = await sourceOf(() => GOOD, { type: 'FederatedToken', file })

    const first = await source.token(never)
    writeFileSync(file, 'ddd.eee.fff')
    await source.renew(first, undefined, never)

    expect(server.asked.map((asked) => form(asked).get('client_assertion'))).toEqual(['aaa.bbb.ccc', 'ddd.eee.fff'])
  })

  it('with a federated token that is none sends nothing', async () => {
    const { source, server } = await sourceOf(() => GOOD, { type: 'FederatedToken', file: '/nowhere/token' })

    const error = await faultOf(source.token(never))

    expect(error.code).toBe('Invalid')
    expect(error.message).toContain('/nowhere/token')
    expect(server.asked).toEqual([])
  })
})

describe('a token', () => {
  it('is asked for once by parallel callers, and kept', async () => {
    const { source, server } = await sourceOf(() => GOOD)

    await Promise.all([source.token(never), source.token(never), source.token(never)])
    await source.token(never)

    expect(server.asked).toHaveLength(1)
  })

  it('is renewed five minutes before its end', async () => {
    const { source, server, time } = await sourceOf(() => GOOD)

    await source.token(never)
    time.pass(3290_000)
    await source.token(never)
    expect(server.asked).toHaveLength(1)
    time.pass(10_000)
    await source.token(never)

    expect(server.asked).toHaveLength(2)
  })

  it('that is still good is used while the sign-in fails for a while', async () => {
    const { source, time } = await sourceOf((_, number) => (number === 1 ? GOOD : { status: 503 }))

    const first = await source.token(never)
    time.pass(3400_000)
    const second = await source.token(never)

    expect(second).toBe(first)
  })

  it('that was refused with claims is asked for anew with them, once for all who were refused', async () => {
    const { source, server } = await sourceOf((_, number) => ({
      json: { token_type: 'Bearer', expires_in: '3599', access_token: `token-${number}` },
    }))
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'

    const first = await source.token(never)
    const renewed = await Promise.all([source.renew(first, claims, never), source.renew(first, claims, never)])

    expect(renewed.map(({ value }) => value)).toEqual(['token-2', 'token-2'])
    expect(server.asked).toHaveLength(2)
    expect(JSON.parse(form(server.asked[1]).get('claims') ?? '')).toMatchObject(JSON.parse(claims))
  })

  it('is not waited for by who gave up, and still comes to the others', async () => {
    let answer: (value: Answer) => void = () => {}
    const answered = new Promise<Answer>((resolve) => {
      answer = resolve
    })
    const { source } = await sourceOf(() => answered)
    const impatient = new AbortController()

    const leaving = source.token(impatient.signal)
    const staying = source.token(never)
    impatient.abort()
    const error = await faultOf(leaving)
    answer(GOOD)

    expect(error.code).toBe('Cancelled')
    expect((await staying).value).toBe('opaque-token')
  })
})

const oauth = (error: string, number: number, status = 401): Answer => ({
  status,
  json: {
    error,
    error_description: `AADSTS${number}: Something in a language.`,
    error_codes: [number],
    trace_id: 'trace-id-1',
    correlation_id: 'c',
    timestamp: '2026-09-01 00:00:00Z',
    error_uri: 'https://login.microsoftonline.com/error',
  },
})

describe('a sign-in that fails', () => {
  const rows: readonly { reason: string; answer: Answer; code: string; says: RegExp }[] = [
    {
      reason: 'a wrong secret',
      answer: oauth('invalid_client', 7000215),
      code: 'SignInRefused',
      says: /secret is wrong/,
    },
    { reason: 'an ended secret', answer: oauth('invalid_client', 7000222), code: 'SignInRefused', says: /has expired/ },
    {
      reason: 'an unknown application',
      answer: oauth('unauthorized_client', 700016, 400),
      code: 'SignInRefused',
      says: /clientId/,
    },
    {
      reason: 'an unknown certificate',
      answer: oauth('invalid_client', 700027),
      code: 'SignInRefused',
      says: /upload/,
    },
    { reason: 'an unknown number', answer: oauth('invalid_client', 4711), code: 'SignInRefused', says: /AADSTS4711/ },
    {
      reason: 'an error at status 200',
      answer: oauth('invalid_client', 7000215, 200),
      code: 'SignInRefused',
      says: /secret/,
    },
    {
      reason: 'a tenant that is throttled',
      answer: oauth('invalid_request', 90055, 400),
      code: 'Throttled',
      says: /wait/,
    },
    { reason: 'a fault that passes', answer: oauth('invalid_request', 90033, 400), code: 'Unavailable', says: /now/ },
    {
      reason: '200 without a token',
      answer: { json: { token_type: 'Bearer', expires_in: 3599 } },
      code: 'Malformed',
      says: /without a token/,
    },
    { reason: '200 without an end', answer: { json: { access_token: 'x' } }, code: 'Malformed', says: /how long/ },
    { reason: 'a page', answer: { text: '<html>' }, code: 'Malformed', says: /proxy/ },
    { reason: 'a page of a proxy', answer: { status: 403, text: '<html>' }, code: 'Malformed', says: /proxy/ },
    {
      reason: 'a redirect',
      answer: { status: 307, headers: { Location: '/elsewhere' } },
      code: 'Malformed',
      says: /redirect/,
    },
    { reason: 'a dropped connection', answer: { hangUp: true }, code: 'Unavailable', says: /signing in/ },
  ]

  it.each(rows)('$reason is $code, asked once, without a secret', async ({ answer, code, says }) => {
    const { source, server } = await sourceOf(() => answer)

    const error = await faultOf(source.token(never))

    expect(error.code).toBe(code)
    expect(error.effect).toBe('none')
    expect(error.message).toMatch(says)
    expect(error.message).not.toContain('very-secret-value')
    expect(server.asked).toHaveLength(1)
  })

  it('for the clock says by how much it is wrong', async () => {
    const { source } = await sourceOf(() => ({
      ...oauth('invalid_client', 700024),
      headers: { Date: 'Tue, 01 Sep 2026 00:20:00 GMT' },
    }))

    const error = await faultOf(source.token(never))

    expect(error.message).toContain('1200 seconds behind')
  })

  it('names the request', async () => {
    const { source } = await sourceOf(() => ({
      ...oauth('invalid_client', 7000215),
      headers: { 'x-ms-request-id': 'r-1' },
    }))

    const error = await faultOf(source.token(never))

    expect(error.requestId).toBe('r-1')
    expect(error.message).toContain('request-id r-1')
  })

  it('is not asked for again before the wait is over, and the first error stands until then', async () => {
    const { source, server, time } = await sourceOf((_, number) =>
      number === 1 ? { status: 429, headers: { 'Retry-After': '20.5' }, json: {} } : GOOD,
    )

    const first = await faultOf(source.token(never))
    time.pass(20_000)
    const second = await faultOf(source.token(never))
    expect(server.asked).toHaveLength(1)
    time.pass(500)
    const token = await source.token(never)

    expect(first).toMatchObject({ code: 'Throttled', retryAfterMs: 20_500 })
    expect(second).toMatchObject({ code: 'Throttled', retryAfterMs: 500 })
    expect(second.message).toContain('HTTP 429')
    expect(token.value).toBe('opaque-token')
  })

  it('without Retry-After is asked for again as soon as our own wait is over: the library locks nothing', async () => {
    const { source, server, time } = await sourceOf((_, number) => (number <= 2 ? { status: 503 } : GOOD))

    const first = await faultOf(source.token(never))
    time.pass(first.retryAfterMs ?? 0)
    const second = await faultOf(source.token(never))
    time.pass(second.retryAfterMs ?? 0)
    await source.token(never)

    expect(server.asked).toHaveLength(3)
  })

  it('because nobody answers ends at its deadline', async () => {
    const { source } = await sourceOf(() => ({ silent: true }), SECRET, 50)

    const error = await faultOf(source.token(never))

    expect(error.code).toBe('Unavailable')
  })
})
