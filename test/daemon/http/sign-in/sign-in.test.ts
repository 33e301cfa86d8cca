import { describe, expect, it } from 'vitest'
import { localPath } from '../../../../src/daemon/http/sign-in/sealed.ts'
import type { RunningEntra } from '../../../../src/simulator/entra/index.ts'
import { type Answered, afterTest, cookiesOf, type Running, running, TOKEN } from '../harness.ts'
import { comeBack, entraSections, pick, roleSession, startPeople } from './people.ts'

async function withPeople(listener: object = {}): Promise<{ place: Running; entra: RunningEntra }> {
  const entra = await startPeople()
  afterTest(() => entra.close())
  const { identities, signIn } = entraSections(entra)
  return { place: await running({ signIn, ...listener }, { sections: { identities } }), entra }
}

const BROWSER = { accept: 'text/html,application/xhtml+xml' }
const isSignedIn = (answer: Answered) => cookiesOf(answer).includes('mailkeel-session=')

describe('signing in with Entra ID', () => {
  it('begins where a browser was turned away, and ends there', async () => {
    const { place } = await withPeople()

    const turned = await place.ask('/?view=waves', { headers: BROWSER })
    const shown = await place.ask(turned.headers.location ?? '')
    const back = await comeBack(place, await pick(place, 'rita@contoso.com', '/?view=waves'))

    expect([turned.status, turned.headers.location]).toEqual([302, '/sign-in?to=%2F%3Fview%3Dwaves'])
    expect(shown.text).toContain('/sign-in/entra?to=%2F%3Fview%3Dwaves')
    expect([back.status, back.headers.location]).toEqual([303, '/?view=waves'])
  })

  it('gives the widest of the roles, and knows the person by name', async () => {
    const { place } = await withPeople()

    const cookie = await roleSession(place, 'rita@contoso.com')

    const seen = await place.ask('/api/v1/overview', { headers: { cookie } })
    expect(seen.json()).toEqual({ viewer: { role: 'Reader', name: 'rita@contoso.com' } })
  })

  it('shows a person without a role nothing', async () => {
    const { place } = await withPeople()

    const back = await comeBack(place, await pick(place, 'nora@contoso.com'))

    expect([back.status, isSignedIn(back)]).toEqual([403, false])
    expect(back.text).toContain('nora@contoso.com has no role here')
  })

  it('asks for a code with PKCE, state and nonce, and for nothing but who somebody is', async () => {
    const { place, entra } = await withPeople()

    const left = await place.ask('/sign-in/entra', { headers: { host: `localhost:${place.listener.port}` } })

    const address = new URL(left.headers.location ?? '')
    expect(address.origin + address.pathname).toBe(`${entra.loginUrl}/${entra.tenant.tenantId}/oauth2/v2.0/authorize`)
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      response_type: 'code',
      response_mode: 'query',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `http://localhost:${place.listener.port}/sign-in/callback`,
    })
    expect(address.searchParams.get('scope')?.split(' ')).not.toContain('User.Read')
    expect(left.headers['set-cookie']?.[0]).toMatch(/HttpOnly; SameSite=Lax$/)
    expect(left.headers['set-cookie']?.[0]).not.toContain(address.searchParams.get('state'))
  })

  it('sends a browser first to the address that it will come back to, because a cookie is of one name', async () => {
    const { place } = await withPeople()

    const left = await place.ask('/sign-in/entra?to=/x')

    expect([left.status, left.headers.location, cookiesOf(left)]).toEqual([
      302,
      `http://localhost:${place.listener.port}/sign-in/entra?moved=1&to=%2Fx`,
      '',
    ])
  })

  it.each([
    ['another browser', (cookies: string) => cookies.replace(/=.*/, '=AAAA')],
    ['a browser that began nothing', () => ''],
    ['two cookies of the same name', (cookies: string) => `${cookies}; ${cookies}`],
  ])('takes a code from %s for nothing (login CSRF)', async (_name, change) => {
    const { place } = await withPeople()
    const journey = await pick(place, 'rita@contoso.com')

    const back = await comeBack(place, { ...journey, cookies: change(journey.cookies) })

    expect([back.status, isSignedIn(back)]).toEqual([400, false])
  })

  it('takes no code with the state of another attempt', async () => {
    const { place } = await withPeople()
    const mine = await pick(place, 'olga@contoso.com')
    const other = await pick(place, 'rita@contoso.com')

    const back = await comeBack(place, { ...mine, back: other.back })

    expect([back.status, isSignedIn(back)]).toEqual([400, false])
  })

  it('takes no code of another attempt that was put under the right state: verifier and nonce do not fit', async () => {
    const { place } = await withPeople()
    const mine = await pick(place, 'olga@contoso.com')
    const stolen = await pick(place, 'rita@contoso.com')
    mine.back.searchParams.set('code', stolen.back.searchParams.get('code') ?? '')

    const back = await comeBack(place, mine)

    expect([back.status, isSignedIn(back)]).toEqual([401, false])
    expect(place.log.map(({ fields }) => fields['error'])).toEqual([expect.stringContaining('AADSTS501481')])
  })

  it('takes a code once', async () => {
    const { place } = await withPeople()
    const journey = await pick(place, 'rita@contoso.com')

    const first = await comeBack(place, journey)
    const second = await comeBack(place, journey)

    expect([first.status, second.status, isSignedIn(second)]).toEqual([303, 401, false])
  })

  it('gives up an attempt after ten minutes', async () => {
    const { place } = await withPeople()
    const journey = await pick(place, 'rita@contoso.com')

    await place.machine.advance(11 * 60_000)
    const back = await comeBack(place, journey)

    expect([back.status, isSignedIn(back)]).toEqual([400, false])
  })

  it('tells a person who cancelled, and nothing of what Entra ID or an attacker wrote into the address', async () => {
    const { place } = await withPeople()
    const journey = await pick(place, 'rita@contoso.com', '/', '&simulated_cancel=1')
    journey.back.searchParams.set('error_description', '<script>alert(1)</script>')

    const back = await comeBack(place, journey)

    expect([back.status, isSignedIn(back)]).toEqual([401, false])
    expect(back.text).toContain('cancelled or refused')
    expect(back.text).not.toContain('alert(1)')
  })

  it('ends a session when the person signs out, and by itself after its time', async () => {
    const { place } = await withPeople()
    const one = await roleSession(place, 'rita@contoso.com')
    const other = await roleSession(place, 'rita@contoso.com')
    const statusOf = async (cookie: string) => (await place.ask('/api/v1/people', { headers: { cookie } })).status

    const out = await place.ask('/sign-out', {
      method: 'POST',
      headers: { cookie: one, 'sec-fetch-site': 'same-origin' },
    })
    const afterOut = [await statusOf(one), await statusOf(other)]
    await place.machine.advance(8 * 60 * 60_000)

    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([303, expect.stringContaining('Max-Age=0')])
    expect([...afterOut, await statusOf(other)]).toEqual([401, 200, 401])
  })

  it('lets nobody be signed out by another page', async () => {
    const { place } = await withPeople()
    const cookie = await roleSession(place, 'rita@contoso.com')

    const answers = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-site' }, {}].map((headers) =>
      place.ask('/sign-out', { method: 'POST', headers: { cookie, ...headers } }),
    )

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([403, 403, 403])
    expect((await place.ask('/api/v1/people', { headers: { cookie } })).status).toBe(200)
  })

  it('binds its cookies to this host and to https where people come by https', async () => {
    const entra = await startPeople()
    afterTest(() => entra.close())
    const { identities, signIn } = entraSections(entra)
    const place = await running({ signIn, publicUrl: 'https://mailkeel.contoso.com' }, { sections: { identities } })

    const left = await place.ask('/sign-in/entra', { headers: { host: 'mailkeel.contoso.com' } })

    expect(left.headers['set-cookie']?.[0]).toMatch(/^__Host-mailkeel-signing-in=.*; Path=\/; .*; Secure$/)
    expect(new URL(left.headers.location ?? '').searchParams.get('redirect_uri')).toBe(
      'https://mailkeel.contoso.com/sign-in/callback',
    )
  })
})

