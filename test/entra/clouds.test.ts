import { describe, expect, it } from 'vitest'
import { type Cloud, endpointsOf } from '../../src/entra/clouds.ts'
import { createTokenSource } from '../../src/entra/token.ts'
import type { HttpRequest } from '../../src/network/http.ts'
import { CLIENT, never, TENANT } from './tenant-server.ts'

const CLOUDS: readonly { cloud: Cloud; login: string; graph: string }[] = [
  { cloud: 'Global', login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' },
  { cloud: 'UsGovHigh', login: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' },
  { cloud: 'UsGovDoD', login: 'https://login.microsoftonline.us', graph: 'https://dod-graph.microsoft.us' },
  {
    cloud: 'China',
    login: 'https://login.partner.microsoftonline.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
  },
]

describe('a cloud', () => {
  it.each(CLOUDS)(
    '$cloud has its own sign-in and Graph, and no host of another is asked',
    async ({ cloud, login, graph }) => {
      const sent: HttpRequest[] = []
      const source = createTokenSource({
        http: {
          async send(request) {
            sent.push(request)
            return { status: 200, headers: {}, body: Buffer.from('{"access_token":"x","expires_in":3599}') }
          },
          async close() {},
        },
        cloud,
        tenantId: TENANT,
        clientId: CLIENT,
        credential: { type: 'Secret', secret: 'a-secret' },
        now: () => new Date(),
      })

      await source.token(never)

      expect(sent.map(({ url }) => url.split('?')[0])).toEqual([`${login}/${TENANT}/oauth2/v2.0/token`])
      expect(new URLSearchParams(String(sent[0]?.body)).get('scope')).toContain(`${graph}/.default`)
      expect(endpointsOf(cloud, TENANT)).toMatchObject({ graph: `${graph}/v1.0`, origins: [login, graph] })
    },
  )

  it.each([
    { reason: 'a host that only looks like this machine', login: 'http://127.0.0.1.evil.example' },
    { reason: 'another host', login: 'https://login.example' },
    { reason: 'a user in front of the host', login: 'http://login@127.0.0.1:1' },
    { reason: 'no address', login: '127.0.0.1' },
  ])('is overruled on this machine only: $reason', ({ login }) => {
    expect(() => endpointsOf('Global', TENANT, { login, graph: 'http://127.0.0.1:1' })).toThrow(/this machine/)
  })

  it('is asked for a tenant by its id only', () => {
    expect(() => endpointsOf('Global', 'contoso.com')).toThrow(/GUID/)
  })
})
