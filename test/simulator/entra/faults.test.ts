import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { CRM_APP_ID, type EntraFaultRule, SEEDED_CLIENTS } from '../../../src/simulator/entra/index.ts'
import { type Api, codeOf, makeCertificate, messageOf, NOW, newEntry, PRINCIPAL, patch, startTenant } from './tenant.ts'

const SECRET = { client_secret: 'simulator-secret' }
const KEYS = `${PRINCIPAL}?$select=keyCredentials`

/** Sends a PATCH and cuts the line once the server has logged that it gives no answer. */
async function cutOff(api: Api, body: object): Promise<void> {
  const Authorization = `Bearer ${await api.token()}`
  const headers = { Authorization, 'Content-Type': 'application/json' }
  await new Promise<void>((resolve) => {
    const sending = request(`${api.entra.graphUrl}/v1.0/${PRINCIPAL}`, { method: 'PATCH', headers, agent: false })
    sending.on('error', () => resolve())
    sending.end(JSON.stringify(body))
    const look = () => {
      if (api.entra.requests().some(({ method, status }) => method === 'PATCH' && status === undefined))
        sending.destroy()
      else setImmediate(look)
    }
    look()
  })
}

describe('answers of Graph', () => {
  it('carry ids by which they can be traced', async () => {
    const api = await startTenant()

    const answer = await api.call('organization', {
      headers: { 'client-request-id': 'mine', 'return-client-request-id': 'true' },
    })

    expect(answer.headers).toMatchObject({
      'request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'client-request-id': 'mine',
      'x-ms-ags-diagnostic': expect.stringContaining('ServerInfo'),
      date: 'Mon, 23 Nov 2026 08:00:00 GMT',
    })
    expect(api.entra.requests().at(-1)).toMatchObject({ clientRequestId: 'mine', clientId: SEEDED_CLIENTS.writing })
  })

  it('that refuse carry the same ids within, and a date without a zone', async () => {
    const api = await startTenant()

    const answer = await api.call('nothing', { headers: { 'client-request-id': 'mine' } })

    expect(answer.json()['error']).toMatchObject({
      innerError: {
        date: '2026-11-23T08:00:00',
        'request-id': answer.headers['request-id'],
        'client-request-id': 'mine',
      },
    })
  })

  it.each<{ reason: string; authorization: (api: Api) => Promise<string>; message: RegExp }>([
    { reason: 'none', authorization: async () => 'Basic x', message: /empty/ },
    {
      reason: 'one that cannot be read',
      authorization: async () => 'Bearer abc',
      message: /^CompactToken parsing failed/,
    },
    {
      reason: 'one with another signature',
      authorization: async (api) => `Bearer ${(await api.token()).replace(/\.[^.]+$/, '.AAAA')}`,
      message: /signature/,
    },
    {
      reason: 'one of another cloud',
      authorization: async () => {
        const other = await startTenant({ cloud: 'UsGovHigh' })
        const scope = 'https://graph.microsoft.us/.default'
        return `Bearer ${String((await other.signIn({ ...SECRET, scope })).json()['access_token'])}`
      },
      message: /audience/,
    },
    {
      reason: 'one that has ended',
      authorization: async (api) => {
        const token = await api.token()
        api.advance(3_600_000)
        return `Bearer ${token}`
      },
      message: /expired/,
    },
  ])('are 401 for a token: $reason', async ({ authorization, message }) => {
    const api = await startTenant()

    const answer = await api.call('organization', { headers: { Authorization: await authorization(api) } })

    expect([answer.status, codeOf(answer)]).toEqual([401, 'InvalidAuthenticationToken'])
    expect(messageOf(answer)).toMatch(message)
  })
})

