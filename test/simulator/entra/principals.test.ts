import { describe, expect, it } from 'vitest'
import { CRM_APP_ID, SEEDED_CLIENTS, SHAREPOINT_APP_ID } from '../../../src/simulator/entra/index.ts'
import { codeOf, messageOf, PRINCIPAL, patch, startTenant } from './tenant.ts'

const WILDCARD = `${CRM_APP_ID}/*.contoso.com`

describe('service principals', () => {
  it('is one object by its id and by its application id', async () => {
    const api = await startTenant()

    const byAppId = await api.call(`${PRINCIPAL}?$select=id,appId,servicePrincipalNames`)
    const byId = await api.call(`servicePrincipals/${api.principal().id}?$select=id,appId,servicePrincipalNames`)

    expect(byAppId.json()).toMatchObject({ appId: CRM_APP_ID, servicePrincipalNames: [CRM_APP_ID] })
    expect(byId.json()).toEqual(byAppId.json())
  })

  it('gives the bytes of keys only for one object with $select', async () => {
    const api = await startTenant({ foreign: true })
    const keysOf = async (path: string) => {
      const body = (await api.call(path)).json()
      const one = (body.value as readonly Record<string, unknown>[] | undefined)?.[0] ?? body
      return (one['keyCredentials'] as readonly Record<string, unknown>[]).map(({ key }) => key)
    }

    const selected = await keysOf(`${PRINCIPAL}?$select=keyCredentials`)
    const plain = await keysOf(PRINCIPAL)
    const listed = await keysOf(`servicePrincipals?$filter=appId eq '${CRM_APP_ID}'&$select=keyCredentials`)

    expect(selected).toEqual(api.principal().keys.map(({ key }) => key))
    expect([plain, listed]).toEqual([
      [null, null, null],
      [null, null, null],
    ])
  })

  it('tells of a missing one with 404 by its key and with an empty list by a filter', async () => {
    const api = await startTenant({ principal: 'missing' })

    const byKey = await api.call(PRINCIPAL)
    const byFilter = await api.call(`servicePrincipals?$filter=appId eq '${CRM_APP_ID}'`)

    expect([byKey.status, codeOf(byKey)]).toEqual([404, 'Request_ResourceNotFound'])
    expect([byFilter.status, byFilter.json().value]).toEqual([200, []])
  })

  it('finds the owner of a name', async () => {
    const api = await startTenant()

    const found = await api.call(
      `servicePrincipals?$filter=servicePrincipalNames/any(n:n eq '${SHAREPOINT_APP_ID}/*.sharepoint.com')&$select=appId`,
    )

    expect(found.json().value).toEqual([{ appId: SHAREPOINT_APP_ID }])
  })

  it('makes a missing one, and the same a second time is a conflict', async () => {
    const api = await startTenant({ principal: 'missing' })
    const create = () => api.call('servicePrincipals', { method: 'POST', body: { appId: CRM_APP_ID } })

    const first = await create()
    const second = await create()

    expect([first.status, first.json()]).toMatchObject([
      201,
      { appId: CRM_APP_ID, servicePrincipalNames: [CRM_APP_ID] },
    ])
    expect([second.status, codeOf(second)]).toEqual([409, 'Request_MultipleObjectsWithSameKeyValue'])
  })

  it.each<{ reason: string; body: object; code: string }>([
    { reason: 'an unknown property', body: { appId: CRM_APP_ID, name: 'x' }, code: 'Request_BadRequest' },
    { reason: 'an id that is none', body: { appId: 'crm' }, code: 'Request_BadRequest' },
    {
      reason: 'an application that nobody knows',
      body: { appId: '11111111-2222-4333-8444-555555555555' },
      code: 'NoBackingApplicationObject',
    },
  ])('makes none for $reason', async ({ body, code }) => {
    const api = await startTenant({ principal: 'missing' })

    const answer = await api.call('servicePrincipals', { method: 'POST', body })

    expect([answer.status, codeOf(answer)]).toEqual([400, code])
    expect(api.entra.tenant.principals.has(CRM_APP_ID)).toBe(false)
  })

  it('replaces the names as a whole, with 204 and without a body', async () => {
    const api = await startTenant()

    const answer = await patch(api, { servicePrincipalNames: [CRM_APP_ID, WILDCARD] })

    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(api.principal().names).toEqual([CRM_APP_ID, WILDCARD])
  })

  it.each<{ reason: string; body: object; message: RegExp }>([
    {
      reason: 'a name of another principal',
      body: { servicePrincipalNames: [CRM_APP_ID, SHAREPOINT_APP_ID.toUpperCase()] },
      message: /^Another object with the same value for property servicePrincipalNames already exists\.$/,
    },
    {
      reason: 'names without the application id',
      body: { servicePrincipalNames: [WILDCARD] },
      message: /application id/,
    },
    { reason: 'names that are numbers', body: { servicePrincipalNames: [1] }, message: /servicePrincipalNames/ },
    { reason: 'a misspelt property', body: { servicePrincipalName: [CRM_APP_ID] }, message: /servicePrincipalName/ },
    {
      reason: 'password credentials',
      body: { passwordCredentials: [], servicePrincipalNames: [CRM_APP_ID, WILDCARD] },
      message: /^New password credentials must be generated using service actions\.$/,
    },
  ])('refuses $reason, and nothing of that PATCH is written', async ({ body, message }) => {
    const api = await startTenant()

    const answer = await patch(api, body)

    expect([answer.status, codeOf(answer)]).toEqual([400, 'Request_BadRequest'])
    expect(messageOf(answer)).toMatch(message)
    expect(api.principal().names).toEqual([CRM_APP_ID])
  })

  it('is written only with the permission to write applications', async () => {
    const api = await startTenant()
    const Authorization = `Bearer ${await api.token(SEEDED_CLIENTS.reading)}`
    const sent = { method: 'PATCH', body: { servicePrincipalNames: [] }, headers: { Authorization } }

    const answer = await api.call(PRINCIPAL, sent)

    expect([answer.status, codeOf(answer)]).toEqual([403, 'Authorization_RequestDenied'])
    expect(messageOf(answer)).toBe('Insufficient privileges to complete the operation.')
  })
})
