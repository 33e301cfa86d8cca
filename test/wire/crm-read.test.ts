import { afterEach, describe, expect, test } from 'vitest'
import type { OrganizationReader } from '../../src/crm/index.ts'
import {
  batch,
  clientOf,
  html,
  id,
  json,
  NEVER,
  part,
  probeAnswers,
  probeExchanges,
  type ServerLook,
} from './crm-fixtures.ts'
import { MAILBOX_SELECT, mailbox, profile } from './crm-rows.ts'
import { playExchanges, type ScriptedServer, startServer, type WrittenExchange } from './scripted-server.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function readerOf(
  exchanges: readonly WrittenExchange[],
  look: ServerLook = {},
  options: Parameters<typeof clientOf>[1] = {},
): Promise<{ server: ScriptedServer; reader: OrganizationReader; waits: readonly number[] }> {
  const server = await playExchanges([...probeExchanges(look), ...exchanges])
  const { client, http, clock } = clientOf(server.origin, options)
  closers.push(
    () => client.close(),
    () => http.close(),
    server.close,
  )
  return { server, reader: client.reader(), waits: clock.waits }
}

const API = '/ContosoSales/api/data/v9.1'
const ALL_MAILBOXES = `${API}/mailboxes?$select=${MAILBOX_SELECT}&$count=true`
const PREFER = 'odata.maxpagesize=5000,odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'
const COOKIE =
  '$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%2520page%253d%25221%2522%253e%22%20istracking=%22False%22%20/%3E'

function page(rows: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): WrittenExchange['answer'] {
  return json({ '@odata.context': 'http://crmsrv01/$metadata#mailboxes', ...more, value: rows })
}

function mailboxes(from: number, count: number): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => mailbox(from + index))
}

function keys(from: number, count: number): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => ({ mailboxid: id('mbox', from + index) }))
}

