import { describe, expect, it } from 'vitest'
import type { SimulatorOptions } from '../../../src/simulator/index.ts'
import { type Api, type Received, send, startApi } from './exchange.ts'

type Form = Readonly<Record<string, string | undefined>>

const CONFIDENTIAL = { client_id: 'confidential-client', client_secret: 'simulator-secret' }
const PUBLIC = { client_id: 'public-client' }
const PASSWORD = { grant_type: 'password', username: 'simulator-admin@contoso.com', password: 'simulator' }

function startAdfs(options: SimulatorOptions = {}): Promise<Api> {
  return startApi({ authentication: 'adfs', ...options })
}

function originOf(api: Api): string {
  return new URL(api.root).origin
}

function askToken(api: Api, form: Form): Promise<Received> {
  const all = { resource: `${originOf(api)}/`, ...form }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return send(`${originOf(api)}/adfs/oauth2/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(given).toString(),
  })
}

function call(api: Api, token: unknown): Promise<Received> {
  return api.call('WhoAmI()', { headers: { Authorization: `Bearer ${String(token)}` } })
}

async function tokenOf(api: Api, form: Form): Promise<string> {
  return String((await askToken(api, form)).json()['access_token'])
}

describe('an organization behind AD FS', () => {
  it('asks for a token of the endpoint beside it, unquoted, among other schemes', async () => {
    const api = await startAdfs()

    const answer = await api.call('WhoAmI()', { headers: { Authorization: 'Bearer simulator-admin' } })

    const challenges = answer.rawHeaders.filter((_, at) => answer.rawHeaders[at - 1] === 'WWW-Authenticate')
    const origin = originOf(api)
    expect(answer.status).toBe(401)
    expect(challenges[0]).toContain(`Bearer authorization_uri=${origin}/adfs/oauth2/authorize, resource_id=${origin}/`)
    expect(challenges.slice(1)).toEqual(['Negotiate', 'NTLM'])
  })

  it('takes the token of a user', async () => {
    const api = await startAdfs()

    const { token_type, expires_in, access_token } = (await askToken(api, { ...CONFIDENTIAL, ...PASSWORD })).json()
    const answer = await call(api, access_token)

    expect([token_type, expires_in]).toEqual(['bearer', 3600])
    expect(answer.json()).toMatchObject({ UserId: api.simulator.world.callers.admin.userId })
  })

  it.each<{ reason: string; form: Form; error: string; message: RegExp | string }>([
    { reason: 'no resource', form: { resource: undefined }, error: 'invalid_resource', message: 'MSIS9329' },
    { reason: 'another resource', form: { resource: 'https://crm/' }, error: 'invalid_resource', message: 'MSIS9602' },
    {
      reason: 'a client without permission',
      form: { client_id: 'ungranted-client' },
      error: 'unauthorized_client',
      message: 'MSIS9605',
    },
    { reason: 'a wrong secret', form: { client_secret: 'other' }, error: 'invalid_client', message: 'MSIS' },
    { reason: 'an unknown client', form: { client_id: 'other' }, error: 'invalid_client', message: 'MSIS' },
    { reason: 'a wrong password', form: { password: 'other' }, error: 'invalid_grant', message: 'MSIS9659' },
    { reason: 'another grant', form: { grant_type: 'device_code' }, error: 'unsupported_grant_type', message: 'MSIS' },
    {
      reason: 'a public client of AD FS 2016',
      form: { ...PUBLIC, client_secret: undefined },
      error: 'unauthorized_client',
      message: 'MSIS',
    },
  ])('gives no token for $reason', async ({ form, error, message }) => {
    const api = await startAdfs()

    const answer = await askToken(api, { ...CONFIDENTIAL, ...PASSWORD, ...form })

    expect(answer.status).toBe(400)
    expect(answer.json()['error']).toBe(error)
    expect(answer.json()['error_description']).toMatch(message)
    expect(answer.text).not.toContain('simulator-secret')
  })

  it('misses the slash at the end of a resource', async () => {
    const api = await startAdfs()

    const answer = await askToken(api, { ...CONFIDENTIAL, ...PASSWORD, resource: originOf(api) })

    expect(answer.json()['error_description']).toMatch('MSIS9602')
  })

  it('of 2019 gives a public client a token for a password', async () => {
    const api = await startAdfs({ adfs: { version: '2019' } })

    const answer = await call(api, await tokenOf(api, { ...PUBLIC, ...PASSWORD }))

    expect(answer.status).toBe(200)
  })

  it('gives a client a token of its own, and CRM refuses it', async () => {
    const api = await startAdfs()

    const given = await askToken(api, { ...CONFIDENTIAL, grant_type: 'client_credentials' })
    const answer = await call(api, given.json()['access_token'])

    expect([given.status, answer.status]).toEqual([200, 401])
  })

  it('refuses a token that has expired', async () => {
    const api = await startAdfs({ adfs: { tokenLifetimeMs: 60_000 } })
    const token = await tokenOf(api, { ...CONFIDENTIAL, ...PASSWORD })

    const before = await call(api, token)
    api.simulator.advance(60_000)
    const after = await call(api, token)

    expect([before.status, after.status]).toEqual([200, 401])
  })

  it.each([true, false])('gives refresh tokens where told to: %s', async (refreshTokens) => {
    const api = await startAdfs({ adfs: { refreshTokens } })

    const { refresh_token } = (await askToken(api, { ...CONFIDENTIAL, ...PASSWORD })).json()
    const renew = { ...CONFIDENTIAL, grant_type: 'refresh_token', refresh_token: String(refresh_token) }
    const renewed = await askToken(api, renew)
    api.simulator.setPassword('simulator-admin', 'changed')
    const after = await askToken(api, renew)

    expect([renewed.status, after.status]).toEqual([refreshTokens ? 200 : 400, 400])
  })

  it.each([
    { signIn: 'page', status: 200 },
    { signIn: 'redirect', status: 302 },
  ] as const)('without OAuth shows its sign-in page: $signIn', async ({ signIn, status }) => {
    const api = await startAdfs({ adfs: { oauth: false, signIn } })

    const answer = await api.call('WhoAmI()')
    const page = await send(`${originOf(api)}${new URL(answer.headers['location'] ?? '/adfs/ls/', api.root).pathname}`)

    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toMatch('text/html')
    expect(page.text).toContain('loginForm')
  })

  it('is named by its host', async () => {
    const api = await startAdfs({ authentication: 'none', addressing: 'host' })
    api.simulator.addOrganization({ name: 'contoso-test' })
    const { port, world } = api.simulator

    const ids = await Promise.all(
      ['contoso-sales', 'contoso-test', 'unknown'].map(async (name) => {
        const headers = { Host: `${name}.crm.contoso.example:${port}` }
        return (await send(`http://127.0.0.1:${port}/api/data/v9.1/WhoAmI()`, { headers })).json()['OrganizationId']
      }),
    )

    expect(api.simulator.url).toBe(`http://contoso-sales.localhost:${port}`)
    expect(ids[0]).toBe(world.organizationId)
    expect(ids[1]).not.toBe(world.organizationId)
    expect(ids[2]).toBe(world.organizationId)
  })
})
