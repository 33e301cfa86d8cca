import { constants, createHash, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SEEDED_CLIENTS } from '../../../src/simulator/entra/index.ts'
import { send } from '../wire/exchange.ts'
import { type Api, type Certificate, makeCertificate, NOW, startTenant } from './tenant.ts'

const ours = makeCertificate('mailkeel')
const expired = makeCertificate('mailkeel', '2024-01-01', '2025-01-01')
const stranger = makeCertificate('stranger')
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface Wanted {
  readonly alg?: string
  readonly thumbprint?: 'x5t#S256' | 'x5t'
  readonly claims?: object
  readonly by?: Certificate
}

/** An assertion as Microsoft's library makes it. */
function assertionOf(
  api: Api,
  { alg = 'PS256', thumbprint = 'x5t#S256', claims = {}, by = ours }: Wanted = {},
): string {
  const hash = thumbprint === 'x5t' ? 'sha1' : 'sha256'
  const header = { alg, typ: 'JWT', [thumbprint]: createHash(hash).update(by.der).digest('base64url') }
  const seconds = NOW.getTime() / 1000
  const aud = `https://login.microsoftonline.com/${api.entra.tenant.tenantId}/oauth2/v2.0/token`
  const id = { iss: SEEDED_CLIENTS.writing, sub: SEEDED_CLIENTS.writing, jti: 'one' }
  const payload = { aud, ...id, nbf: seconds, exp: seconds + 600, ...claims }
  const content = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const padding =
    alg === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : { padding: constants.RSA_PKCS1_PADDING }
  const signature = sign('sha256', Buffer.from(content), { key: by.privateKey, ...padding })
  return `${content}.${signature.toString('base64url')}`
}

function signInWith(api: Api, client_assertion: string) {
  return api.signIn({ client_assertion, client_assertion_type: JWT_BEARER })
}

const certificates = [ours.base64, expired.base64]

