import { describe, expect, it } from 'vitest'
import {
  CRM_APP_ID,
  DEFAULT_ENTRA_SWITCHES,
  ENTRA_SWITCH_VALUES,
  type EntraSwitches,
  SHAREPOINT_APP_ID,
} from '../../../src/simulator/entra/index.ts'
import { type Api, codeOf, makeCertificate, newEntry, PRINCIPAL, patch, startTenant, survivors } from './tenant.ts'

const long = makeCertificate('crm-s2s', '2026-01-01', '2030-01-01')
const ADDRESS = "users?$filter=proxyAddresses/any(p:p eq 'smtp:ann@contoso.com')"

/** What is seen of a switch: the same look at a tenant for each of its values. */
interface Look {
  readonly look: (api: Api) => Promise<unknown>
  /** By value, as text. */
  readonly seen: Readonly<Record<string, unknown>>
}

const LOOKS: { readonly [Name in keyof EntraSwitches]: Look } = {
  nameConflict: {
    look: async (api) => codeOf(await patch(api, { servicePrincipalNames: [CRM_APP_ID, SHAREPOINT_APP_ID] })),
    seen: { 'bad-request': 'Request_BadRequest', conflict: 'Request_MultipleObjectsWithSameKeyValue' },
  },
  bareNameRemoval: {
    look: async (api) => (await patch(api, { servicePrincipalNames: ['x'] })).status,
    seen: { refuse: 400, allow: 204 },
  },
  unknownProperty: {
    look: async (api) => (await patch(api, { servicePrincipalName: ['x'] })).status,
    seen: { refuse: 400, ignore: 204 },
  },
  keyInBatch: {
    look: async (api) => {
      const requests = [{ id: '1', method: 'GET', url: `/${PRINCIPAL}?$select=keyCredentials` }]
      const { text } = await api.call('$batch', { method: 'POST', body: { requests } })
      return text.includes('"key":"')
    },
    seen: { true: true, false: false },
  },
  keyBesideOthers: {
    look: async (api) => (await api.call(`${PRINCIPAL}?$select=id,keyCredentials`)).text.includes('"key":"'),
    seen: { true: true, false: false },
  },
  keySpan: {
    look: async (api) => {
      const entry = newEntry(long, { endDateTime: '2029-01-01T00:00:00Z' })
      return (await patch(api, { keyCredentials: [entry] })).status
    },
    seen: { any: 204, 'one-year': 400 },
  },
  keyAfterCertificate: {
    look: async (api) => {
      const entry = newEntry(long, { endDateTime: '2031-01-01T00:00:00Z' })
      return (await patch(api, { keyCredentials: [entry] })).status
    },
    seen: { refuse: 400, allow: 204 },
  },
  unsaidDisplayName: {
    look: async (api) => {
      await patch(api, { keyCredentials: survivors(api.principal()) })
      return api.principal().keys[1]?.displayName
    },
    seen: { kept: 'CN=crm-s2s-2023', lost: null },
  },
  managementPolicy: {
    look: async (api) => {
      const answer = await patch(api, { keyCredentials: [newEntry(long)] })
      return answer.status === 204 ? 204 : codeOf(answer)
    },
    seen: { true: 'CredentialInvalidLifetimeAsPerAppPolicy', false: 204 },
  },
  createdNames: {
    look: async (api) => {
      api.entra.tenant.principals.delete(CRM_APP_ID)
      const created = await api.call('servicePrincipals', { method: 'POST', body: { appId: CRM_APP_ID } })
      return created.json()['servicePrincipalNames']
    },
    seen: { bare: [CRM_APP_ID], none: [] },
  },
  unknownMailbox: {
    look: async (api) => codeOf(await api.call('users/dora@contoso.com/mailboxSettings')),
    seen: {
      ResourceNotFound: 'ResourceNotFound',
      Request_ResourceNotFound: 'Request_ResourceNotFound',
      MailboxNotFound: 'MailboxNotFound',
    },
  },
  addressFilterAdvanced: { look: async (api) => (await api.call(ADDRESS)).status, seen: { true: 400, false: 200 } },
  addressFilterExact: {
    look: async (api) => {
      const headers = { ConsistencyLevel: 'eventual' }
      return (await api.call(`${ADDRESS}&$count=true`, { headers })).json().value.length
    },
    seen: { true: 0, false: 1 },
  },
  clientRequestId: {
    look: async (api) => {
      const { headers } = await api.call('organization', { headers: { 'client-request-id': 'mine' } })
      return headers['client-request-id']
    },
    seen: { always: 'mine', 'when-asked': undefined },
  },
  invalidClientStatus: {
    look: async (api) => (await api.signIn({ client_secret: 'wrong' })).status,
    seen: { 401: 401, 400: 400 },
  },
}

const rows = Object.entries(ENTRA_SWITCH_VALUES).flatMap(([name, values]) =>
  values.map((value) => ({ name: name as keyof EntraSwitches, value })),
)

describe('switches of a tenant', () => {
  it.each(rows)('$name: $value', async ({ name, value }) => {
    const { look, seen } = LOOKS[name]
    const api = await startTenant({ foreign: true }, { switches: { [name]: value } })

    const found = await look(api)

    expect(found).toEqual(seen[String(value)])
  })

  it('begin with the first of their values', () => {
    const first = Object.fromEntries(Object.entries(ENTRA_SWITCH_VALUES).map(([name, [value]]) => [name, value]))

    expect(first).toEqual(DEFAULT_ENTRA_SWITCHES)
  })
})
