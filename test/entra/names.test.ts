import { describe, expect, it } from 'vitest'
import { createTokenSource } from '../../src/entra/token.ts'
import { APP, jwt, OBJECT, startDirectory } from './directory.ts'
import { CLIENT, clientOf, errorOf, graphError, never, serveTenant, TENANT } from './tenant-server.ts'

const WILDCARD = `${APP}/*.contoso.com`

describe('adding names', () => {
  it('sends the whole list, the old names first', async () => {
    const { client, asked } = await startDirectory({ names: ['https://crm.contoso.com', APP.toUpperCase()] })

    await client.writer().addNames(APP, [APP, WILDCARD], never)

    expect(asked()[2]?.json).toMatchObject({
      requests: [
        { id: 'before', method: 'GET', url: `/servicePrincipals/${OBJECT}?$select=servicePrincipalNames` },
        {
          id: 'write',
          method: 'PATCH',
          url: `/servicePrincipals/${OBJECT}`,
          body: { servicePrincipalNames: ['https://crm.contoso.com', APP.toUpperCase(), WILDCARD] },
        },
        { id: 'after', method: 'GET' },
      ],
    })
  })

  it('that are there in another case writes nothing', async () => {
    const { client, asked } = await startDirectory({ names: [WILDCARD.toUpperCase()] })

    await client.writer().addNames(APP, [WILDCARD], never)

    expect(asked().every(({ method }) => method === 'GET')).toBe(true)
  })

  it('keeps a foreign name that came between our look and our write', async () => {
    const { client, directory } = await startDirectory()
    let isDone = false
    directory.before = ({ path }) => {
      if (path === '/$batch' && !isDone) directory.names = [...directory.names, 'https://foreign']
      isDone ||= path === '/$batch'
      return undefined
    }

    await client.writer().addNames(APP, [WILDCARD], never)

    expect(directory.names).toEqual([APP, WILDCARD, 'https://foreign'])
  })

  it.each([
    { reason: 'as a conflict', answer: graphError(409, 'Request_MultipleObjectsWithSameKeyValue') },
    {
      reason: 'as a bad request',
      answer: graphError(400, 'Request_BadRequest', 'Another object with the same value exists.'),
    },
  ])('that belong to another object is refused with the names: $reason', async ({ answer }) => {
    const { client, directory } = await startDirectory()
    directory.before = ({ method }) => (method === 'PATCH' ? answer : undefined)

    const error = await errorOf(client.writer().addNames(APP, [WILDCARD], never))

    expect(error).toMatchObject({ code: 'Refused', effect: 'none', requestId: 'the-request-id' })
    expect(String(error)).toContain(WILDCARD)
  })
})

describe('creating the principal', () => {
  it('sends the application id and nothing else, and waits until it can be seen', async () => {
    const { client, directory, asked } = await startDirectory({ exists: false })

    await client.writer().createServicePrincipal(APP, never)

    expect(directory.exists).toBe(true)
    expect(asked().map(({ method, json }) => [method, json])).toEqual([
      ['GET', undefined],
      ['POST', { appId: APP }],
      ['GET', undefined],
    ])
  })

  it('does nothing where it is there', async () => {
    const { client, asked } = await startDirectory()

    await client.writer().createServicePrincipal(APP, never)

    expect(asked().map(({ method }) => method)).toEqual(['GET'])
  })

  it('takes a conflict for somebody who was faster', async () => {
    const { client, directory } = await startDirectory({ exists: false })
    directory.before = ({ method }) => {
      if (method !== 'POST') return undefined
      directory.exists = true
      return graphError(409, 'Request_MultipleObjectsWithSameKeyValue')
    }

    await expect(client.writer().createServicePrincipal(APP, never)).resolves.toBeUndefined()
  })

  it('that cannot be seen in time is NotVisible', async () => {
    const { client, directory, time } = await startDirectory({ exists: false }, { patienceMs: 20_000 })
    directory.before = ({ method }) => (method === 'POST' ? { status: 201, json: {} } : undefined)

    const error = await errorOf(client.writer().createServicePrincipal(APP, never))

    expect(error).toMatchObject({ code: 'NotVisible', effect: 'possible' })
    expect(time.waits.length).toBeGreaterThan(1)
  })
})

describe('a writer', () => {
  it('writes nothing with a sign-in of another tenant', async () => {
    const other = await serveTenant(() => ({
      json: { expires_in: 3599, access_token: jwt({ tid: '00000000-0000-4000-8000-000000000000' }) },
    }))
    const writing = createTokenSource({
      http: clientOf(other),
      cloud: 'Global',
      endpoints: { login: other.origin, graph: other.origin },
      tenantId: TENANT,
      clientId: CLIENT,
      credential: { type: 'Secret', secret: 'a-secret' },
      now: () => new Date(),
    })
    const { client, asked } = await startDirectory({}, { writing })

    const error = await errorOf(client.writer().addNames(APP, [WILDCARD], never))

    expect(error).toMatchObject({ code: 'Invalid', effect: 'none' })
    expect(asked()).toEqual([])
  })

  it('needs the principal to be there', async () => {
    const { client } = await startDirectory({ exists: false })

    const error = await errorOf(client.writer().addNames(APP, [WILDCARD], never))

    expect(error).toMatchObject({ code: 'NotFound', effect: 'none' })
  })
})