describe('the sign-in', () => {
  it('gives a token that tells tenant, application, permissions, audience and end', async () => {
    const api = await startTenant()

    const answer = await api.signIn({ client_id: SEEDED_CLIENTS.reading, client_secret: 'simulator-secret' })

    const { token_type, expires_in, access_token } = answer.json()
    const payload = JSON.parse(Buffer.from(String(access_token).split('.')[1] ?? '', 'base64url').toString()) as object
    expect([answer.status, token_type, expires_in]).toEqual([200, 'Bearer', 3599])
    expect(payload).toMatchObject({
      aud: 'https://graph.microsoft.com',
      tid: api.entra.tenant.tenantId,
      appid: SEEDED_CLIENTS.reading,
      exp: NOW.getTime() / 1000 + 3599,
    })
    expect(payload).toHaveProperty('roles', expect.not.arrayContaining(['Application.ReadWrite.All']))
  })

  it('signs tokens with the key that its documents lead to', async () => {
    const api = await startTenant()
    const base = `${api.entra.loginUrl}/${api.entra.tenant.tenantId}`

    const document = (await send(`${base}/v2.0/.well-known/openid-configuration`)).json()
    const keys = (await send(String(document['jwks_uri']))).json()['keys'] as readonly JsonWebKey[]
    const [head, body, signature = ''] = (await api.token()).split('.')

    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
    const signed = Buffer.from(`${head}.${body}`)
    expect(document).toMatchObject({ issuer: `${base}/v2.0`, token_endpoint: `${base}/oauth2/v2.0/token` })
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  it('knows the tenant by each of its domains', async () => {
    const api = await startTenant()

    const answer = await api.signIn({ client_secret: 'simulator-secret' }, 'contoso.onmicrosoft.com')

    expect(answer.status).toBe(200)
  })

  it.each<Wanted & { reason: string }>([
    { reason: 'SHA-256 thumbprint and PSS' },
    { reason: 'SHA-1 thumbprint and PKCS 1', alg: 'RS256', thumbprint: 'x5t' },
  ])('takes an assertion with $reason, and the same one again', async (wanted) => {
    const api = await startTenant({ certificates })
    const assertion = assertionOf(api, wanted)

    const first = await signInWith(api, assertion)
    const second = await signInWith(api, assertion)

    expect([first.status, second.status]).toEqual([200, 200])
  })

  it('takes an assertion for its own address, where the client was told that one', async () => {
    const api = await startTenant({ certificates })
    const aud = `${api.entra.loginUrl}/${api.entra.tenant.tenantId}/oauth2/v2.0/token`

    const answer = await signInWith(api, assertionOf(api, { claims: { aud } }))

    expect(answer.status).toBe(200)
  })

  it.each<Wanted & { reason: string; number: number; error?: string }>([
    { reason: 'a certificate that is not registered', by: stranger, number: 700027 },
    { reason: 'a certificate that has ended', by: expired, number: 700027 },
    {
      reason: 'another audience',
      claims: { aud: 'https://login.microsoftonline.us/x' },
      number: 50027,
      error: 'invalid_request',
    },
    { reason: 'another issuer', claims: { iss: SEEDED_CLIENTS.reading }, number: 50027, error: 'invalid_request' },
    { reason: 'an end that has passed', claims: { exp: NOW.getTime() / 1000 - 900 }, number: 700024 },
    { reason: 'a beginning that is to come', claims: { nbf: NOW.getTime() / 1000 + 900 }, number: 700024 },
    { reason: 'another algorithm', alg: 'HS256', number: 7000277 },
  ])('refuses an assertion with $reason', async ({ number, error = 'invalid_client', ...wanted }) => {
    const api = await startTenant({ certificates })

    const answer = await signInWith(api, assertionOf(api, wanted))

    expect(answer.json()).toMatchObject({ error, error_codes: [number] })
  })

  it('refuses an assertion that names our certificate and was signed by another', async () => {
    const api = await startTenant({ certificates })
    const [head = ''] = assertionOf(api).split('.')
    const [, body = '', signature = ''] = assertionOf(api, { by: stranger }).split('.')

    const answer = await signInWith(api, `${head}.${body}.${signature}`)

    expect(answer.json()).toMatchObject({ error: 'invalid_client', error_codes: [50012] })
  })

  it('takes a registered token of another issuer as it is', async () => {
    const api = await startTenant()
    const application = api.entra.tenant.applications.get(SEEDED_CLIENTS.writing)
    if (application) application.federatedTokens = ['projected-token']

    const good = await signInWith(api, 'projected-token')
    const bad = await signInWith(api, 'other-token')

    expect([good.status, bad.json()['error']]).toEqual([200, 'invalid_request'])
  })

  it.each<{
    reason: string
    form: Record<string, string>
    tenant?: string
    status: number
    error: string
    number: number
  }>([
    { reason: 'a wrong secret', form: { client_secret: 'x' }, status: 401, error: 'invalid_client', number: 7000215 },
    { reason: 'no credential', form: {}, status: 401, error: 'invalid_client', number: 7000218 },
    {
      reason: 'an unknown application',
      form: { client_id: 'x', client_secret: 'x' },
      status: 400,
      error: 'unauthorized_client',
      number: 700016,
    },
    {
      reason: 'an unknown tenant',
      form: { client_secret: 'simulator-secret' },
      tenant: 'fabrikam.com',
      status: 400,
      error: 'invalid_request',
      number: 90002,
    },
    {
      reason: 'a scope that is none',
      form: { client_secret: 'simulator-secret', scope: 'User.Read' },
      status: 400,
      error: 'invalid_scope',
      number: 70011,
    },
    {
      reason: 'the Graph of another cloud',
      form: { client_secret: 'simulator-secret', scope: 'https://graph.microsoft.us/.default' },
      status: 400,
      error: 'invalid_resource',
      number: 500011,
    },
    {
      reason: 'another grant',
      form: { client_secret: 'simulator-secret', grant_type: 'password' },
      status: 400,
      error: 'unsupported_grant_type',
      number: 70003,
    },
  ])('refuses $reason with everything that an error tells', async ({ form, tenant, status, error, number }) => {
    const api = await startTenant()

    const answer = await api.signIn(form, tenant)

    expect(answer.status).toBe(status)
    expect(answer.json()).toEqual({
      error,
      error_description: expect.stringContaining(`AADSTS${number}: `),
      error_codes: [number],
      timestamp: '2026-11-23 08:00:00Z',
      trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
    })
  })

  it('refuses a secret that has ended', async () => {
    const api = await startTenant()
    api.advance(400 * 86_400_000)

    const answer = await api.signIn({ client_secret: 'simulator-secret' })

    expect(answer.json()).toMatchObject({ error_codes: [7000222] })
  })

  it('finds an assertion out of its time where the clocks differ', async () => {
    const api = await startTenant({ certificates })
    api.entra.setClockSkewMs(20 * 60_000)

    const answer = await signInWith(api, assertionOf(api))

    expect(answer.json()).toMatchObject({ error_codes: [700024] })
    expect(answer.headers['date']).toBe('Mon, 23 Nov 2026 08:20:00 GMT')
  })

  it('never writes values of a form into its log', async () => {
    const api = await startTenant()

    await api.token()

    expect(JSON.stringify(api.entra.requests())).not.toContain('simulator-secret')
    expect(api.entra.requests()[0]).toMatchObject({
      operation: 'sign-in',
      clientId: SEEDED_CLIENTS.writing,
      status: 200,
    })
  })
})
