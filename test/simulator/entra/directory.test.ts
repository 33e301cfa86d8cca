import { describe, expect, it } from 'vitest'
import { SEEDED_CLIENTS } from '../../../src/simulator/entra/index.ts'
import { codeOf, makeCertificate, startTenant } from './tenant.ts'

const ADVANCED = { ConsistencyLevel: 'eventual' }
const BY_ADDRESS = (address: string) =>
  `users?$filter=proxyAddresses/any(p:p eq 'smtp:${address}')&$select=userPrincipalName,proxyAddresses&$count=true`

describe('the directory', () => {
  it('is exactly one organization with its domains', async () => {
    const api = await startTenant({ domains: ['contoso.com', 'contoso.de'] })

    const organization = (await api.call('organization?$select=id,verifiedDomains')).json()
    const domains = (await api.call('domains?$select=id,isInitial')).json()

    expect(organization.value).toMatchObject([
      { id: api.entra.tenant.tenantId, verifiedDomains: [{ name: 'contoso.com', isDefault: true }, {}, {}] },
    ])
    expect(domains.value).toEqual([
      { id: 'contoso.com', isInitial: false },
      { id: 'contoso.de', isInitial: false },
      { id: 'contoso.onmicrosoft.com', isInitial: true },
    ])
  })

  it.each<{ role: string; path: string; code: string }>([
    { role: 'Application.Read.All', path: 'servicePrincipals', code: 'Authorization_RequestDenied' },
    { role: 'Application.Read.All', path: 'applications', code: 'Authorization_RequestDenied' },
    { role: 'Organization.Read.All', path: 'organization', code: 'Authorization_RequestDenied' },
    { role: 'Domain.Read.All', path: 'domains', code: 'Authorization_RequestDenied' },
    { role: 'User.Read.All', path: 'users', code: 'Authorization_RequestDenied' },
    { role: 'MailboxSettings.Read', path: 'users/ann@contoso.com/mailboxSettings', code: 'ErrorAccessDenied' },
  ])('answers $path only with $role', async ({ role, path, code }) => {
    const api = await startTenant()
    const reading = api.entra.tenant.applications.get(SEEDED_CLIENTS.reading)
    const granted = await api.token(SEEDED_CLIENTS.reading)
    if (reading) Object.assign(reading, { roles: reading.roles.filter((one) => one !== role) })
    const reduced = await api.token(SEEDED_CLIENTS.reading)

    const before = await api.call(path, { headers: { Authorization: `Bearer ${granted}` } })
    const after = await api.call(path, { headers: { Authorization: `Bearer ${reduced}` } })

    expect([before.status, after.status, codeOf(after)]).toEqual([200, 403, code])
  })

  it('tells of an application when its credentials end', async () => {
    const certificate = makeCertificate('mailkeel')
    const api = await startTenant({ certificates: [certificate.base64] })

    const found = await api.call(`applications?$filter=appId eq '${SEEDED_CLIENTS.writing}'`)
    const same = await api.call(`applications(appId='${SEEDED_CLIENTS.writing}')?$select=appId,keyCredentials`)

    expect(found.json().value).toMatchObject([
      {
        passwordCredentials: [{ endDateTime: '2027-11-23T08:00:00Z', secretText: null }],
        keyCredentials: [{ endDateTime: '2028-01-01T00:00:00Z', customKeyIdentifier: certificate.sha1, key: null }],
      },
    ])
    expect(same.json()['keyCredentials']).toHaveLength(1)
  })

  it.each<{ reason: string; path: string; code: string }>([
    { reason: 'a segment it does not know', path: 'servicePrincipal', code: 'BadRequest' },
    { reason: 'a property it does not have', path: 'users?$select=address', code: 'BadRequest' },
    { reason: 'a query option it does not know', path: 'users?$search=ann', code: 'BadRequest' },
    { reason: 'a $top that is no number', path: 'users?$top=abc', code: 'BadRequest' },
    { reason: 'a filter it cannot read', path: "users?$filter=mail = 'ann'", code: 'BadRequest' },
    {
      reason: 'a filter on what cannot be filtered',
      path: "users?$filter=city eq 'x'",
      code: 'Request_UnsupportedQuery',
    },
    { reason: 'a count without ConsistencyLevel', path: 'users?$count=true', code: 'Request_UnsupportedQuery' },
    {
      reason: 'sixteen alternatives',
      path: `users?$filter=${Array.from({ length: 16 }, (_, at) => `mail eq '${at}'`).join(' or ')}`,
      code: 'Request_UnsupportedQuery',
    },
  ])('refuses $reason', async ({ path, code }) => {
    const api = await startTenant()

    const answer = await api.call(path)

    expect([answer.status, codeOf(answer)]).toEqual([400, code])
  })
})