describe('faults', () => {
  it('throttle with fractions of seconds and the body of the throttling page', async () => {
    const api = await startTenant()
    api.entra.faults.add({ kind: 'status', status: 429, retryAfter: 2.128 })

    const answer = await api.call('organization')
    const next = await api.call('organization')

    expect([answer.status, answer.headers['retry-after'], next.status]).toEqual([429, '2.128', 200])
    expect(answer.json()).toMatchObject({
      error: { code: 'TooManyRequests', innerError: { code: '429', status: '429' } },
    })
  })

  it('ask for a token with claims, by a challenge or after all tokens were revoked', async () => {
    const api = await startTenant()
    const headers = { Authorization: `Bearer ${await api.token()}` }
    api.entra.faults.add({ kind: 'claims-challenge' })

    const challenged = await api.call('organization', { headers })
    const calm = await api.call('organization', { headers })
    api.entra.revokeTokens()
    const revoked = await api.call('organization', { headers })

    const claims = /claims="([^"]+)"/.exec(revoked.headers['www-authenticate'] ?? '')?.[1] ?? ''
    const asked = Buffer.from(claims, 'base64').toString()
    const renewed = String((await api.signIn({ ...SECRET, claims: asked })).json()['access_token'])
    const good = await api.call('organization', { headers: { Authorization: `Bearer ${renewed}` } })
    expect([challenged.status, calm.status, revoked.status, good.status]).toEqual([401, 200, 401, 200])
    expect(challenged.headers['www-authenticate']).toContain('error="insufficient_claims"')
    expect(asked).toBe('{"access_token":{"nbf":{"essential":true,"value":"1795420800"}}}')
  })

  it.each<{ reason: string; rule: EntraFaultRule; status: number; text: RegExp }>([
    { reason: 'without a token', rule: { kind: 'empty-token' }, status: 200, text: /^\{(?!.*access_token)/ },
    {
      reason: 'a page',
      rule: { kind: 'html', match: { operation: 'sign-in' } },
      status: 200,
      text: /^<!DOCTYPE html>/,
    },
    { reason: 'a numbered error', rule: { kind: 'sign-in-error', number: 90055 }, status: 429, text: /AADSTS90055/ },
    {
      reason: 'an error of the service',
      rule: { kind: 'status', status: 503, match: { operation: 'sign-in' } },
      status: 503,
      text: /temporarily_unavailable/,
    },
    {
      reason: 'half of the body',
      rule: { kind: 'truncated-body', match: { operation: 'sign-in' } },
      status: 200,
      text: /^\{[^}]*$/,
    },
  ])('let the sign-in answer $reason', async ({ rule, status, text }) => {
    const api = await startTenant()
    api.entra.faults.add(rule)

    const answer = await api.signIn(SECRET)
    const next = await api.signIn(SECRET)

    expect([answer.status, next.status]).toEqual([status, 200])
    expect(answer.text).toMatch(text)
  })

  it('redirect to where the request came from', async () => {
    const api = await startTenant()
    api.entra.faults.add({ kind: 'redirect', match: { operation: 'sign-in' } })

    const answer = await api.signIn(SECRET)

    const address = `${api.entra.loginUrl}/${api.entra.tenant.tenantId}/oauth2/v2.0/token`
    expect([answer.status, answer.headers['location']]).toEqual([307, address])
  })

  it.each<{ kind: 'no-answer' | 'reset'; effect: boolean; names: number }>([
    { kind: 'no-answer', effect: false, names: 1 },
    { kind: 'no-answer', effect: true, names: 2 },
    { kind: 'reset', effect: false, names: 1 },
    { kind: 'reset', effect: true, names: 2 },
  ])('lose an answer ($kind), the write done: $effect', async ({ kind, effect, names }) => {
    const api = await startTenant()
    api.entra.faults.add({ kind, effect, match: { method: 'PATCH' } })

    await cutOff(api, { servicePrincipalNames: [CRM_APP_ID, `${CRM_APP_ID}/*.contoso.com`] })

    expect(api.principal().names).toHaveLength(names)
  })

  it('let a write say that it was done', async () => {
    const api = await startTenant()
    api.entra.faults.add({ kind: 'lying-write' })

    const answer = await patch(api, { servicePrincipalNames: [CRM_APP_ID, 'x'] })

    expect([answer.status, api.principal().names]).toEqual([204, [CRM_APP_ID]])
  })

  it('hide the bytes of keys', async () => {
    const api = await startTenant({ foreign: true })
    api.entra.faults.add({ kind: 'keys-without-bytes' })

    const keys = (await api.call(KEYS)).json()['keyCredentials'] as readonly { key: unknown }[]

    expect(keys.map(({ key }) => key)).toEqual([null, null, null])
  })

  it('wait for their turn and end', async () => {
    const api = await startTenant()
    api.entra.faults.add({ kind: 'status', status: 503, after: 1, times: 2 })

    const statuses: number[] = []
    for (let at = 0; at < 4; at += 1) statuses.push((await api.call('organization')).status)

    expect(statuses).toEqual([200, 503, 503, 200])
  })

  it.each<{ reason: string; rule: EntraFaultRule }>([
    { reason: 'a kind that does not exist', rule: JSON.parse('{"kind":"nothing"}') as EntraFaultRule },
    { reason: 'a connection within a batch', rule: { kind: 'reset', match: { operation: 'part' } } },
  ])('are refused: $reason', async ({ rule }) => {
    const api = await startTenant()

    expect(() => api.entra.faults.add(rule)).toThrow(rule.kind)
  })
})

