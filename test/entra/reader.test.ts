import { describe, expect, it } from 'vitest'
import { makeCertificate } from './certificates.ts'
import { APP, keyRow, OBJECT, startDirectory } from './directory.ts'
import { type Answer, CLIENT, errorOf, graphError, never, TENANT } from './tenant-server.ts'

const ORGANIZATION = '/organization?$select=id,displayName,verifiedDomains'
const APPLICATION = `/applications(appId='${CLIENT}')?$select=passwordCredentials`

const certificate = makeCertificate('crm-s2s-2026')

function answering(path: string, answer: Answer) {
  return { before: (asked: { path: string }) => (asked.path === path ? answer : undefined) }
}

describe('a reader', () => {
  it('tells a principal with the fingerprints of its certificates', async () => {
    const keys = [
      keyRow(certificate, { keyId: 'k1' }),
      keyRow(certificate, { keyId: 'k2', key: null, displayName: null }),
      keyRow(certificate, { keyId: 'k3', key: null, customKeyIdentifier: 'c29tZXRoaW5n' }),
      keyRow(certificate, {
        keyId: 'k4',
        key: null,
        customKeyIdentifier: Buffer.from(certificate.thumbprint, 'hex').toString('base64'),
      }),
      // Twenty bytes whose base64 differs between the alphabets: as OData writes them, `-` and `_` are in it.
      keyRow(certificate, { keyId: 'k5', key: null, customKeyIdentifier: '-_-_-_-_-_-_-_-_-_-_-_-_-_8=' }),
    ]
    const { client } = await startDirectory({ keys, names: [APP, 'https://x'] })

    const principal = await client.reader().servicePrincipal(APP, never)

    expect(principal).toMatchObject({ id: OBJECT, appId: APP, names: [APP, 'https://x'] })
    expect(principal?.keys.map(({ keyId, sha256, thumbprint }) => ({ keyId, sha256, thumbprint }))).toEqual([
      { keyId: 'k1', sha256: certificate.sha256, thumbprint: certificate.thumbprint },
      { keyId: 'k2', thumbprint: certificate.thumbprint },
      { keyId: 'k3' },
      { keyId: 'k4', thumbprint: certificate.thumbprint },
      {
        keyId: 'k5',
        thumbprint: Buffer.from('-_-_-_-_-_-_-_-_-_-_-_-_-_8=', 'base64url').toString('hex').toUpperCase(),
      },
    ])
    expect(principal?.keys[1]).not.toHaveProperty('displayName')
  })

  it('reads a thing once, and a new reader reads anew', async () => {
    const { client, asked } = await startDirectory()
    const reader = client.reader()

    await Promise.all([reader.servicePrincipal(APP, never), reader.servicePrincipal(APP.toUpperCase(), never)])
    await reader.servicePrincipal(APP, never)
    expect(asked()).toHaveLength(2)
    await client.reader(reader).servicePrincipal(APP, never)

    expect(asked()).toHaveLength(4)
  })

  it('reads on for who still waits when the one who began gave up', async () => {
    const { client } = await startDirectory()
    const reader = client.reader()
    const impatient = new AbortController()

    const leaving = reader.servicePrincipal(APP, impatient.signal)
    const staying = reader.servicePrincipal(APP, never)
    impatient.abort()

    expect(await errorOf(leaving)).toMatchObject({ code: 'Cancelled' })
    expect(await staying).toMatchObject({ id: OBJECT })
  })

  it('tells that there is no principal', async () => {
    const { client } = await startDirectory({ exists: false })

    expect(await client.reader().servicePrincipal(APP, never)).toBeUndefined()
  })

  it.each([
    { reason: 'a page of a proxy', answer: { status: 404, text: '<html>' }, code: 'Malformed' },
    { reason: 'a 404 of another back end', answer: graphError(404, 'ResourceNotFound'), code: 'Refused' },
    { reason: 'no JSON', answer: { text: 'hello' }, code: 'Malformed' },
    {
      reason: 'another application',
      answer: { json: { id: OBJECT, appId: CLIENT, servicePrincipalNames: [] } },
      code: 'Malformed',
    },
    {
      reason: 'names that are none',
      answer: { json: { id: OBJECT, appId: APP, servicePrincipalNames: [1] } },
      code: 'Malformed',
    },
    { reason: 'no names', answer: { json: { id: OBJECT, appId: APP } }, code: 'Malformed' },
    {
      reason: 'an incomplete list',
      answer: {
        json: { id: OBJECT, appId: APP, servicePrincipalNames: [], 'servicePrincipalNames@odata.nextLink': 'x' },
      },
      code: 'Malformed',
    },
    {
      reason: 'an id that would be another address',
      answer: { json: { id: 'x/../y', appId: APP, servicePrincipalNames: [] } },
      code: 'Malformed',
    },
    { reason: 'no permission', answer: graphError(403, 'Authorization_RequestDenied'), code: 'Forbidden' },
    { reason: 'a bad token, without a body', answer: { status: 401 }, code: 'SignInRefused' },
    { reason: 'a bad token', answer: graphError(401, 'InvalidAuthenticationToken'), code: 'SignInRefused' },
  ])('never takes for absence or truth: $reason', async ({ answer, code }) => {
    const path = `/servicePrincipals(appId='${APP}')?$select=id,appId,servicePrincipalNames`
    const { client } = await startDirectory(answering(path, answer))

    const error = await errorOf(client.reader().servicePrincipal(APP, never))

    expect(error).toMatchObject({ code, effect: 'none' })
  })

  it('tells what the directory says of itself', async () => {
    const verifiedDomains = [{ name: 'Contoso.com', isDefault: true }, { name: 'contoso.onmicrosoft.com' }]
    const value = [{ id: TENANT.toUpperCase(), displayName: 'Contoso', verifiedDomains }]
    const { client } = await startDirectory(answering(ORGANIZATION, { json: { value } }))

    expect(await client.reader().facts(never)).toEqual({
      tenantId: TENANT,
      displayName: 'Contoso',
      verifiedDomains: ['contoso.com', 'contoso.onmicrosoft.com'],
    })
  })

  it.each([0, 2])('does not choose among %i organizations', async (count) => {
    const value = Array.from({ length: count }, () => ({ id: TENANT, verifiedDomains: [] }))
    const { client } = await startDirectory(answering(ORGANIZATION, { json: { value } }))

    expect(await errorOf(client.reader().facts(never))).toMatchObject({ code: 'Malformed' })
  })

  it('tells what its own sign-in says of it', async () => {
    const { client } = await startDirectory()

    const access = await client.reader().access(never)

    expect(access).toMatchObject({ tenantId: TENANT, roles: new Set(['Application.Read.All']) })
    // The server's clock is the real one, ours stands still.
    expect(Math.abs(access.clockSkewMs)).toBeGreaterThan(0)
  })

  const secrets = (...list: readonly (readonly [hint: string | null, end: string])[]): Answer => ({
    json: { passwordCredentials: list.map(([hint, endDateTime]) => ({ hint, endDateTime })) },
  })

  it.each<{ reason: string; answer: Answer; end: string | undefined }>([
    {
      reason: 'the one secret whose hint is ours',
      answer: secrets(['Xyz', '2026-10-01T00:00:00Z'], ['Abc', '2027-02-03T00:00:00Z']),
      end: '2027-02-03T00:00:00Z',
    },
    {
      reason: 'the only secret, without a hint',
      answer: secrets([null, '2027-02-03T00:00:00Z']),
      end: '2027-02-03T00:00:00Z',
    },
    {
      reason: 'the one that has not ended',
      answer: secrets(['Abc', '2026-08-01T00:00:00Z'], ['Abc', '2027-02-03T00:00:00Z']),
      end: '2027-02-03T00:00:00Z',
    },
    {
      reason: 'nothing where two could be ours',
      answer: secrets(['Abc', '2026-10-01T00:00:00Z'], ['Abc', '2027-02-03T00:00:00Z']),
      end: undefined,
    },
    { reason: 'nothing where all are of others', answer: secrets(['Xyz', '2026-10-01T00:00:00Z']), end: undefined },
    {
      reason: 'nothing without the permission',
      answer: graphError(403, 'Authorization_RequestDenied'),
      end: undefined,
    },
    {
      reason: 'nothing of an application elsewhere',
      answer: graphError(404, 'Request_ResourceNotFound'),
      end: undefined,
    },
  ])('tells as the end of its own credential $reason', async ({ answer, end }) => {
    const { client } = await startDirectory(answering(APPLICATION, answer))

    expect(await client.reader().ownCredentialEnd(never)).toBe(end)
  })
})