describe('a set in pages', () => {
  test('is asked for with its columns, and again by the link, under the configured URL, with the same preferences', async () => {
    const link = `http://crmsrv01:5555/ContosoSales/api/data/v9.1/mailboxes?$select=mailboxid&${COOKIE}`
    const { server, reader } = await readerOf([
      {
        request: { method: 'GET', url: ALL_MAILBOXES, headers: { prefer: PREFER, 'if-match': undefined } },
        answer: page([mailbox(1), mailbox(2)], { '@odata.count': 3, '@odata.nextLink': link }),
      },
      {
        request: { method: 'GET', url: `${API}/mailboxes?$select=mailboxid&${COOKIE}`, headers: { prefer: PREFER } },
        answer: page([mailbox(3)]),
      },
    ])

    const { rows, unknown } = await reader.mailboxes('all', NEVER)

    expect(server.problems()).toEqual([])
    expect([...rows.keys()]).toEqual([id('mbox', 1), id('mbox', 2), id('mbox', 3)])
    expect(unknown.size).toBe(0)
  })

  test('asks for smaller pages where told to', async () => {
    const { server, reader } = await readerOf(
      [
        {
          request: { headers: { prefer: PREFER.replace('5000', '250') } },
          answer: page([]),
        },
      ],
      {},
      { pageSize: 250 },
    )

    await reader.mailboxes('all', NEVER)

    expect(server.problems()).toEqual([])
  })

  test.each<{ reason: string; link: unknown }>([
    { reason: 'another set', link: `https://crm/ContosoSales/api/data/v9.1/systemusers?${COOKIE}` },
    { reason: 'another version', link: `https://crm/ContosoSales/api/data/v9.0/mailboxes?${COOKIE}` },
    { reason: 'another path', link: `https://crm/evil/mailboxes?${COOKIE}` },
    { reason: 'a path that climbs', link: `https://crm/x/../api/data/v9.1/mailboxes?${COOKIE}` },
    { reason: 'no query', link: 'https://crm/ContosoSales/api/data/v9.1/mailboxes' },
    { reason: 'a fragment', link: `https://crm/ContosoSales/api/data/v9.1/mailboxes?${COOKIE}#x` },
    { reason: 'no text', link: 42 },
  ])('is not understood when the link leads to $reason', async ({ link }) => {
    const { server, reader } = await readerOf([{ answer: page([mailbox(1)], { '@odata.nextLink': link }) }])

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'NotUnderstood' })
    expect(server.problems(), 'nothing more was asked').toEqual([])
  })

  test.each<{ reason: string; answers: WrittenExchange['answer'][] }>([
    {
      reason: 'a key came twice',
      answers: [
        page([mailbox(1), mailbox(2)], { '@odata.nextLink': `${API}/mailboxes?${COOKIE}` }),
        page([mailbox(2)]),
      ],
    },
    { reason: 'the server counts more than it gave', answers: [page([mailbox(1)], { '@odata.count': 2 })] },
    { reason: 'the server counts less than it gave', answers: [page([mailbox(1), mailbox(2)], { '@odata.count': 1 })] },
  ])('is incomplete when $reason, after a second look', async ({ answers }) => {
    const twice = [...answers, ...answers].map((answer) => ({ answer }))
    const { server, reader } = await readerOf(twice)

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'Incomplete' })
    expect(server.problems()).toEqual([])
  })

  test('whose pages go round in a circle is not understood', async () => {
    const { server, reader } = await readerOf([{ answer: page([mailbox(1)], { '@odata.nextLink': ALL_MAILBOXES }) }])

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'NotUnderstood' })
    expect(server.problems()).toEqual([])
  })

  test('whose pages never end is given up', async () => {
    const probe = probeAnswers()
    const server = await startServer(
      (_, index) => probe[index] ?? page([], { '@odata.nextLink': `${API}/mailboxes?$skiptoken=${index}` }),
    )
    const { client, http } = clientOf(server.origin)
    closers.push(
      () => client.close(),
      () => http.close(),
      server.close,
    )

    await expect(client.reader().mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'NotUnderstood' })
    expect(server.requests.length).toBeLessThan(1100)
  })

  test('is given up when its pages together wait for too long', async () => {
    const throttled = { answer: { status: 429, headers: { 'retry-after': '80' } } }
    const next = (number: number) => ({
      answer: page([mailbox(number)], { '@odata.nextLink': `${API}/mailboxes?$skiptoken=${number}` }),
    })
    const { server, reader } = await readerOf([throttled, next(1), throttled, next(2), throttled, next(3), throttled])

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'Throttled' })
    expect(server.problems()).toEqual([])
  })

  test('goes by no count where the server did not count', async () => {
    const { reader } = await readerOf([{ answer: page([mailbox(1)], { '@odata.count': -1 }) }])

    expect((await reader.mailboxes('all', NEVER)).rows.size).toBe(1)
  })

  test('that changed while it was read is whole at the second look', async () => {
    const { reader } = await readerOf([
      { answer: page([mailbox(1)], { '@odata.count': 2 }) },
      { answer: page([mailbox(1), mailbox(2)], { '@odata.count': 2 }) },
    ])

    expect((await reader.mailboxes('all', NEVER)).rows.size).toBe(2)
  })

  test('trusts no count beyond the 5,000 at which it stops counting', async () => {
    const { reader } = await readerOf([
      { answer: page(mailboxes(1, 5000), { '@odata.count': 5000, '@odata.nextLink': `${API}/mailboxes?${COOKIE}` }) },
      { answer: page(mailboxes(5001, 2)) },
    ])

    expect((await reader.mailboxes('all', NEVER)).rows.size).toBe(5002)
  })

  describe('that ends with a full page, and no count tells whether that is the end,', () => {
    const LINK = { '@odata.nextLink': `${API}/mailboxes?${COOKIE}` }
    const NEXT = { '@odata.nextLink': `${API}/mailboxes?${COOKIE}&page=3` }
    const FULL = page(mailboxes(1, 3))

    test('is believed when pages of another size end at the same row', async () => {
      const { server, reader } = await readerOf(
        [
          { answer: FULL },
          {
            request: { url: `${API}/mailboxes?$select=mailboxid`, headers: { prefer: 'odata.maxpagesize=2' } },
            answer: page(keys(1, 2), LINK),
          },
          { answer: page(keys(3, 1)) },
        ],
        {},
        { pageSize: 3 },
      )

      expect((await reader.mailboxes('all', NEVER)).rows.size).toBe(3)
      expect(server.problems()).toEqual([])
    })

    test.each<{ reason: string; answers: WrittenExchange['answer'][] }>([
      { reason: 'have another row', answers: [page(keys(1, 2), LINK), page(keys(3, 1), NEXT), page(keys(4, 1))] },
      { reason: 'end with a full page too', answers: [page(keys(1, 2))] },
      { reason: 'have other rows', answers: [page(keys(2, 2), LINK), page(keys(4, 1))] },
    ])('is incomplete when pages of another size $reason', async ({ answers }) => {
      const once = [FULL, ...answers]
      const exchanges = [...once, ...once].map((answer) => ({ answer }))
      const { server, reader } = await readerOf(exchanges, {}, { pageSize: 3 })

      await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'Incomplete' })
      expect(server.problems()).toEqual([])
    })
  })

  test.each<{ reason: string; answer: WrittenExchange['answer']; code: string }>([
    { reason: 'no list', answer: json({ value: { 0: mailbox(1) } }), code: 'NotUnderstood' },
    { reason: 'an error with 200', answer: json({ error: { code: '', message: 'oops' } }), code: 'NotUnderstood' },
    { reason: 'a row without its key', answer: page([mailbox(1, { mailboxid: undefined })]), code: 'NotUnderstood' },
    { reason: 'a row that is null', answer: page([null]), code: 'NotUnderstood' },
    { reason: 'nothing', answer: { status: 200 }, code: 'NotUnderstood' },
    { reason: '204', answer: { status: 204 }, code: 'NotUnderstood' },
    { reason: 'a web page', answer: html(200, '<html><body>Maintenance</body></html>'), code: 'NotUnderstood' },
    {
      reason: 'a sign-in page',
      answer: html(200, '<html><form id="loginForm"><input type="password"></form></html>'),
      code: 'Unauthenticated',
    },
    {
      reason: 'a redirect to the sign-in page',
      answer: { status: 302, headers: { location: 'https://sts.contoso.com/adfs/ls/?wa=wsignin1.0' } },
      code: 'Unauthenticated',
    },
    { reason: 'a redirect elsewhere', answer: { status: 302, headers: { location: '/x' } }, code: 'NotUnderstood' },
    { reason: 'a proxy page with 404', answer: html(404, '<html>gone</html>'), code: 'NotUnderstood' },
  ])('is not there when the answer is $reason', async ({ answer, code }) => {
    const { reader } = await readerOf([{ answer }])

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ name: 'CrmError', code })
  })

  test.each([
    { reason: 'with a byte order mark', headers: { 'content-type': 'application/json' }, mark: '\uFEFF' },
    { reason: 'as plain text', headers: { 'content-type': 'text/plain' }, mark: '' },
    { reason: 'without a content type', headers: {}, mark: '\r\n' },
  ])('is read when the JSON comes $reason', async ({ headers, mark }) => {
    const body = mark + JSON.stringify({ value: [mailbox(1)] })
    const { reader } = await readerOf([{ answer: { status: 200, headers, body } }])

    expect((await reader.mailboxes('all', NEVER)).rows.size).toBe(1)
  })

  test.each<{ reason: string; answer: WrittenExchange['answer']; wait: number }>([
    { reason: '429 with seconds', answer: { status: 429, headers: { 'retry-after': '7' } }, wait: 7_000 },
    {
      reason: '503 with a date',
      answer: {
        status: 503,
        headers: { 'retry-after': 'Mon, 02 Mar 2026 10:00:40 GMT', date: 'Mon, 02 Mar 2026 10:00:00 GMT' },
      },
      wait: 40_000,
    },
    { reason: '503 without anything', answer: html(503, '<h2>Service Unavailable</h2>'), wait: 375 },
    { reason: '502 of a proxy', answer: html(502, '<h1>Bad Gateway</h1>'), wait: 375 },
    { reason: 'half a page, then the end', answer: { ...page([mailbox(1)]), fault: 'cut' }, wait: 375 },
    { reason: 'half a page as if it were whole', answer: { status: 200, body: '{"value":[{"mailboxid":' }, wait: 375 },
    { reason: 'no answer at all', answer: { status: 200, fault: 'reset' }, wait: 375 },
  ])('is asked for again after $reason', async ({ answer, wait }) => {
    const { server, reader, waits } = await readerOf([{ answer }, { answer: page([mailbox(1)]) }])

    expect((await reader.mailboxes('all', NEVER)).rows.size).toBe(1)
    expect(waits).toContain(wait)
    expect(server.problems()).toEqual([])
  })

  test('is given up when the throttling has no end', async () => {
    const throttled = { answer: { status: 429, headers: { 'retry-after': '120' } } }
    const { reader } = await readerOf([throttled, throttled, throttled, throttled])

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'Throttled', status: 429 })
  })
})