describe('replication', () => {
  it('shows a write after so many reads', async () => {
    const api = await startTenant()
    api.entra.setReplicationLag({ staleReads: 2 })
    await patch(api, { keyCredentials: [newEntry(makeCertificate('new'))] })

    const counts: number[] = []
    for (let at = 0; at < 3; at += 1) {
      counts.push(((await api.call(KEYS)).json()['keyCredentials'] as readonly unknown[]).length)
    }

    expect(counts).toEqual([0, 0, 1])
  })

  it('shows a new principal after so much time', async () => {
    const api = await startTenant({ principal: 'missing' })
    api.entra.setReplicationLag({ delayMs: 60_000 })
    await api.call('servicePrincipals', { method: 'POST', body: { appId: CRM_APP_ID } })

    const early = await api.call(PRINCIPAL)
    api.advance(60_000)
    const late = await api.call(PRINCIPAL)

    expect([early.status, late.status]).toEqual([404, 200])
  })

  it('shows an old state once, where a fault says so', async () => {
    const api = await startTenant()
    await patch(api, { servicePrincipalNames: [CRM_APP_ID, 'x'] })
    api.entra.faults.add({ kind: 'stale-read' })

    const stale = (await api.call(PRINCIPAL)).json()['servicePrincipalNames']
    const fresh = (await api.call(PRINCIPAL)).json()['servicePrincipalNames']

    expect([stale, fresh]).toEqual([[CRM_APP_ID], [CRM_APP_ID, 'x']])
  })
})

describe('the time of the directory', () => {
  it('is asked for before a request changes anything, whatever time tokens go by', async () => {
    const seen: number[] = []
    const watched: { api?: Api } = {}
    const now = () => {
      if (watched.api) seen.push(watched.api.principal().names.length)
      return NOW
    }
    const api = await startTenant({}, { now, wireNow: () => NOW })
    const headers = { Authorization: `Bearer ${await api.token()}` }
    watched.api = api

    await api.call(PRINCIPAL, { method: 'PATCH', headers, body: { servicePrincipalNames: [CRM_APP_ID, 'x'] } })

    expect([seen[0], api.principal().names.length]).toEqual([1, 2])
  })
})

describe('somebody else', () => {
  it('writes right before the nth request of a kind, once', async () => {
    const api = await startTenant()
    const { foreign } = api.entra
    foreign.before({ method: 'GET', path: 'servicePrincipals', nth: 2 }, () => {
      foreign.addName('theirs')
      foreign.addKey({ displayName: 'CN=theirs' })
    })

    const seen: unknown[] = []
    for (let at = 0; at < 3; at += 1) seen.push((await api.call(PRINCIPAL)).json()['servicePrincipalNames'])

    expect(seen).toEqual([[CRM_APP_ID], [CRM_APP_ID, 'theirs'], [CRM_APP_ID, 'theirs']])
    expect(api.principal().keys).toMatchObject([{ displayName: 'CN=theirs', customKeyIdentifier: null }])
  })

  it('takes away what stands there', async () => {
    const api = await startTenant({ foreign: true })
    const [key] = api.principal().keys

    api.entra.foreign.removeKey(key?.keyId ?? '')
    api.entra.foreign.removeName(`${CRM_APP_ID}/*.contoso.com`)

    expect([api.principal().keys.length, api.principal().names]).toEqual([2, [CRM_APP_ID]])
  })
})