describe('a reader that signs in with a certificate', () => {
  const credential = {
    type: 'Certificate',
    privateKeyPem: certificate.privateKeyPem,
    sha256: certificate.sha256,
  } as const
  const path = `/applications(appId='${CLIENT}')?$select=keyCredentials`

  it('tells its end by the bytes of the certificate', async () => {
    const other = makeCertificate('other')
    const keyCredentials = [keyRow(other), keyRow(certificate, { endDateTime: '2026-12-05T00:00:00Z' })]
    const { client } = await startDirectory({ ...answering(path, { json: { keyCredentials } }), credential })

    expect(await client.reader().ownCredentialEnd(never)).toBe('2026-12-05T00:00:00Z')
  })
})

describe('an exchange with Graph', () => {
  it('carries the token and an id of its own with every request', async () => {
    const { client, asked } = await startDirectory()

    await client.reader().servicePrincipal(APP, never)

    const ids = asked().map(({ headers }) => headers['client-request-id'])
    expect(new Set(ids).size).toBe(2)
    expect(asked()[0]?.headers['authorization']).toMatch(/^Bearer eyJ/)
  })

  it('repeats a read after the wait that was asked for, with a fraction', async () => {
    const { client, directory, time } = await startDirectory()
    let count = 0
    directory.before = () =>
      ++count === 1 ? graphError(429, 'TooManyRequests', '', { 'Retry-After': '12.128' }) : undefined

    await client.reader().servicePrincipal(APP, never)

    expect(time.waits).toEqual([12_128])
  })

  it('does not begin a wait beyond its patience', async () => {
    const { client, directory, time } = await startDirectory()
    directory.before = () => graphError(429, 'TooManyRequests', '', { 'Retry-After': '600' })

    const error = await errorOf(client.reader().servicePrincipal(APP, never))

    expect(error).toMatchObject({ code: 'Throttled', retryAfterMs: 600_000 })
    expect(time.waits).toEqual([])
  })

  it('answers a challenge of continuous access with a new token, once', async () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1756684800"}}}'
    const challenge = `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`
    const { client, directory, server } = await startDirectory()
    let count = 0
    directory.before = () =>
      ++count === 1 ? graphError(401, 'InvalidAuthenticationToken', '', { 'WWW-Authenticate': challenge }) : undefined

    await client.reader().servicePrincipal(APP, never)

    const signIns = server.asked.filter(({ path }) => path.startsWith('/login/'))
    expect(signIns).toHaveLength(2)
    expect(new URLSearchParams(signIns[1]?.text).get('claims')).toContain('1756684800')
  })

  it('shows neither token nor secret in an error', async () => {
    const { client } = await startDirectory(
      answering(
        ORGANIZATION,
        graphError(400, 'BadRequest', 'Bearer eyJhbGciOi.eyJ0aWQi.sig is bad, very-secret-value is not shown by us'),
      ),
    )

    const error = String(await errorOf(client.reader().facts(never)))

    expect(error).not.toContain('eyJ')
  })
})