describe('signing in with the token', () => {
  const form = (token: string, to = '/') => new URLSearchParams({ token, to }).toString()
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'same-origin',
    origin: 'null',
  }

  it('lets a person with a browser in who has it', async () => {
    const place = await running({ token: { env: 'TOKEN' } })

    const welcome = await place.ask('/sign-in', { method: 'POST', headers, body: form(TOKEN, '/?x=1') })
    const seen = await place.ask('/api/v1/overview', { headers: { cookie: cookiesOf(welcome) } })

    expect([welcome.status, welcome.headers.location]).toEqual([303, '/?x=1'])
    expect(seen.json()).toEqual({ viewer: { role: 'Reader' } })
  })

  it('turns away whoever has another, and shows it nowhere', async () => {
    const place = await running({ token: { env: 'TOKEN' } })

    const answer = await place.ask('/sign-in', { method: 'POST', headers, body: form('wrong-token-of-somebody') })

    expect([answer.status, isSignedIn(answer)]).toEqual([401, false])
    expect(answer.text).not.toContain('wrong-token-of-somebody')
  })
})

describe('where a person goes after signing in', () => {
  it.each([
    ['/scopes/sales?tab=1', '/scopes/sales?tab=1', 'a path of ours'],
    ['/#/organization/sales?state=failing', '/#/organization/sales?state=failing', 'a place in the page'],
    ['https://evil.example/', '/', 'another site'],
    ['//evil.example/', '/', 'another site without scheme'],
    ['/\\evil.example/', '/', 'browsers read a backslash as a slash'],
    ['/\t/evil.example/', '/', 'browsers drop a tab'],
    ['/.//evil.example/', '/evil.example/', 'dots that vanish leave no second slash at the start'],
    ['javascript:alert(1)', '/', 'a script'],
    ['/a\r\nSet-Cookie: x=1', '/', 'a header'],
    [`/${'a'.repeat(3000)}`, '/', 'too long'],
    [['/a', '/b'], '/', 'twice'],
    [undefined, '/', 'nowhere'],
  ])('%j is %s: %s', (wanted, path, _reason) => {
    expect(localPath(wanted)).toBe(path)
  })
})
