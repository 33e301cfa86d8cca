import { describe, expect, it } from 'vitest'
import { createPeopleSignIn, newSignInAttempt } from '../../src/entra/sign-in.ts'
import { type Answer, CLIENT, clientOf, serveTenant, TENANT } from './tenant-server.ts'

const NOW = new Date('2026-11-23T12:00:00Z')
const seconds = NOW.getTime() / 1000
const attempt = newSignInAttempt()

const GOOD = {
  aud: CLIENT,
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  tid: TENANT,
  nonce: attempt.nonce,
  iat: seconds,
  nbf: seconds,
  exp: seconds + 3600,
  preferred_username: 'ann@contoso.com',
  roles: ['Mailkeel.Reader'],
}

function tokenOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2ln`
}

async function signInAgainst(answer: Answer) {
  const server = await serveTenant(() => answer)
  const signIn = createPeopleSignIn({
    http: clientOf(server),
    cloud: 'Global',
    endpoint: `${server.origin}/login`,
    tenantId: TENANT,
    clientId: CLIENT,
    credential: { type: 'Secret', secret: 'a-secret-of-the-app' },
    redirectUri: () => 'https://mailkeel.contoso.com/sign-in/callback',
    now: () => NOW,
  })
  return { server, signIn }
}

const answering = (claims: object): Answer => ({
  json: { token_type: 'Bearer', expires_in: 3600, access_token: 'opaque', id_token: tokenOf(claims) },
})

describe('who signed in', () => {
  it('is told by the id token, after the code, its verifier and our own proof were sent', async () => {
    const { server, signIn } = await signInAgainst(answering(GOOD))

    const person = await signIn.person('the-code', attempt)

    const form = new URLSearchParams(server.asked[0]?.text)
    expect(person).toEqual({ name: 'ann@contoso.com', roles: ['Mailkeel.Reader'] })
    expect(server.asked.map(({ method, path }) => [method, path.split('?')[0]])).toEqual([
      ['POST', `/login/${TENANT}/oauth2/v2.0/token`],
    ])
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      code_verifier: attempt.verifier,
      redirect_uri: 'https://mailkeel.contoso.com/sign-in/callback',
      client_secret: 'a-secret-of-the-app',
    })
  })

  it.each([
    [{ aud: TENANT }, /for another application/],
    [{ aud: [CLIENT, 'other'] }, /for another application/],
    [{ tid: CLIENT }, /of another tenant/],
    [{ iss: `https://login.microsoftonline.com/${CLIENT}/v2.0` }, /issued by somebody else/],
    [{ iss: undefined }, /issued by somebody else/],
    [{ nonce: 'another' }, /another attempt/],
    [{ nonce: undefined }, /another attempt/],
    [{ exp: seconds - 301 }, /is over/],
    [{ exp: undefined }, /is over/],
    [{ exp: 'soon' }, /is over/],
    [{ nbf: seconds + 400 }, /not valid yet/],
  ])('is nobody where the id token has %j', async (wrong, message) => {
    const { signIn } = await signInAgainst(answering({ ...GOOD, ...wrong }))

    await expect(signIn.person('the-code', attempt)).rejects.toThrow(message)
  })

  it.each([
    [{ json: { token_type: 'Bearer', access_token: 'opaque' } }, /without an id token/],
    [{ json: { id_token: 'a.b' } }, /without an id token/],
    [{ json: { id_token: 'a.bm90IGpzb24.c' } }, /without an id token/],
    [{ status: 400, json: { error: 'invalid_grant', error_codes: [54005] } }, /AADSTS54005/],
    [{ status: 302, headers: { Location: 'https://evil.example/' } }, /redirect/],
    [{ hangUp: true }, /signing a person in/],
  ] as const)('is nobody where the sign-in answers %j', async (answer, message) => {
    const { signIn } = await signInAgainst(answer)

    await expect(signIn.person('the-code', attempt)).rejects.toThrow(message)
  })

  it.each([
    ['Global', 'https://login.microsoftonline.com'],
    ['China', 'https://login.partner.microsoftonline.cn'],
  ] as const)('is asked of the cloud %s at %s where no other address is named', async (cloud, login) => {
    const http = { send: () => Promise.reject(new Error('asked')), close: async () => {} }
    const credential = { type: 'Secret', secret: 'a-secret-of-the-app' } as const
    const redirectUri = () => 'https://mailkeel.contoso.com/sign-in/callback'
    const who = { tenantId: TENANT, clientId: CLIENT, credential }

    const address = await createPeopleSignIn({ ...who, http, cloud, redirectUri, now: () => NOW }).address(attempt)

    expect(address.split('?')[0]).toBe(`${login}/${TENANT}/oauth2/v2.0/authorize`)
  })

  it('has no role where the claim is absent or odd, and a name that is fit to be shown', async () => {
    const odd = { ...GOOD, roles: [7, null, 'One'], preferred_username: 'a\u202e\nb', name: 'x' }
    const { roles: _, ...none } = GOOD

    const [first, second] = [await signInAgainst(answering(odd)), await signInAgainst(answering(none))]

    expect(await first.signIn.person('c', attempt)).toEqual({ name: 'a b', roles: ['One'] })
    expect((await second.signIn.person('c', attempt)).roles).toEqual([])
  })

  it('is not asked of a host that somebody wrote into a file', () => {
    const options = {
      cloud: 'Global',
      endpoint: 'https://login.evil.example',
      tenantId: TENANT,
      clientId: CLIENT,
      credential: { type: 'Secret', secret: 'a-secret-of-the-app' },
      redirectUri: () => 'https://mailkeel.contoso.com/sign-in/callback',
      now: () => NOW,
    } as const
    const http = { send: () => Promise.reject(new Error('asked')), close: async () => {} }

    expect(() => createPeopleSignIn({ ...options, http })).toThrow(/not an address on this machine/)
  })
})