describe('a row', () => {
  async function decoded(changes: Readonly<Record<string, unknown>>, look: ServerLook = {}) {
    const { reader } = await readerOf([{ answer: page([mailbox(1, changes)]) }], look)
    const { rows, unknown } = await reader.mailboxes('all', NEVER)
    return { row: rows.get(id('mbox', 1)), unknown: unknown.get(id('mbox', 1)) }
  }

  test('of a user comes in our words', async () => {
    const { row } = await decoded({})

    expect(row).toEqual({
      id: id('mbox', 1),
      name: 'User 1',
      address: 'user1@contoso.com',
      type: 'User',
      regardingId: id('user', 1),
      ownerId: id('user', 1),
      profileId: id('prof', 1),
      incoming: 'ServerSideSync',
      outgoing: 'ServerSideSync',
      appointmentsContactsTasks: 'ServerSideSync',
      approval: 'Approved',
      primarySync: false,
      processEmailFrom: null,
      processAndDelete: false,
      active: true,
      serviceAccount: false,
      testScheduled: false,
      testCompletedOn: '2026-02-01T08:30:00Z',
      testPostponedUntil: null,
      testTries: 1,
      processing: false,
      processedOn: '2026-02-01T08:29:50Z',
      lastSyncedOn: null,
      postponedUntil: null,
      status: { incoming: 'Success', outgoing: 'Success', appointmentsContactsTasks: 'Success' },
      enabled: { incoming: true, outgoing: true, appointmentsContactsTasks: true },
      modifiedOn: '2026-02-01T08:31:00Z',
      modifiedById: id('user', 0),
    })
  })

  test.each([
    {
      column: 'incomingemaildeliverymethod',
      field: 'incoming',
      words: ['None', 'Outlook', 'ServerSideSync', 'ForwardMailbox', 'Other(4)'],
    },
    {
      column: 'outgoingemaildeliverymethod',
      field: 'outgoing',
      words: ['None', 'Outlook', 'ServerSideSync', 'Other(3)'],
    },
    {
      column: 'actdeliverymethod',
      field: 'appointmentsContactsTasks',
      words: ['Outlook', 'ServerSideSync', 'None', 'Other(3)'],
    },
    {
      column: 'emailrouteraccessapproval',
      field: 'approval',
      words: ['Empty', 'Approved', 'Pending', 'Rejected', 'Other(4)'],
    },
  ] as const)('has the numbers of $column', async ({ column, field, words }) => {
    for (const [number, word] of words.entries()) {
      const { row } = await decoded({ [column]: number })

      expect(row?.[field], `${column} ${number}`).toBe(word)
    }
  })

  test.each<{
    reason: string
    changes: Readonly<Record<string, unknown>>
    expected: Readonly<Record<string, unknown>>
  }>([
    {
      reason: 'a queue is told by the annotation, the column is the same',
      changes: { '_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'queue' },
      expected: { type: 'Queue', regardingId: id('user', 1) },
    },
    {
      reason: 'a forward mailbox regards nothing',
      changes: { _regardingobjectid_value: null, isforwardmailbox: true },
      expected: { type: 'Forward', regardingId: null },
    },
    {
      reason: 'never is 1900-01-01',
      changes: { testmailboxaccesscompletedon: '1900-01-01T00:00:00Z', processemailreceivedafter: '1900-01-01' },
      expected: { testCompletedOn: null, processEmailFrom: null },
    },
    {
      reason: 'parked stays the far future',
      changes: { postponetestemailconfigurationuntil: '9999-12-30T23:59:59Z' },
      expected: { testPostponedUntil: '9999-12-30T23:59:59Z' },
    },
    {
      reason: 'a date without time and one with an offset read as UTC',
      changes: { processemailreceivedafter: '2026-11-01', testmailboxaccesscompletedon: '2026-02-01T09:30:00+01:00' },
      expected: { processEmailFrom: '2026-11-01T00:00:00Z', testCompletedOn: '2026-02-01T08:30:00Z' },
    },
    { reason: 'no profile is null', changes: { _emailserverprofile_value: null }, expected: { profileId: null } },
    {
      reason: 'ids are lower case',
      changes: { _emailserverprofile_value: id('prof', 10).toUpperCase() },
      expected: { profileId: id('prof', 10) },
    },
    { reason: 'an empty address is none', changes: { emailaddress: '' }, expected: { address: null } },
    { reason: 'inactive is state 1', changes: { statecode: 1 }, expected: { active: false } },
    {
      reason: 'empty booleans read as documented',
      changes: { orgmarkedasprimaryforexchangesync: null },
      expected: { primarySync: false },
    },
    {
      reason: 'a status without a value never ran',
      changes: { actstatus: null },
      expected: { status: { incoming: 'Success', outgoing: 'Success', appointmentsContactsTasks: 'NotRun' } },
    },
  ])('$reason', async ({ changes, expected }) => {
    expect((await decoded(changes)).row).toMatchObject(expected)
  })

  test.each<{ reason: string; changes: Readonly<Record<string, unknown>> }>([
    { reason: 'a method is empty', changes: { actdeliverymethod: null } },
    { reason: 'a method is text', changes: { incomingemaildeliverymethod: '2' } },
    { reason: 'the state is missing', changes: { statecode: undefined } },
    {
      reason: 'it regards a row of an unknown table',
      changes: { '_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'team' },
    },
    {
      reason: 'the annotation is missing',
      changes: { '_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname': undefined },
    },
    { reason: 'it regards nothing and is no forward mailbox', changes: { _regardingobjectid_value: null } },
    { reason: 'a flag is text', changes: { enabledforact: 'true' } },
    { reason: 'a date is none', changes: { testmailboxaccesscompletedon: 'yesterday' } },
  ])('is unknown, and the others are not, when $reason', async ({ changes }) => {
    const { reader } = await readerOf([{ answer: page([mailbox(1, changes), mailbox(2)]) }])

    const { rows, unknown } = await reader.mailboxes('all', NEVER)

    expect([...rows.keys()]).toEqual([id('mbox', 2)])
    expect(unknown.get(id('mbox', 1))).toMatchObject({ code: 'NotUnderstood' })
  })

  test('columns that the metadata does not show are not selected and read as documented', async () => {
    const missing = ['isserviceaccount', 'postponetestemailconfigurationuntil', 'orgmarkedasprimaryforexchangesync']
    const { server, reader } = await readerOf(
      [{ answer: page([mailbox(1, Object.fromEntries(missing.map((name) => [name, undefined])))]) }],
      { missing },
    )

    const { rows } = await reader.mailboxes('all', NEVER)

    expect(rows.get(id('mbox', 1))).toMatchObject({
      serviceAccount: false,
      testPostponedUntil: null,
      primarySync: false,
    })
    for (const name of missing) expect(server.requests.at(-1)?.url).not.toContain(name)
  })

  test('cannot be read where the metadata does not show a column that decides', async () => {
    const { server, reader } = await readerOf([], { missing: ['actdeliverymethod', 'emailserverprofile'] })

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({
      code: 'Unsupported',
      message: expect.stringContaining('emailserverprofile, actdeliverymethod'),
    })
    expect(server.requests).toHaveLength(2)
  })

  test('never asks for secrets, large columns or columns of unsure shape', async () => {
    const { server, reader } = await readerOf([{ answer: page([]) }])

    await reader.mailboxes('all', NEVER)

    const selected = server.requests.at(-1)?.url ?? ''
    for (const name of [
      'password',
      'credentialinfo',
      'exchangesyncstatexml',
      'folderhierarchy',
      'regardingobjecttypecode',
      'owneridtype',
    ]) {
      expect(selected).not.toContain(name)
    }
  })
})

describe('the small sets', () => {
  test('profiles come in our words, without what is empty or not in this build', async () => {
    const { server, reader } = await readerOf([{ answer: json({ value: [profile(1)] }) }], {
      missing: ['encodingcodepage'],
    })

    const { rows } = await reader.profiles(NEVER)

    expect(rows.get(id('prof', 1))).toEqual({
      id: id('prof', 1),
      displayName: 'Exchange Online',
      description: null,
      serverType: 'ExchangeOnlineHybrid',
      useDefaultTenantId: true,
      exchangeOnlineTenantId: null,
      autoDiscover: true,
      incomingServerLocation: null,
      outgoingServerLocation: null,
      incomingPort: null,
      outgoingPort: null,
      incomingUseSsl: true,
      outgoingUseSsl: true,
      incomingAuthenticationProtocol: 'AutoDetect',
      outgoingAuthenticationProtocol: 'AutoDetect',
      incomingCredentials: 'ServerToServer',
      outgoingCredentials: null,
      incomingUserName: null,
      outgoingUserName: null,
      incomingUseImpersonation: false,
      outgoingUseImpersonation: false,
      outgoingAutoGrantDelegateAccess: false,
      useSameSettingsForOutgoing: true,
      exchangeVersion: 'Exchange2007',
      processEmailFrom: '2026-11-01T00:00:00Z',
      minimumPollingIntervalMinutes: 10,
      maximumConcurrentConnections: 10,
      moveFailedEmailsToUndeliverableFolder: true,
      sendAlertEmails: false,
      timeoutMailboxConnectionAfterMs: 100_000,
      incomingPasswordSet: true,
      outgoingPasswordSet: false,
      ownerId: id('team', 1),
      ownerType: 'Team',
      active: true,
      modifiedOn: '2026-02-01T08:31:00Z',
      modifiedById: id('user', 0),
    })
    expect(server.requests.at(-1)?.url).toContain(
      '$select=emailserverprofileid,name,_ownerid_value,statecode,description,',
    )
    expect(server.requests.at(-1)?.url).not.toContain('encodingcodepage')
    expect(server.requests.at(-1)?.url).not.toMatch(/lasttestre(quest|sponse)/)
    expect(server.requests.at(-1)?.url).not.toContain('incomingpassword,')
  })

  test('a profile carries what its connection test found, whatever strange values it holds', async () => {
    const tested = {
      lastteststarttime: '2026-02-01T08:00:00Z',
      lasttestvalidationstatus: 1,
      lastauthorizationstatus: 0,
      lasttestexecutionstatus: 'strange',
      lastcrmmessage: `first\r\nsecond ${'x'.repeat(3000)}`,
    }
    const { reader } = await readerOf([
      { answer: json({ value: [profile(1, tested), profile(2, { lastteststarttime: 7 })] }) },
    ])

    const { rows, unknown } = await reader.profiles(NEVER)

    expect(rows.get(id('prof', 1))?.connectionTest).toMatchObject({
      startedOn: '2026-02-01T08:00:00Z',
      connection: 'Success',
      authorization: 'Failure',
      mailboxAccess: null,
      message: expect.stringMatching(/^first second x{1,200}$/),
    })
    expect(rows.get(id('prof', 2))?.connectionTest).toBeUndefined()
    expect(unknown.size).toBe(0)
  })

  test.each([
    {
      version: '9.1.27.15',
      words: ['ExchangeServer', 'Pop3Smtp', 'ExchangeServerHybrid', 'ExchangeOnlineHybrid', 'Other(4)'],
    },
    {
      version: '9.2.24054.00199',
      words: ['ExchangeOnline', 'Pop3Smtp', 'ExchangeServerHybrid', 'ExchangeOnlineHybrid', 'Other(4)'],
    },
  ])('server types of $version', async ({ version, words }) => {
    const rows = words.map((_, number) => profile(number, { servertype: number }))
    const { reader } = await readerOf([{ answer: json({ value: rows }) }], { version })

    const listing = await reader.profiles(NEVER)

    expect([...listing.rows.values()].map(({ serverType }) => serverType)).toEqual(words)
  })

  const ORGANIZATION_ROW = {
    organizationid: '0f4e4d2c-6a3b-4f1e-9d0a-0b6c5f8a1e01',
    _defaultemailserverprofileid_value: id('prof', 1),
    emailconnectionchannel: 1,
    requireapprovalforuseremail: true,
    requireapprovalforqueueemail: false,
  }
  const SETTINGS = [
    'defaultemailsettings,generatealertsforerrors,generatealertsforwarnings,generatealertsforinformation',
    'notifymailboxownerofemailserverlevelalerts,emailcorrelationenabled,enablesmartmatching,ignoreinternalemail',
    'isfolderbasedtrackingenabled,maxfolderbasedtrackingmappings,trackingprefix,trackingtokenidbase',
    'trackingtokeniddigits,maximumtrackingnumber,rendersecureiframeforemail,allowunresolvedpartiesonemailsend',
    'unresolveemailaddressifmultiplematch,resolvesimilarunresolvedemailaddress,maxuploadfilesize',
  ].join(',')

  test('the organization is one row, with what its metadata shows and no column more', async () => {
    const missing = SETTINGS.split(',')
    const { server, reader } = await readerOf([{ answer: json({ value: [ORGANIZATION_ROW] }) }], { missing })

    expect(await reader.organization(NEVER)).toEqual({
      id: ORGANIZATION_ROW.organizationid,
      defaultProfileId: id('prof', 1),
      connectionChannel: 'Router',
      requireApproval: { users: true, queues: false },
    })
    expect(server.requests.at(-1)?.url).toBe(
      `${API}/organizations?$select=organizationid,_defaultemailserverprofileid_value,emailconnectionchannel,requireapprovalforuseremail,requireapprovalforqueueemail&$count=true`,
    )
  })

  test('the organization holds its e-mail settings, in our units and directions', async () => {
    const text =
      '<EmailSettings><IncomingEmailDeliveryMethod>3</IncomingEmailDeliveryMethod><OutgoingEmailDeliveryMethod>2</OutgoingEmailDeliveryMethod><ACTDeliveryMethod>9</ACTDeliveryMethod></EmailSettings>'
    const row = {
      ...ORGANIZATION_ROW,
      defaultemailsettings: text,
      generatealertsforerrors: true,
      generatealertsforwarnings: false,
      generatealertsforinformation: true,
      notifymailboxownerofemailserverlevelalerts: false,
      emailcorrelationenabled: true,
      enablesmartmatching: null,
      ignoreinternalemail: true,
      isfolderbasedtrackingenabled: false,
      maxfolderbasedtrackingmappings: 25,
      trackingprefix: 'CRM:',
      trackingtokenidbase: 1,
      trackingtokeniddigits: null,
      maximumtrackingnumber: 0,
      rendersecureiframeforemail: true,
      allowunresolvedpartiesonemailsend: false,
      unresolveemailaddressifmultiplematch: true,
      resolvesimilarunresolvedemailaddress: false,
      maxuploadfilesize: 5_242_880,
    }
    const { server, reader } = await readerOf([{ answer: json({ value: [row] }) }])

    expect(await reader.organization(NEVER)).toEqual({
      id: row.organizationid,
      defaultProfileId: id('prof', 1),
      connectionChannel: 'Router',
      requireApproval: { users: true, queues: false },
      defaultMethods: {
        text,
        methods: { incoming: 'ForwardMailbox', outgoing: 'ServerSideSync', appointmentsContactsTasks: 'Other(9)' },
      },
      alertsForErrors: true,
      alertsForWarnings: false,
      alertsForInformation: true,
      notifyMailboxOwner: false,
      correlation: true,
      internalEmail: false,
      folderLevelTracking: false,
      maximumFolderMappings: 25,
      tokenPrefix: 'CRM:',
      tokenBase: 1,
      tokenDigits: null,
      tokenMaximumNumber: 0,
      secureIframe: true,
      allowUnresolvedRecipients: false,
      unresolveWhenSeveralMatch: true,
      resolveSimilarAddresses: false,
      maximumAttachmentKilobytes: 5120,
    })
    expect(server.requests.at(-1)?.url).toContain(`requireapprovalforqueueemail,${SETTINGS}&$count=true`)
  })

  test.each([
    {
      reason: 'there is no text',
      text: null,
      told: { methods: { incoming: null, outgoing: null, appointmentsContactsTasks: null } },
    },
    {
      reason: 'the text is no settings',
      text: '<!DOCTYPE x>',
      told: { notUnderstood: 'it is not understood from character 1 on' },
    },
  ])('default methods where $reason', async ({ text, told }) => {
    const row = { ...ORGANIZATION_ROW, defaultemailsettings: text, maxuploadfilesize: 5_000_000 }
    const { reader } = await readerOf([{ answer: json({ value: [row] }) }])

    expect(await reader.organization(NEVER)).toMatchObject({
      defaultMethods: { text, ...told },
      maximumAttachmentKilobytes: 4882.8125,
    })
  })

  test.each([
    { reason: 'there is none', rows: [], code: 'Forbidden' },
    {
      reason: 'it is another one',
      rows: [
        {
          organizationid: id('orgz', 2),
          _defaultemailserverprofileid_value: null,
          emailconnectionchannel: 0,
          requireapprovalforuseremail: true,
          requireapprovalforqueueemail: true,
        },
      ],
      code: 'NotUnderstood',
    },
  ])('the organization is refused when $reason', async ({ rows, code }) => {
    const { reader } = await readerOf([{ answer: json({ value: rows }) }])

    await expect(reader.organization(NEVER)).rejects.toMatchObject({ code })
  })

  test('users and queues are holders with their own column names', async () => {
    const user = {
      systemuserid: id('user', 1),
      fullname: 'Ann',
      internalemailaddress: 'ann@contoso.com',
      emailrouteraccessapproval: 2,
      isdisabled: true,
      domainname: 'CONTOSO\\ann',
      modifiedon: null,
    }
    const queue = {
      queueid: id('queu', 1),
      name: 'Support',
      emailaddress: null,
      emailrouteraccessapproval: 0,
      statecode: 0,
      modifiedon: '2026-01-01T00:00:00Z',
    }
    const { server, reader } = await readerOf([
      {
        request: {
          url: `${API}/systemusers?$select=systemuserid,fullname,internalemailaddress,emailrouteraccessapproval,isdisabled,domainname,modifiedon&$count=true`,
          headers: { prefer: 'odata.maxpagesize=5000' },
        },
        answer: json({ value: [user] }),
      },
      {
        request: {
          url: `${API}/queues?$select=queueid,name,emailaddress,emailrouteraccessapproval,statecode,modifiedon&$count=true`,
        },
        answer: json({ value: [queue] }),
      },
    ])

    const users = await reader.users('all', NEVER)
    const queues = await reader.queues('all', NEVER)

    expect(users.rows.get(id('user', 1))).toEqual({
      id: id('user', 1),
      type: 'User',
      name: 'Ann',
      domainName: 'CONTOSO\\ann',
      address: 'ann@contoso.com',
      approval: 'Pending',
      active: false,
      modifiedOn: null,
    })
    expect(queues.rows.get(id('queu', 1))).toEqual({
      id: id('queu', 1),
      type: 'Queue',
      name: 'Support',
      address: null,
      approval: 'Empty',
      active: true,
      modifiedOn: '2026-01-01T00:00:00Z',
    })
    expect(server.problems()).toEqual([])
  })
})

describe('a selection', () => {
  const ids = (count: number) => new Set(Array.from({ length: count }, (_, index) => id('mbox', index + 1)))

  test('of few rows is one filter', async () => {
    const { server, reader } = await readerOf([
      {
        request: {
          url: `${API}/mailboxes?$select=${MAILBOX_SELECT}&$filter=mailboxid%20eq%20${id('mbox', 1)}%20or%20mailboxid%20eq%20${id('mbox', 2)}`,
          headers: { prefer: PREFER },
        },
        answer: page([mailbox(2)]),
      },
    ])

    const { rows } = await reader.mailboxes(new Set([id('mbox', 1).toUpperCase(), id('mbox', 2)]), NEVER)

    expect([...rows.keys()], 'what is not there is simply absent').toEqual([id('mbox', 2)])
    expect(server.problems()).toEqual([])
  })

  test('of more rows is filters of 400 ids in one batch', async () => {
    const answers = [1, 401].map((first) => {
      const rows = Array.from({ length: first === 401 ? 50 : 400 }, (_, index) => mailbox(first + index))
      return part('200 OK', JSON.stringify({ value: rows }))
    })
    const { server, reader } = await readerOf([
      { request: { method: 'POST', url: `${API}/$batch` }, answer: batch(answers) },
    ])

    const { rows } = await reader.mailboxes(ids(450), NEVER)

    expect(rows.size).toBe(450)
    const sent = server.requests.at(-1)?.body ?? ''
    expect(sent.match(/^GET .* HTTP\/1\.1$/gm)).toHaveLength(2)
    expect(sent.match(/^Prefer: .*$/gm)).toEqual([1, 2].map(() => `Prefer: ${PREFER}`))
    expect(server.problems()).toEqual([])
  })

  test('of none asks nothing', async () => {
    const { server, reader } = await readerOf([])

    expect((await reader.mailboxes(new Set(), NEVER)).rows.size).toBe(0)
    expect(server.requests).toHaveLength(0)
  })

  test('of hundreds is the whole set, read once', async () => {
    const all = Array.from({ length: 700 }, (_, index) => mailbox(index + 1))
    const { server, reader } = await readerOf([{ request: { url: ALL_MAILBOXES }, answer: page(all) }])

    expect((await reader.mailboxes(ids(501), NEVER)).rows.size).toBe(501)
    expect((await reader.mailboxes(ids(3), NEVER)).rows.size).toBe(3)
    expect(server.problems()).toEqual([])
  })

  test('takes no row that was not asked for', async () => {
    const { reader } = await readerOf([{ answer: page([mailbox(1), mailbox(7)]) }])

    expect([...(await reader.mailboxes(ids(2), NEVER)).rows.keys()]).toEqual([id('mbox', 1)])
  })

  test('refuses what is no id', async () => {
    const { reader } = await readerOf([])

    await expect(reader.mailboxes(new Set(["x' or 1 eq 1"]), NEVER)).rejects.toMatchObject({ code: 'Invalid' })
  })

  test.each<{ reason: string; answer: WrittenExchange['answer']; code: string }>([
    { reason: 'a part is missing', answer: batch([part('200 OK', '{"value":[]}')]), code: 'Incomplete' },
    {
      reason: 'a part failed',
      answer: batch([part('200 OK', '{"value":[]}'), part('403 Forbidden', '{"error":{"code":"","message":"no"}}')]),
      code: 'Forbidden',
    },
    {
      reason: 'a part is cut',
      answer: batch([part('200 OK', '{"value":[]}'), part('200 OK', '{"value":[{"mailboxid"')]),
      code: 'Incomplete',
    },
  ])('fails as a whole when $reason', async ({ answer, code }) => {
    const { reader } = await readerOf([{ answer }])

    await expect(reader.mailboxes(ids(450), NEVER)).rejects.toMatchObject({ code })
  })

  test('asks again for what stood behind a throttled part', async () => {
    const { server, reader, waits } = await readerOf(
      [
        {
          answer: batch(
            [
              part('200 OK', JSON.stringify({ value: [mailbox(1)] })),
              part('429 Too Many Requests', '{"error":{"code":"0x80072322","message":"slow"}}').replace(
                'OData-Version',
                'Retry-After: 3\r\nOData-Version',
              ),
            ],
            429,
          ),
        },
        { answer: batch([part('200 OK', JSON.stringify({ value: [mailbox(401)] }))]) },
      ].map((exchange, index) => (index === 0 ? { answer: { ...exchange.answer, status: 200 } } : exchange)),
    )

    const { rows } = await reader.mailboxes(ids(450), NEVER)

    expect([...rows.keys()]).toEqual([id('mbox', 1), id('mbox', 401)])
    expect(waits).toContain(3000)
    expect(server.requests.at(-1)?.body.match(/^GET /gm)).toHaveLength(1)
  })
})

describe('alerts', () => {
  const alert = (number: number, regarding: string, modifiedon: string, level = 3) => ({
    tracelogid: id('trac', number),
    _regardingobjectid_value: regarding,
    level,
    tracecode: 42,
    text: `Alert ${number}`,
    createdon: '2026-01-01T00:00:00Z',
    modifiedon,
  })

  test('come for the asked rows only, newest first', async () => {
    const [one, other] = [id('mbox', 1), id('prof', 1)]
    const { server, reader } = await readerOf([
      {
        request: {
          url: `${API}/tracelogs?$select=tracelogid,_regardingobjectid_value,level,tracecode,text,createdon,modifiedon,errordetails,traceparameterxml,tracestatus&$filter=_regardingobjectid_value%20eq%20${one}%20or%20_regardingobjectid_value%20eq%20${other}`,
        },
        answer: json({
          value: [
            alert(1, one, '2026-01-02T00:00:00Z', 2),
            alert(2, one, '2026-01-03T00:00:00Z'),
            alert(3, other, '2026-01-01T00:00:00Z', 1),
            alert(4, id('mbox', 9), '2026-01-01T00:00:00Z'),
          ],
        }),
      },
    ])

    const found = await reader.alerts(new Set([one, other]), NEVER)

    expect([...found.keys()]).toEqual([one, other])
    expect(found.get(one)?.map(({ id: alertId, level }) => [alertId, level])).toEqual([
      [id('trac', 2), 'Error'],
      [id('trac', 1), 'Warning'],
    ])
    expect(found.get(other)?.[0]).toMatchObject({ level: 'Information', code: 42, text: 'Alert 3' })
    expect(server.problems()).toEqual([])
  })

  test('of many rows are filters in several batches, however large the set is', async () => {
    const many = new Set(Array.from({ length: 600 }, (_, index) => id('mbox', index)))
    const nothing = part('200 OK', JSON.stringify({ value: [] }))
    const found = part('200 OK', JSON.stringify({ value: [alert(1, id('mbox', 5), '2026-01-02T00:00:00Z')] }))
    const { server, reader } = await readerOf([
      { answer: batch([found, ...Array.from({ length: 9 }, () => nothing)]) },
      { answer: batch(Array.from({ length: 5 }, () => nothing)) },
    ])

    const alerts = await reader.alerts(many, NEVER)

    expect([...alerts.keys()]).toEqual([id('mbox', 5)])
    const sizes = server.requests.slice(-2).map(({ body }) => body.match(/^GET .*tracelogs/gm)?.length)
    expect(sizes.sort()).toEqual([10, 5])
  })

  test('one that cannot be understood says so, and hides no other', async () => {
    const ann = id('mbox', 1)
    const broken = { ...alert(1, ann, '2026-01-03T00:00:00Z'), tracecode: 'viele' }
    const rows = [broken, alert(2, ann, '2026-01-02T00:00:00Z')]
    const { reader } = await readerOf([{ answer: json({ value: rows }) }])

    const found = (await reader.alerts(new Set([ann]), NEVER)).get(ann)

    expect(found?.map(({ undecodable }) => undecodable)).toEqual([undefined, expect.stringContaining('tracecode')])
  })

  test('carry what no language touches, capped', async () => {
    const ann = id('mbox', 1)
    const row = { ...alert(1, ann, '2026-01-03T00:00:00Z'), errordetails: 'x'.repeat(9000), tracestatus: false }
    const { reader } = await readerOf([{ answer: json({ value: [{ ...row, traceparameterxml: null }] }) }])

    const [found] = (await reader.alerts(new Set([ann]), NEVER)).get(ann) ?? []

    expect(found).toMatchObject({ parameters: null, succeeded: false })
    expect(found?.details).toHaveLength(4000)
  })
})

describe('a reader', () => {
  test('reads a set once, for callers at the same time and for later ones', async () => {
    const { server, reader } = await readerOf([{ answer: page([mailbox(1)]) }])

    const [one, other] = await Promise.all([reader.mailboxes('all', NEVER), reader.mailboxes('all', NEVER)])
    const later = await reader.mailboxes('all', NEVER)

    expect(one).toBe(other)
    expect(later).toBe(one)
    expect(server.problems()).toEqual([])
  })

  test('does not remember a failure', async () => {
    const { reader } = await readerOf([
      { answer: json({ error: { code: '', message: 'no' } }, 403) },
      { answer: page([mailbox(1)]) },
    ])

    await expect(reader.mailboxes('all', NEVER)).rejects.toMatchObject({ code: 'Forbidden' })
    expect((await reader.mailboxes('all', NEVER)).rows.size).toBe(1)
  })

  test('goes on for the others when one caller gives up', async () => {
    const { reader } = await readerOf([{ answer: page([mailbox(1)]) }])
    const impatient = new AbortController()

    const gaveUp = reader.mailboxes('all', impatient.signal)
    const waits = reader.mailboxes('all', NEVER)
    impatient.abort()

    await expect(gaveUp).rejects.toMatchObject({ code: 'Cancelled' })
    expect((await waits).rows.size).toBe(1)
  })

  test('stops when its only caller gives up', async () => {
    const { server, reader } = await readerOf([{ answer: { status: 200, fault: 'stall' } }])
    const impatient = new AbortController()

    const reading = reader.mailboxes('all', impatient.signal)
    while (server.requests.length < 3) await new Promise((resolve) => setImmediate(resolve))
    impatient.abort()

    await expect(reading).rejects.toMatchObject({ code: 'Cancelled' })
  })
})