describe('users and their mailboxes', () => {
  it('shows addresses and plans only where they are selected', async () => {
    const api = await startTenant({ sharedAddresses: ['info@contoso.com'] })
    const select = '$select=mail,proxyAddresses,assignedPlans'

    const plain = (await api.call('users/ann@contoso.com')).json()
    const person = (await api.call(`users/ann@contoso.com?${select}`)).json()
    const shared = (await api.call(`users('info@contoso.com')?${select}`)).json()

    expect(plain).not.toHaveProperty('proxyAddresses')
    expect(person).toMatchObject({
      mail: 'ann@contoso.com',
      proxyAddresses: ['SMTP:ann@contoso.com'],
      assignedPlans: [{ service: 'exchange', capabilityStatus: 'Enabled' }],
    })
    expect(shared['assignedPlans']).toEqual([])
  })

  it('finds a user by an address, primary or not', async () => {
    const api = await startTenant()
    const found = {
      userPrincipalName: 'c@x.com',
      proxyAddresses: ['SMTP:c@x.com', 'smtp:carl+crm@x.com'],
      hasPlan: true,
    }
    api.entra.tenant.users.set('c@x.com', found)

    const primary = await api.call(BY_ADDRESS('c@x.com'), { headers: ADVANCED })
    const other = await api.call(BY_ADDRESS('carl%2Bcrm@x.com'), { headers: ADVANCED })
    const none = await api.call(BY_ADDRESS('dora@x.com'), { headers: ADVANCED })

    expect(primary.json()).toMatchObject({ '@odata.count': 1, value: [{ userPrincipalName: 'c@x.com' }] })
    expect(other.json().value).toEqual(primary.json().value)
    expect(none.json().value).toEqual([])
  })

  it('gives pages with a link, and the count on the first one only', async () => {
    const api = await startTenant({ addresses: ['a@x.com', 'b@x.com', 'c@x.com'] })
    const headers = { ...ADVANCED, Authorization: `Bearer ${await api.token()}` }

    const first = (await api.call('users?$top=2&$count=true&$select=mail', { headers })).json()
    const link = String(first['@odata.nextLink'])
    const second = (await api.call(link.slice(`${api.entra.graphUrl}/v1.0/`.length), { headers })).json()

    expect(first).toMatchObject({ '@odata.count': 3, value: [{ mail: 'a@x.com' }, { mail: 'b@x.com' }] })
    expect(second.value).toEqual([{ mail: 'c@x.com' }])
    expect(second).not.toHaveProperty('@odata.count')
    expect(second).not.toHaveProperty('@odata.nextLink')
  })

  it('tells the purpose of a mailbox in Exchange Online, with its settings or alone', async () => {
    const api = await startTenant({ sharedAddresses: ['info@contoso.com'] })

    const settings = (await api.call('users/ann@contoso.com/mailboxSettings?$select=userPurpose')).json()
    const alone = (await api.call('users/info@contoso.com/mailboxSettings/userPurpose')).json()

    expect([settings['userPurpose'], alone['value']]).toEqual(['user', 'shared'])
  })

  it('tells a user without a mailbox there from no user at all by the code of the 404', async () => {
    const api = await startTenant()
    const user = { userPrincipalName: 'old@contoso.com', proxyAddresses: ['SMTP:old@contoso.com'], hasPlan: false }
    api.entra.tenant.users.set('old@contoso.com', user)

    const onPremises = await api.call('users/old@contoso.com/mailboxSettings')
    const unknown = await api.call('users/dora@contoso.com/mailboxSettings')
    const noUser = await api.call('users/dora@contoso.com')

    expect([onPremises.status, codeOf(onPremises)]).toEqual([404, 'MailboxNotEnabledForRESTAPI'])
    expect([unknown.status, codeOf(unknown)]).toEqual([404, 'ResourceNotFound'])
    expect([noUser.status, codeOf(noUser)]).toEqual([404, 'Request_ResourceNotFound'])
  })

  it('addresses names that begin with $ only in quotes, and guests with their # encoded', async () => {
    const guest = 'eve_fabrikam.com#EXT#@contoso.onmicrosoft.com'
    const api = await startTenant({ addresses: ['$box@contoso.com', guest] })

    const plain = await api.call('users/$box@contoso.com')
    const quoted = await api.call("users('$box@contoso.com')")
    const encoded = await api.call(`users/${encodeURIComponent(guest)}`)

    expect([plain.status, quoted.status, encoded.status]).toEqual([400, 200, 200])
  })
})
