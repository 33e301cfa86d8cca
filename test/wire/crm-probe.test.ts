import { afterEach, describe, expect, test } from 'vitest'
import { CrmError } from '../../src/crm/index.ts'
import { clientOf, html, json, ME, NEVER, ORGANIZATION_ID, probeAnswers, type ServerLook } from './crm-fixtures.ts'
import { playExchanges, type ScriptedServer, type WrittenExchange } from './scripted-server.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function probing(exchanges: readonly WrittenExchange[], options: Parameters<typeof clientOf>[1] = {}) {
  const server = await playExchanges(exchanges)
  const { client, http, clock } = clientOf(server.origin, options)
  closers.push(
    () => client.close(),
    () => http.close(),
    server.close,
  )
  return { server, clock, probe: client.reader().probe(NEVER), client }
}

const UNKNOWN_ROUTE = json({ Message: "No HTTP resource was found that matches the request URI 'x'." }, 404)

function urls(server: ScriptedServer): readonly string[] {
  return server.requests.map(({ url }) => url)
}

const COMMON = {
  accept: 'application/json',
  'odata-version': '4.0',
  'odata-maxversion': '4.0',
  authorization: undefined,
}

describe('the probe', () => {
  test('finds out about a 9.1 server in two requests, to the letter', async () => {
    const [who, details] = probeAnswers()
    const select = '$select=LogicalName,IsValidForCreate,IsValidForUpdate,IsValidForRead'
    const paths = [
      'RetrieveVersion()',
      ...['mailbox', 'emailserverprofile', 'organization', 'systemuser', 'queue', 'team', 'tracelog'].map(
        (table) => `EntityDefinitions(LogicalName='${table}')/Attributes?${select}`,
      ),
      `systemusers(${ME})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges`,
    ]
    const boundary = 'batch_read_9_7fffffff'
    const body = `${paths
      .map((path) =>
        [
          `--${boundary}`,
          'Content-Type: application/http',
          'Content-Transfer-Encoding: binary',
          '',
          `GET /ContosoSales/api/data/v9.1/${path} HTTP/1.1`,
          'Accept: application/json',
          '',
          '',
          '',
        ].join('\r\n'),
      )
      .join('')}--${boundary}--\r\n`

    const { server, probe } = await probing([
      {
        request: { method: 'GET', url: '/ContosoSales/api/data/v9.1/WhoAmI()', headers: COMMON, body: '' },
        answer: who,
      },
      {
        request: {
          method: 'POST',
          url: '/ContosoSales/api/data/v9.1/$batch',
          headers: { ...COMMON, 'content-type': `multipart/mixed; boundary="${boundary}"` },
          body,
        },
        answer: details,
      },
    ])
    const found = await probe

    expect(server.problems()).toEqual([])
    expect(found).toMatchObject({ organizationId: ORGANIZATION_ID, userId: ME, version: '9.1.27.15' })
    expect(found.privileges).toEqual(new Set(['prvReadMailbox', 'prvWriteMailbox']))
    expect(found.columns.get('mailbox')).toContain('emailrouteraccessapproval')
    expect(found.columns.get('mailbox'), 'write-only').not.toContain('password')
    expect([...found.columns.keys()]).toHaveLength(7)
  })

  test.each<{ reason: string; refusals: WrittenExchange['answer'][]; segment: string; look: ServerLook }>([
    { reason: '9.0 knows no v9.1', refusals: [UNKNOWN_ROUTE], segment: 'v9.0', look: { version: '9.0.3.7' } },
    {
      reason: '8.2 knows no v9.x and says privileges by id',
      refusals: [UNKNOWN_ROUTE, html(404, '<html><h1>404 - File or directory not found.</h1></html>')],
      segment: 'v8.2',
      look: { version: '8.2.2.112', privilegeNames: false },
    },
    {
      reason: 'a refusal may be 501',
      refusals: [json({ error: { code: '', message: 'Not implemented' } }, 501)],
      segment: 'v9.0',
      look: { version: '9.0.3.7' },
    },
  ])('settles for an older version where the server refuses: $reason', async ({ refusals, segment, look }) => {
    const answers = [...refusals, ...probeAnswers(look)]

    const { server, probe } = await probing(answers.map((answer) => ({ answer })))
    const found = await probe

    expect(found.version).toBe(look.version)
    expect(found.privileges).toEqual(new Set(['prvReadMailbox', 'prvWriteMailbox']))
    expect(urls(server).at(-1)).toBe(`/ContosoSales/api/data/${segment}/$batch`)
    expect(server.requests.length, 'a probe costs at most 5 requests').toBeLessThanOrEqual(5)
    expect(server.problems()).toEqual([])
  })

  test('asks an 8.2 server for the names of privileges in the same batch and follows its pages', async () => {
    const [who] = probeAnswers()
    const [, details] = probeAnswers({ version: '8.2.2.112', privilegeNames: false })
    const link =
      'http://crmsrv01:5555/ContosoSales/api/data/v8.2/privileges?$select=privilegeid,name&$skiptoken=%3Ccookie%20pagenumber=%222%22'
    const body = String(details.body).replace(
      '"name":"prvReadAccount"}]',
      `"name":"x"}],"@odata.nextLink":${JSON.stringify(link)}`,
    )

    const { server, probe } = await probing(
      [
        { request: { url: '/ContosoSales/api/data/v8.2/WhoAmI()' }, answer: who },
        { answer: { ...details, body } },
        {
          request: {
            url: '/ContosoSales/api/data/v8.2/privileges?$select=privilegeid,name&$skiptoken=%3Ccookie%20pagenumber=%222%22',
          },
          answer: json({ value: [{ privilegeid: 'ffffffff-0000-4000-8000-000000000009', name: 'prvReadQueue' }] }),
        },
      ],
      { versionPin: '8.2' },
    )
    const found = await probe

    expect(found.privileges).toEqual(new Set(['prvReadMailbox', 'prvWriteMailbox']))
    expect(server.requests[1]?.body).toContain(
      'GET /ContosoSales/api/data/v8.2/privileges?$select=privilegeid,name HTTP/1.1',
    )
    expect(server.problems()).toEqual([])
  })

  test.each([
    { reason: 'a refused identity says nothing about versions', answer: { status: 401 }, code: 'Unauthenticated' },
    { reason: 'a forbidden one neither', answer: json({ error: { code: '', message: 'no' } }, 403), code: 'Forbidden' },
    {
      reason: 'a broken server neither',
      answer: json({ error: { code: '', message: 'x' } }, 500),
      code: 'Unavailable',
    },
    { reason: 'a sign-in page neither', answer: html(200, '<form action="/adfs/ls/">'), code: 'Unauthenticated' },
  ])('does not try another version: $reason', async ({ answer, code }) => {
    const { server, probe } = await probing([{ answer }])

    await expect(probe).rejects.toMatchObject({ name: 'CrmError', code })
    expect(server.requests).toHaveLength(1)
  })

  test('says that nothing answers under a URL of something else', async () => {
    const nothing = { answer: html(404, '<html>Not Found</html>') }

    const { probe } = await probing([nothing, nothing, nothing])

    await expect(probe).rejects.toSatisfy(
      (error) => error instanceof CrmError && error.code === 'Unsupported' && error.message.includes('check the URL'),
    )
  })

  test.each([
    { reason: 'the server is ahead', date: 'Mon, 02 Mar 2026 10:01:30 GMT', skew: 90_000 },
    { reason: 'the server is behind by more than its second', date: 'Mon, 02 Mar 2026 09:59:30 GMT', skew: -29_000 },
    { reason: 'within a second it is the same', date: 'Mon, 02 Mar 2026 10:00:00 GMT', skew: 0 },
  ])('reads the clock skew from the Date header: $reason', async ({ date, skew }) => {
    const [who, details] = probeAnswers()

    const { probe } = await probing([{ answer: { ...who, headers: { ...who.headers, date } } }, { answer: details }])

    expect((await probe).clockSkewMs).toBe(skew)
  })

  test('uses the version that the URL names and no other', async () => {
    const server = await playExchanges([{ answer: UNKNOWN_ROUTE }])
    const { client, http } = clientOf(server.origin, { baseUrl: `${server.origin}/ContosoSales/api/data/v9.0/` })
    closers.push(
      () => client.close(),
      () => http.close(),
      server.close,
    )

    await expect(client.reader().probe(NEVER)).rejects.toMatchObject({ code: 'Unsupported' })
    expect(urls(server)).toEqual(['/ContosoSales/api/data/v9.0/WhoAmI()'])
  })

  test('goes on without $batch where something in front of the server refuses it', async () => {
    const [who, details] = probeAnswers()
    const values = String(details.body).match(/^\{.*\}$/gm) ?? []

    const { server, probe } = await probing([
      { answer: who },
      { answer: html(404, '<html>no $batch here</html>') },
      ...values.map((body) => ({ answer: { status: 200, body } })),
    ])

    expect((await probe).version).toBe('9.1.27.15')
    expect(urls(server).slice(2, 4)).toEqual([
      '/ContosoSales/api/data/v9.1/RetrieveVersion()',
      "/ContosoSales/api/data/v9.1/EntityDefinitions(LogicalName='mailbox')/Attributes?$select=LogicalName,IsValidForCreate,IsValidForUpdate,IsValidForRead",
    ])
  })

  test('a second reader probes anew but begins with the version that worked', async () => {
    const [who, details] = probeAnswers({ version: '9.0.3.7' })

    const { server, probe, client } = await probing([
      { answer: UNKNOWN_ROUTE },
      { answer: who },
      { answer: details },
      { answer: who },
      { answer: details },
    ])
    await probe
    await client.reader().probe(NEVER)

    expect(urls(server).map((url) => url.split('/')[4])).toEqual(['v9.1', 'v9.0', 'v9.0', 'v9.0', 'v9.0'])
  })
})
