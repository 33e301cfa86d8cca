import { describe, expect, it } from 'vitest'
import { running, TOKEN } from './harness.ts'

describe('every answer', () => {
  it.each([
    ['/', 200, 'the page'],
    ['/api/v1/overview', 200, 'data'],
    ['/nothing', 404, 'an address that is none'],
    ['/api/v1/%ff', 400, 'an address that is no URL'],
    ['/api/v1/broken', 500, 'an accident'],
  ])('of %s (%i, %s) is protected', async (path, status, _reason) => {
    const { ask } = await running()

    const answer = await ask(path)

    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(answer.headers).not.toHaveProperty('server')
    expect(answer.headers).not.toHaveProperty('x-powered-by')
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    expect(answer.headers).not.toHaveProperty('strict-transport-security')
  })

  it('lets no script, style or form of others into the page', async () => {
    const { ask } = await running()

    const policy = String((await ask('/')).headers['content-security-policy']).split('; ')

    expect(policy).toEqual(expect.arrayContaining(["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]))
    expect(policy.join()).not.toMatch(/unsafe|https?:|\*/)
  })

  it('says to a program how to prove itself, and sends a person to the sign-in', async () => {
    const { ask } = await running({ token: { env: 'TOKEN' } })

    const program = await ask('/api/v1/overview', { headers: { accept: 'text/html' } })
    const script = await ask('/', { headers: { accept: '*/*' } })
    const person = await ask('/', { headers: { accept: 'text/html' } })

    expect([program.status, program.headers['www-authenticate']]).toEqual([401, 'Bearer'])
    expect([script.status, person.status, person.headers.location]).toEqual([401, 302, '/sign-in?to=%2F'])
  })

  it('takes over a token that was replaced, without a restart', async () => {
    const environment: Record<string, string> = { TOKEN }
    const { manualMachine } = await import('./harness.ts')
    const machine = { ...manualMachine(), environment }
    const place = await running({ token: { env: 'TOKEN' } }, { machine })
    const statusOf = async (token: string) =>
      (await place.ask('/api/v1/overview', { headers: { authorization: `Bearer ${token}` } })).status

    environment['TOKEN'] = 'the-next-token-of-readers'
    const before = [await statusOf(TOKEN), await statusOf('the-next-token-of-readers')]
    await machine.advance(30_000)
    const after = [await statusOf(TOKEN), await statusOf('the-next-token-of-readers')]

    expect([before, after]).toEqual([
      [200, 401],
      [401, 200],
    ])
  })
})
