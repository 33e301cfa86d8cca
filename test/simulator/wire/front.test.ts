import { describe, expect, it } from 'vitest'
import { send, startApi, userMailboxes } from './exchange.ts'

const TOKEN = { Authorization: 'Bearer simulator-admin' }

describe('sign-in', () => {
  const refused: readonly { headers: Record<string, string>; invalid: boolean; reason: string }[] = [
    { headers: {}, invalid: false, reason: 'no token' },
    { headers: { Authorization: 'Bearer something-else' }, invalid: true, reason: 'an unknown token' },
    { headers: { Authorization: 'Basic c2ltdWxhdG9y' }, invalid: true, reason: 'another scheme' },
  ]
  it.each(refused)('answers 401 with three challenges and plain text: $reason', async ({ headers, invalid }) => {
    const api = await startApi({ authentication: 'bearer' })

    const answer = await api.call('WhoAmI()', { headers })

    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toBe('text/plain')
    const challenges = answer.rawHeaders.filter((_, at) => answer.rawHeaders[at - 1] === 'WWW-Authenticate')
    expect(challenges.slice(1)).toEqual(['Negotiate', 'NTLM'])
    const origin = new URL(api.root).origin
    expect(challenges[0]).toMatch(
      /^Bearer authorization_uri=https:\/\/adfs\.contoso\.example\/adfs\/oauth2\/authorize, resource_id=http:/,
    )
    expect(challenges[0]).toContain(`resource_id=${origin}/`)
    expect(challenges[0]?.includes('error=invalid_token')).toBe(invalid)
  })

  it('tells callers apart by their tokens', async () => {
    const api = await startApi({ authentication: 'bearer' })
    const [id = ''] = userMailboxes(api)

    const admin = await api.call('WhoAmI()', { headers: TOKEN })
    const reader = await api.call('WhoAmI()', { headers: { Authorization: 'Bearer simulator-reader' } })
    const write = await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      headers: { Authorization: 'Bearer simulator-reader', 'If-Match': '*' },
      body: { outgoingemaildeliverymethod: 0 },
    })

    expect(admin.json()['UserId']).toBe(api.simulator.world.callers.admin.userId)
    expect(reader.json()['UserId']).toBe(api.simulator.world.callers.reader.userId)
    expect(write.status).toBe(403)
    expect(write.text).toContain('prvWriteMailbox')
  })

  it('is not asked for where the simulator was started without', async () => {
    const api = await startApi()

    expect((await api.call('WhoAmI()')).status).toBe(200)
  })
})

describe('versions', () => {
  const served = [
    { version: '8.2', good: ['v8.0', 'v8.1', 'v8.2'], bad: ['v9.0', 'v9.1', 'v9.2'] },
    { version: '9.0', good: ['v8.2', 'v9.0'], bad: ['v9.1', 'v9.2'] },
    { version: '9.1', good: ['v8.0', 'v9.0', 'v9.1'], bad: ['v9.2', 'v10.0'] },
    { version: 'online', good: ['v9.1', 'v9.2'], bad: ['v9.3'] },
  ] as const
  it.each(served)('of $version are served, newer ones answered with 501', async ({ version, good, bad }) => {
    const api = await startApi({ version })
    const statusOf = async (segment: string) => (await send(`${api.simulator.url}/api/data/${segment}/WhoAmI()`)).status

    expect(await Promise.all(good.map(statusOf))).toEqual(good.map(() => 200))
    expect(await Promise.all(bad.map(statusOf))).toEqual(bad.map(() => 501))
    expect(await statusOf('latest')).toBe(404)
  })

  it('v9.2 is a matter of the switch', async () => {
    const api = await startApi({ switches: { v92: true } }, 'v9.2')

    expect((await api.call('WhoAmI()')).status).toBe(200)
  })

  it('everything beside the Web API is a page of the web server', async () => {
    const api = await startApi()

    const answer = await send(new URL('/other-organization/api/data/v9.1/WhoAmI()', api.root).href)

    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toContain('text/html')
  })

  it('an organization may be named by the host instead of the path', async () => {
    const api = await startApi({ organizationName: '' })

    expect(api.root).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/data\/v9\.1\/$/)
    expect((await api.call('WhoAmI()')).status).toBe(200)
  })
})

describe('headers', () => {
  const refused: readonly { headers: Record<string, string>; status: number }[] = [
    { headers: { 'OData-Version': '3.0' }, status: 400 },
    { headers: { 'OData-MaxVersion': '3.0' }, status: 400 },
    { headers: { Accept: 'application/xml' }, status: 415 },
  ]
  it.each(refused)('$headers is refused with $status', async ({ headers, status }) => {
    const api = await startApi()

    expect((await api.call('WhoAmI()', { headers })).status).toBe(status)
  })
})

describe('errors', () => {
  it('of the older era have an empty code and a stack trace', async () => {
    const api = await startApi({ version: '9.0' }, 'v9.0')

    const answer = await api.call('mailboxes?$select=nothing')

    const message = "Could not find a property named 'nothing' on type 'Microsoft.Dynamics.CRM.mailbox'."
    expect(answer.json()).toEqual({
      error: {
        code: '',
        message,
        innererror: { message, type: 'Microsoft.Crm.CrmHttpException', stacktrace: expect.stringContaining('   at ') },
      },
    })
  })

  it('of the newer era have a code and nothing else', async () => {
    const api = await startApi({ switches: { errorShape: 'modern' } })

    const answer = await api.call('mailboxes?$select=nothing')

    expect(answer.json()).toEqual({ error: { code: '0x80060888', message: expect.any(String) } })
  })
})
