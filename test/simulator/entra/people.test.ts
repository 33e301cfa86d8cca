import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SEEDED_CLIENTS } from '../../../src/simulator/entra/index.ts'
import { send } from '../wire/exchange.ts'
import { type Api, startTenant } from './tenant.ts'

const BACK = 'http://localhost:4711/sign-in/callback'
const VERIFIER = 'a-verifier-of-forty-three-characters-or-more-1'
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const ANN = { appRoles: { 'ann@contoso.com': ['Mailkeel.Reader'] } }

const ASKED = {
  client_id: SEEDED_CLIENTS.people,
  response_type: 'code',
  redirect_uri: BACK,
  scope: 'openid profile',
  state: 'the state',
  nonce: 'the nonce',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  login_hint: 'ann@contoso.com',
}

function authorize({ entra }: Api, changed: Readonly<Record<string, string | undefined>> = {}) {
  const asked = Object.entries({ ...ASKED, ...changed }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  const query = new URLSearchParams(asked)
  return send(`${entra.loginUrl}/${entra.tenant.tenantId}/oauth2/v2.0/authorize?${query}`)
}

async function codeOf(api: Api): Promise<string> {
  return new URL((await authorize(api)).headers['location'] ?? '').searchParams.get('code') ?? ''
}

function redeem(api: Api, code: string, changed: Readonly<Record<string, string>> = {}) {
  const grant = { grant_type: 'authorization_code', code, redirect_uri: BACK, code_verifier: VERIFIER }
  return api.signIn({ ...grant, client_id: SEEDED_CLIENTS.people, client_secret: 'simulator-secret', ...changed })
}

describe('a person at the simulated sign-in', () => {
  it('comes back with a code, which is redeemed for an id token with roles', async () => {
    const api = await startTenant(ANN)

    const sent = await authorize(api)
    const back = new URL(sent.headers['location'] ?? '')
    const answer = await redeem(api, back.searchParams.get('code') ?? '')

    const claims = JSON.parse(
      Buffer.from(String(answer.json()['id_token']).split('.')[1] ?? '', 'base64url').toString(),
    )
    expect([sent.status, back.origin + back.pathname, back.searchParams.get('state')]).toEqual([302, BACK, 'the state'])
    expect(claims).toMatchObject({
      aud: SEEDED_CLIENTS.people,
      iss: `https://login.microsoftonline.com/${api.entra.tenant.tenantId}/v2.0`,
      tid: api.entra.tenant.tenantId,
      nonce: 'the nonce',
      preferred_username: 'ann@contoso.com',
      roles: ['Mailkeel.Reader'],
      ver: '2.0',
    })
  })

  it.each([
    [{ redirect_uri: 'https://evil.example/sign-in/callback' }, 'AADSTS50011', 'an address that is not registered'],
    [{ redirect_uri: 'http://localhost:4711/other' }, 'AADSTS50011', 'another path'],
    [{ redirect_uri: 'http://localhost:4711@evil.example/sign-in/callback' }, 'AADSTS50011', 'another host'],
    [{ client_id: 'nobody' }, 'AADSTS700016', 'an unknown application'],
    [{ client_id: SEEDED_CLIENTS.writing }, 'AADSTS50011', 'an application that nobody signs in to'],
    [{ login_hint: 'zoe@contoso.com' }, 'AADSTS50034', 'an unknown person'],
    [{ code_challenge_method: 'plain' }, 'AADSTS900144', 'a challenge that proves nothing'],
  ])('is told on a page and sent nowhere for %j: %s', async (changed, number, _reason) => {
    const answer = await authorize(await startTenant(), changed)

    expect([answer.status, answer.headers['location']]).toEqual([400, undefined])
    expect(answer.text).toContain(number)
  })

  it('may choose who to be, or cancel', async () => {
    const api = await startTenant(ANN)

    const page = await authorize(api, { login_hint: undefined })
    const cancelled = await authorize(api, { login_hint: undefined, simulated_cancel: '1' })

    expect(page.text).toContain('ann@contoso.com (Mailkeel.Reader)')
    expect(cancelled.headers['location']).toContain('error=access_denied')
  })

  it.each([
    [{ code_verifier: 'another' }, 501481],
    [{ code_verifier: '' }, 501481],
    [{ redirect_uri: 'http://localhost:4712/sign-in/callback' }, 500112],
    [{ code: 'made-up' }, 70000],
    [{ client_id: SEEDED_CLIENTS.reading }, 70000],
    [{ client_secret: 'wrong' }, 7000215],
  ])('has a code that is refused with %j by number %i', async (changed, number) => {
    const api = await startTenant(ANN)

    const answer = await redeem(api, await codeOf(api), changed)

    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.json()['error_codes']).toEqual([number])
  })

  it('has a code that is good once and for ten minutes', async () => {
    const api = await startTenant(ANN)
    const [used, late] = [await codeOf(api), await codeOf(api)]

    await redeem(api, used)
    const again = await redeem(api, used)
    api.advance(10 * 60_000)
    const tooLate = await redeem(api, late)

    expect([again, tooLate].map((answer) => answer.json()['error_codes'])).toEqual([[54005], [70008]])
  })
})
