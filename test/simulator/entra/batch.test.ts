import { describe, expect, it } from 'vitest'
import { CRM_APP_ID } from '../../../src/simulator/entra/index.ts'
import { type Api, codeOf, makeCertificate, newEntry, PRINCIPAL, startTenant, survivors } from './tenant.ts'

type Part = Readonly<Record<string, unknown>>

interface Answered {
  readonly id: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}

const JSON_TYPE = { 'Content-Type': 'application/json' }
const GET_KEYS = { method: 'GET', url: `/${PRINCIPAL}?$select=keyCredentials` }

async function batch(api: Api, requests: readonly Part[]): Promise<ReadonlyMap<string, Answered>> {
  const answer = await api.call('$batch', { method: 'POST', body: { requests } })
  const responses = answer.json()['responses'] as readonly Answered[]
  return new Map(responses.map((response) => [response.id, response]))
}

describe('a batch', () => {
  it('reads, writes and reads again, in the order in which its parts depend on each other', async () => {
    const api = await startTenant({ foreign: true })
    const body = { keyCredentials: [...survivors(api.principal()), newEntry(makeCertificate('new'))] }

    const answers = await batch(api, [
      { id: 'after', ...GET_KEYS, dependsOn: ['write'] },
      { id: 'write', method: 'PATCH', url: `/${PRINCIPAL}`, headers: JSON_TYPE, body, dependsOn: ['before'] },
      { id: 'before', ...GET_KEYS },
    ])

    expect(answers.get('before')?.body?.['keyCredentials']).toHaveLength(3)
    expect(answers.get('write')).toMatchObject({ status: 204 })
    expect(answers.get('write')).not.toHaveProperty('body')
    expect(answers.get('after')?.body?.['keyCredentials']).toHaveLength(4)
  })

  it('answers in another order than asked', async () => {
    const api = await startTenant()
    const ids = Array.from({ length: 20 }, (_, at) => String(at))

    const answers = await batch(
      api,
      ids.map((id) => ({ id, method: 'GET', url: '/organization' })),
    )

    expect([...answers.keys()]).not.toEqual(ids)
    expect([...answers.keys()].sort()).toEqual(ids.toSorted())
  })

  it('does not run what depends on a failure', async () => {
    const api = await startTenant()
    const patchNames = { method: 'PATCH', url: `/${PRINCIPAL}`, headers: JSON_TYPE }

    const answers = await batch(api, [
      { id: '1', ...patchNames, body: { servicePrincipalNames: [] } },
      { id: '2', ...patchNames, body: { servicePrincipalNames: [CRM_APP_ID, 'x'] }, dependsOn: ['1'] },
      { id: '3', method: 'GET', url: '/organization', dependsOn: ['2'] },
    ])

    expect([...answers.values()].map(({ id, status }) => [id, status]).sort()).toEqual([
      ['1', 400],
      ['2', 424],
      ['3', 424],
    ])
    expect(api.principal().names).toEqual([CRM_APP_ID])
  })

  it('throttles parts by themselves, with fractions of seconds', async () => {
    const api = await startTenant()
    api.entra.faults.add({
      kind: 'status',
      status: 429,
      retryAfter: 2.128,
      match: { operation: 'part', path: 'users' },
    })

    const answers = await batch(api, [
      { id: '1', method: 'GET', url: '/users/ann@contoso.com' },
      { id: '2', method: 'GET', url: '/users/bob@contoso.com' },
    ])

    expect(answers.get('1')).toMatchObject({ status: 429, headers: { 'Retry-After': '2.128' } })
    expect(answers.get('2')).toMatchObject({ status: 200 })
  })

  it('passes the headers of a part', async () => {
    const api = await startTenant({}, { switches: { addressFilterAdvanced: true } })
    const url = "/users?$count=true&$filter=proxyAddresses/any(p:p eq 'smtp:ann@contoso.com')"

    const answers = await batch(api, [
      { id: '1', method: 'GET', url, headers: { ConsistencyLevel: 'eventual' } },
      { id: '2', method: 'GET', url },
    ])

    expect([answers.get('1')?.status, answers.get('2')?.status]).toEqual([200, 400])
  })

  it('stands in the log with its parts', async () => {
    const api = await startTenant()

    await batch(api, [{ id: '1', method: 'GET', url: '/organization' }])

    expect(api.entra.requests().map(({ operation, path }) => `${operation} ${path}`)).toContain('part organization')
    expect(api.entra.requests().at(-1)).toMatchObject({ operation: 'graph', path: '$batch', members: ['requests'] })
  })

  it.each<{ reason: string; requests: readonly Part[]; code: string }>([
    {
      reason: '21 parts',
      requests: Array.from({ length: 21 }, (_, at) => ({ id: String(at), method: 'GET', url: '/organization' })),
      code: 'MaximumValueExceeded',
    },
    { reason: 'no parts', requests: [], code: 'BadRequest' },
    {
      reason: 'the same id twice',
      requests: [
        { id: '1', method: 'GET', url: '/organization' },
        { id: '1', method: 'GET', url: '/organization' },
      ],
      code: 'BadRequest',
    },
    { reason: 'a whole address', requests: [{ id: '1', method: 'GET', url: 'https://x/users' }], code: 'BadRequest' },
    { reason: 'a batch within', requests: [{ id: '1', method: 'POST', url: '/$batch' }], code: 'BadRequest' },
    {
      reason: 'a body without a type',
      requests: [{ id: '1', method: 'PATCH', url: '/x', body: {} }],
      code: 'BadRequest',
    },
    {
      reason: 'parts that wait for each other',
      requests: [
        { id: '1', method: 'GET', url: '/organization', dependsOn: ['2'] },
        { id: '2', method: 'GET', url: '/organization', dependsOn: ['1'] },
      ],
      code: 'BadRequest',
    },
  ])('with $reason is refused as a whole', async ({ requests, code }) => {
    const api = await startTenant()

    const answer = await api.call('$batch', { method: 'POST', body: { requests } })

    expect([answer.status, codeOf(answer)]).toEqual([400, code])
  })
})
