import { afterEach, describe, expect, test } from 'vitest'
import type { MailboxPatch, WriteOperation, WriteResult } from '../../src/crm/index.ts'
import {
  batch,
  changeSet,
  clientOf,
  html,
  id,
  json,
  NEVER,
  part,
  probeExchanges,
  type ServerLook,
} from './crm-fixtures.ts'
import { playExchanges, type ScriptedServer, type WrittenAnswer, type WrittenExchange } from './scripted-server.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Written {
  readonly server: ScriptedServer
  readonly results: ReadonlyMap<string, WriteResult>
  readonly waits: readonly number[]
}

async function write(
  operations: readonly WriteOperation[],
  exchanges: readonly WrittenExchange[],
  look: ServerLook & { readonly pin?: string } = {},
  options: Parameters<typeof clientOf>[1] = {},
): Promise<Written> {
  const { pin, ...rest } = look
  const server = await playExchanges([...probeExchanges(rest), ...exchanges])
  const { client, http, clock } = clientOf(server.origin, {
    maximumConcurrency: 1,
    ...(pin && { versionPin: pin }),
    ...options,
  })
  closers.push(
    () => client.close(),
    () => http.close(),
    server.close,
  )
  const results = new Map<string, WriteResult>()
  for await (const result of client.writer().write(operations, NEVER)) {
    expect(results.has(result.ref), `${result.ref} has one result`).toBe(false)
    results.set(result.ref, result)
  }
  expect([...results.keys()].sort(), 'every operation has a result').toEqual(operations.map(({ ref }) => ref).sort())
  return { server, results, waits: clock.waits }
}

const EIGHT = { version: '8.2.2.112', privilegeNames: false, pin: '8.2' } as const
const NO_CONTENT = part('204 No Content')

function error(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } })
}

function update(number: number, patch: MailboxPatch): WriteOperation {
  return { ref: `m${number}`, kind: 'update-mailbox', id: id('mbox', number), patch }
}

function stop(number: number): WriteOperation {
  return update(number, { incoming: 'None' })
}

function outcomes({ results }: Written): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...results]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([ref, { outcome, code }]) => [ref, code ? `${outcome} ${code}` : outcome]),
  )
}

/** The requests inside a batch: request line, headers worth a look, body. */
function sentParts(server: ScriptedServer, index = -1): readonly string[] {
  const body = server.requests.at(index)?.body ?? ''
  return (body.match(/^(?:GET|POST|PATCH|DELETE) .* HTTP\/1\.1\r\n[\s\S]*?(?=\r\n--)/gm) ?? []).map((text) =>
    text.trim(),
  )
}

describe('a batch of updates', () => {
  test('is plain parts with If-Match and only what changed, and goes on behind errors (9.x), to the letter', async () => {
    const boundary = 'batch_write_8000000000'
    const lines = (number: number, body: string) => [
      `--${boundary}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `PATCH /ContosoSales/api/data/v9.1/mailboxes(${id('mbox', number)}) HTTP/1.1`,
      'Content-Type: application/json',
      'If-Match: *',
      '',
      body,
    ]

    const written = await write(
      [
        update(1, {
          profileId: id('prof', 1),
          incoming: 'ServerSideSync',
          outgoing: 'ServerSideSync',
          appointmentsContactsTasks: 'ServerSideSync',
          requestTest: true,
        }),
        update(2, { name: 'Zoë', appointmentsContactsTasks: 'None' }),
      ],
      [
        {
          request: {
            method: 'POST',
            url: '/ContosoSales/api/data/v9.1/$batch',
            headers: {
              prefer: 'odata.continue-on-error',
              'content-type': `multipart/mixed; boundary="${boundary}"`,
              'odata-version': '4.0',
            },
            body: [
              ...lines(
                1,
                `{"emailserverprofile@odata.bind":"/emailserverprofiles(${id('prof', 1)})","incomingemaildeliverymethod":2,"outgoingemaildeliverymethod":2,"actdeliverymethod":1,"testemailconfigurationscheduled":true}`,
              ),
              ...lines(2, '{"name":"Zo\\u00eb","actdeliverymethod":2}'),
              `--${boundary}--`,
              '',
            ].join('\r\n'),
          },
          answer: batch([NO_CONTENT, NO_CONTENT]),
        },
      ],
    )

    expect(written.server.problems()).toEqual([])
    expect(outcomes(written)).toEqual({ m1: 'done', m2: 'done' })
  })

  test('is a change set per operation (8.2), to the letter', async () => {
    const boundary = 'batch_write_8000000000'
    const set = (number: number) => {
      const inner = `changeset_write_8000000000_${number - 1}`
      return [
        `--${boundary}`,
        `Content-Type: multipart/mixed; boundary="${inner}"`,
        '',
        `--${inner}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        `Content-ID: ${number}`,
        '',
        `PATCH /ContosoSales/api/data/v8.2/mailboxes(${id('mbox', number)}) HTTP/1.1`,
        'Content-Type: application/json',
        'If-Match: *',
        '',
        '{"incomingemaildeliverymethod":0}',
        `--${inner}--`,
      ]
    }

    const written = await write(
      [stop(1), stop(2)],
      [
        {
          request: { headers: { prefer: undefined }, body: [...set(1), ...set(2), `--${boundary}--`, ''].join('\r\n') },
          answer: batch([changeSet(part('204 No Content', '', '1')), changeSet(part('204 No Content', '', '2'))]),
        },
      ],
      EIGHT,
    )

    expect(written.server.problems()).toEqual([])
    expect(outcomes(written)).toEqual({ m1: 'done', m2: 'done' })
  })

  test('tells each operation its own fate (continue-on-error, outer 200)', async () => {
    const written = await write([1, 2, 3, 4, 5].map(stop), [
      {
        answer: batch([
          NO_CONTENT,
          part('404 Not Found', error('', `mailbox With Id = ${id('mbox', 2)} Does Not Exist`)),
          part(
            '403 Forbidden',
            error(
              '0x80040220',
              `Principal user (Id=${id('user', 0)}, type=8) is missing prvWriteMailbox privilege (Id=x)`,
            ),
          ),
          part(
            '400 Bad Request',
            JSON.stringify({
              error: {
                code: '',
                message: 'bad',
                innererror: {
                  message: 'worse',
                  type: 'Microsoft.Crm.CrmHttpException',
                  stacktrace: '   at Microsoft.Crm.Secret()',
                },
              },
            }),
          ),
          part('204 No Content'),
        ]),
      },
    ])

    expect(outcomes(written)).toEqual({
      m1: 'done',
      m2: 'failed NotFound',
      m3: 'failed PrivilegeMissing',
      m4: 'failed Invalid',
      m5: 'done',
    })
    expect(written.results.get('m3')?.message).toContain('lacks prvWriteMailbox')
    expect(written.results.get('m4')?.message).not.toContain('Microsoft.Crm')
  })

  test('that stops at its first failure is sent again from behind it (8.2, outer status of the failure)', async () => {
    const written = await write(
      [1, 2, 3, 4].map(stop),
      [
        { answer: batch([changeSet(part('204 No Content', '', '1')), part('404 Not Found', error('', 'gone'))], 404) },
        { answer: batch([changeSet(part('204 No Content', '', '1')), changeSet(part('204 No Content', '', '2'))]) },
      ],
      EIGHT,
    )

    expect(outcomes(written)).toEqual({ m1: 'done', m2: 'failed NotFound', m3: 'done', m4: 'done' })
    expect(sentParts(written.server).map((text) => text.split(' ')[1])).toEqual(
      [3, 4].map((number) => `/ContosoSales/api/data/v8.2/mailboxes(${id('mbox', number)})`),
    )
    expect(written.waits, 'nobody has to wait for that').toEqual([])
  })

  test('that stops although it was told to go on is sent again from behind the failure', async () => {
    const written = await write([1, 2, 3].map(stop), [
      { answer: batch([part('400 Bad Request', error('', 'no'))], 400) },
      { request: { headers: { prefer: undefined } }, answer: batch([NO_CONTENT, NO_CONTENT]) },
    ])

    expect(outcomes(written)).toEqual({ m1: 'failed Invalid', m2: 'done', m3: 'done' })
    expect(written.server.problems()).toEqual([])
  })

  test('a failing change set is one answer that stands for all its requests', async () => {
    const written = await write(
      [update(1, { profileId: null, incoming: 'None' }), stop(2)],
      [{ answer: batch([changeSet(part('400 Bad Request', error('', 'no'), '2')), NO_CONTENT]) }],
    )

    expect(outcomes(written)).toEqual({ m1: 'failed Invalid', m2: 'done' })
  })
})

describe('one operation as requests', () => {
  const cases: readonly {
    reason: string
    operation: WriteOperation
    parts: readonly string[]
    answers: readonly string[]
  }[] = [
    {
      reason: 'taking the profile away is a deleted reference, together with the rest',
      operation: update(1, { profileId: null, incoming: 'None' }),
      parts: [
        `DELETE mailboxes(${id('mbox', 1)})/emailserverprofile/$ref HTTP/1.1`,
        `PATCH mailboxes(${id('mbox', 1)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"incomingemaildeliverymethod":0}`,
      ],
      answers: [changeSet(part('204 No Content', '', '1'), part('204 No Content', '', '2'))],
    },
    {
      reason: 'every writable column of a mailbox',
      operation: update(1, {
        name: 'Forward',
        address: 'in@contoso.com',
        owner: { type: 'Team', id: id('team', 1) },
        profileId: id('prof', 1),
        incoming: 'ForwardMailbox',
        outgoing: 'None',
        appointmentsContactsTasks: 'Outlook',
        approval: 'Rejected',
        primarySync: true,
        processEmailFrom: '2026-11-01T00:00:00Z',
        processAndDelete: true,
      }),
      parts: [
        `PATCH mailboxes(${id('mbox', 1)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"name":"Forward","emailaddress":"in@contoso.com","ownerid@odata.bind":"/teams(${id('team', 1)})","emailserverprofile@odata.bind":"/emailserverprofiles(${id('prof', 1)})","incomingemaildeliverymethod":3,"outgoingemaildeliverymethod":0,"actdeliverymethod":0,"emailrouteraccessapproval":3,"orgmarkedasprimaryforexchangesync":true,"processemailreceivedafter":"2026-11-01T00:00:00Z","processanddeleteemails":true}`,
      ],
      answers: [NO_CONTENT],
    },
    {
      reason: 'a new mailbox carries our id',
      operation: {
        ref: 'm1',
        kind: 'create-mailbox',
        id: id('mbox', 1),
        patch: { name: 'In', address: 'in@contoso.com', owner: { type: 'User', id: id('user', 1) } },
      },
      parts: [
        `POST mailboxes HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"mailboxid":"${id('mbox', 1)}","name":"In","emailaddress":"in@contoso.com","ownerid@odata.bind":"/systemusers(${id('user', 1)})"}`,
      ],
      answers: [NO_CONTENT],
    },
    {
      reason: 'the address of a user has its own name, and the approval comes in a request behind it',
      operation: {
        ref: 'm1',
        kind: 'update-user',
        id: id('user', 1),
        patch: { address: 'ann@contoso.com', approval: 'Approved' },
      },
      parts: [
        `PATCH systemusers(${id('user', 1)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"internalemailaddress":"ann@contoso.com"}`,
        `PATCH systemusers(${id('user', 1)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"emailrouteraccessapproval":1}`,
      ],
      answers: [changeSet(part('204 No Content', '', '1'), part('204 No Content', '', '2'))],
    },
    {
      reason: 'the address of a queue is emailaddress',
      operation: { ref: 'm1', kind: 'update-queue', id: id('queu', 1), patch: { address: 'sup@contoso.com' } },
      parts: [
        `PATCH queues(${id('queu', 1)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"emailaddress":"sup@contoso.com"}`,
      ],
      answers: [NO_CONTENT],
    },
    {
      reason: 'a profile is created active, with what the server knows by other names',
      operation: {
        ref: 'm1',
        kind: 'create-profile',
        id: id('prof', 2),
        patch: {
          displayName: 'Exchange Online',
          serverType: 'ExchangeOnlineHybrid',
          autoDiscover: true,
          incomingCredentials: 'ServerToServer',
          incomingAuthenticationProtocol: 'AutoDetect',
          exchangeVersion: null,
          processEmailFrom: '2026-11-01T00:00:00Z',
          timeoutMailboxConnectionAfterMs: 100_000,
          owner: { type: 'Team', id: id('team', 1) },
          incomingPassword: 'p',
          active: true,
        },
      },
      parts: [
        `POST emailserverprofiles HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"emailserverprofileid":"${id('prof', 2)}","name":"Exchange Online","servertype":3,"useautodiscover":true,"incomingauthenticationprotocol":0,"incomingcredentialretrieval":2,"exchangeversion":null,"processemailsreceivedafter":"2026-11-01T00:00:00Z","timeoutmailboxconnectionafteramount":100000,"ownerid@odata.bind":"/teams(${id('team', 1)})","incomingpassword":"p"}`,
      ],
      answers: [NO_CONTENT],
    },
    {
      reason: 'an inactive profile is created and then switched off, because the state is no column of a create',
      operation: { ref: 'm1', kind: 'create-profile', id: id('prof', 2), patch: { displayName: 'Old', active: false } },
      parts: [
        `POST emailserverprofiles HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"emailserverprofileid":"${id('prof', 2)}","name":"Old"}`,
        `PATCH emailserverprofiles(${id('prof', 2)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"statecode":1,"statuscode":2}`,
      ],
      answers: [changeSet(part('204 No Content', '', '1'), part('204 No Content', '', '2'))],
    },
    {
      reason: 'a profile is switched on by state and status together',
      operation: { ref: 'm1', kind: 'update-profile', id: id('prof', 2), patch: { active: true, description: null } },
      parts: [
        `PATCH emailserverprofiles(${id('prof', 2)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"description":null,"statecode":0,"statuscode":1}`,
      ],
      answers: [NO_CONTENT],
    },
    {
      reason: 'the organization gets the columns that change, in its own units and directions',
      operation: {
        ref: 'm1',
        kind: 'update-organization',
        id: id('orgz', 1),
        patch: {
          connectionChannel: 'ServerSideSync',
          defaultProfileId: id('prof', 2),
          requireApproval: { queues: false },
          internalEmail: true,
          tokenPrefix: 'S:',
          maximumAttachmentKilobytes: 5120,
        },
      },
      parts: [
        `PATCH organizations(${id('orgz', 1)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"ignoreinternalemail":false,"trackingprefix":"S:","maxuploadfilesize":5242880,"emailconnectionchannel":0,"defaultemailserverprofileid@odata.bind":"/emailserverprofiles(${id('prof', 2)})","requireapprovalforqueueemail":false}`,
      ],
      answers: [NO_CONTENT],
    },
    {
      reason: 'methods of new mailboxes go into the text they were read from, with the numbers of their columns',
      operation: {
        ref: 'm1',
        kind: 'update-organization',
        id: id('orgz', 1),
        patch: {
          defaultMethods: {
            text: '<EmailSettings><!-- ours --><ACTDeliveryMethod>2</ACTDeliveryMethod><New/></EmailSettings>',
            methods: { appointmentsContactsTasks: 'ServerSideSync', outgoing: 'ServerSideSync' },
          },
        },
      },
      parts: [
        `PATCH organizations(${id('orgz', 1)}) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"defaultemailsettings":"<EmailSettings><!-- ours --><ACTDeliveryMethod>1</ACTDeliveryMethod><New/><OutgoingEmailDeliveryMethod>2</OutgoingEmailDeliveryMethod></EmailSettings>"}`,
      ],
      answers: [NO_CONTENT],
    },
    {
      reason: 'a profile is deleted by its id',
      operation: { ref: 'm1', kind: 'delete-profile', id: id('prof', 2) },
      parts: [`DELETE emailserverprofiles(${id('prof', 2)}) HTTP/1.1`],
      answers: [NO_CONTENT],
    },
  ]

  test.each(cases)('$reason', async ({ operation, parts, answers }) => {
    const written = await write([operation], [{ answer: batch(answers) }])

    expect(sentParts(written.server)).toEqual(parts.map((text) => text.replace(' ', ' /ContosoSales/api/data/v9.1/')))
    expect(outcomes(written)).toEqual({ m1: 'done' })
  })

  test('nothing to write is done without a request', async () => {
    const written = await write([update(1, {})], [])

    expect(outcomes(written)).toEqual({ m1: 'done' })
    expect(written.server.requests, 'only the probe').toHaveLength(2)
  })

  test.each<{ reason: string; operation: WriteOperation; code: string; missing?: string[] }>([
    {
      reason: 'an option that is shown and never written',
      operation: update(1, { incoming: 'Other(7)' }),
      code: 'Invalid',
    },
    { reason: 'an id that is none', operation: { ...stop(1), id: "x')" }, code: 'Invalid' },
    {
      reason: 'an owner without an id',
      operation: update(1, { owner: { type: 'User', id: '1) or (2' } }),
      code: 'Invalid',
    },
    {
      reason: 'a channel that is shown and never written',
      operation: {
        ref: 'm1',
        kind: 'update-organization',
        id: id('orgz', 1),
        patch: { connectionChannel: 'Other(2)' },
      },
      code: 'Invalid',
    },
    {
      reason: 'default methods in a text that is not understood',
      operation: {
        ref: 'm1',
        kind: 'update-organization',
        id: id('orgz', 1),
        patch: { defaultMethods: { text: '<Other/>', methods: { incoming: 'None' } } },
      },
      code: 'Invalid',
    },
    {
      reason: 'a default method that is none',
      operation: {
        ref: 'm1',
        kind: 'update-organization',
        id: id('orgz', 1),
        patch: { defaultMethods: { text: null, methods: { incoming: 'Other(8)' } } },
      },
      code: 'Invalid',
    },
    {
      reason: 'a server type of the online service',
      operation: { ref: 'm1', kind: 'update-profile', id: id('prof', 1), patch: { serverType: 'ExchangeOnline' } },
      code: 'Invalid',
    },
    {
      reason: 'a column this build does not have',
      operation: update(1, { primarySync: true }),
      code: 'Unsupported',
      missing: ['orgmarkedasprimaryforexchangesync'],
    },
  ])('is refused before anything is sent: $reason', async ({ operation, code, missing = [] }) => {
    const written = await write([operation], [], { missing })

    expect(outcomes(written)).toEqual({ m1: `failed ${code}` })
    expect(written.server.requests, 'only the probe').toHaveLength(2)
  })
})

describe('an operation whose fate is unclear', () => {
  const test1 = update(1, { requestTest: true })
  const create: WriteOperation = { ref: 'm1', kind: 'create-profile', id: id('prof', 1), patch: { displayName: 'P' } }
  const remove: WriteOperation = { ref: 'm1', kind: 'delete-profile', id: id('prof', 1) }
  const lost: WrittenAnswer = { status: 200, fault: 'reset' }
  const lookUp = (answer: WrittenAnswer): WrittenExchange => ({
    request: {
      method: 'GET',
      url: `/ContosoSales/api/data/v9.1/emailserverprofiles(${id('prof', 1)})?$select=emailserverprofileid`,
    },
    answer,
  })
  const there = lookUp(json({ emailserverprofileid: id('prof', 1) }))
  const absent = lookUp(json({ error: { code: '0x80040217', message: 'Does Not Exist' } }, 404))

  test.each<{ reason: string; operation: WriteOperation; exchanges: WrittenExchange[]; outcome: string }>([
    {
      reason: 'absolute values are written again',
      operation: stop(1),
      exchanges: [{ answer: lost }, { answer: batch([NO_CONTENT]) }],
      outcome: 'done',
    },
    {
      reason: 'and again, but not for ever',
      operation: stop(1),
      exchanges: [{ answer: lost }, { answer: lost }, { answer: lost }],
      outcome: 'unknown Unreachable',
    },
    {
      reason: 'a refusal does not settle what an earlier attempt may have done',
      operation: stop(1),
      exchanges: [{ answer: lost }, { answer: batch([part('403 Forbidden', error('', 'no'))]) }],
      outcome: 'unknown Forbidden',
    },
    {
      reason: 'a test is not requested twice',
      operation: test1,
      exchanges: [{ answer: lost }],
      outcome: 'unknown Unreachable',
    },
    {
      reason: 'a deletion is not repeated',
      operation: remove,
      exchanges: [{ answer: lost }],
      outcome: 'unknown Unreachable',
    },
    {
      reason: 'a lost create is looked up and there',
      operation: create,
      exchanges: [{ answer: lost }, there],
      outcome: 'done',
    },
    {
      reason: 'a lost create is looked up and not there',
      operation: create,
      exchanges: [{ answer: lost }, absent],
      outcome: 'unknown Unreachable',
    },
    {
      reason: 'a lost create cannot be looked up',
      operation: create,
      exchanges: [{ answer: lost }, lookUp(json({ error: { code: '', message: 'no' } }, 403))],
      outcome: 'unknown Unreachable',
    },
    {
      reason: 'a create that met its own id is done',
      operation: create,
      exchanges: [
        {
          answer: batch([
            part('412 Precondition Failed', error('', 'A record with matching key values already exists.')),
          ]),
        },
        there,
      ],
      outcome: 'done',
    },
    {
      reason: 'a duplicate key by its code is the same',
      operation: create,
      exchanges: [
        { answer: batch([part('500 Internal Server Error', error('0x80040237', 'Cannot insert duplicate key.'))]) },
        there,
      ],
      outcome: 'done',
    },
    {
      reason: 'a create that met something else is refused',
      operation: create,
      exchanges: [{ answer: batch([part('412 Precondition Failed', error('', 'duplicate'))]) }, absent],
      outcome: 'failed Conflict',
    },
    {
      reason: 'a row that is gone is deleted',
      operation: remove,
      exchanges: [{ answer: batch([part('404 Not Found', error('', 'Does Not Exist'))]) }],
      outcome: 'done',
    },
    {
      reason: 'an inner 500 may hide a success',
      operation: test1,
      exchanges: [{ answer: batch([part('500 Internal Server Error', error('', 'x'))]) }],
      outcome: 'unknown Unavailable',
    },
    {
      reason: 'an inner 503 without Retry-After as well',
      operation: test1,
      exchanges: [{ answer: batch([part('503 Service Unavailable')]) }],
      outcome: 'unknown Unavailable',
    },
    {
      reason: 'an answer that is no HTTP',
      operation: test1,
      exchanges: [{ answer: batch(['Content-Type: application/http\r\n\r\nhello']) }],
      outcome: 'unknown Incomplete',
    },
    {
      reason: 'an answer with the Content-ID of nobody',
      operation: update(1, { profileId: null, name: 'x' }),
      exchanges: [{ answer: batch([changeSet(part('204 No Content', '', '7'))]) }],
      outcome: 'unknown Incomplete',
    },
    {
      reason: 'half of a change set',
      operation: update(1, { profileId: null, incoming: 'None' }),
      exchanges: [{ answer: batch([changeSet(part('204 No Content', '', '1'))]) }],
      outcome: 'unknown Incomplete',
    },
    {
      reason: 'more answers than questions',
      operation: test1,
      exchanges: [{ answer: batch([NO_CONTENT, NO_CONTENT]) }],
      outcome: 'unknown Incomplete',
    },
    {
      reason: 'no answers at all',
      operation: test1,
      exchanges: [{ answer: batch([]) }],
      outcome: 'unknown Incomplete',
    },
    {
      reason: 'a web page with 200',
      operation: test1,
      exchanges: [{ answer: html(200, '<html>Welcome</html>') }],
      outcome: 'unknown NotUnderstood',
    },
    {
      reason: 'a proxy error',
      operation: test1,
      exchanges: [{ answer: html(502, '<html>Bad Gateway</html>') }],
      outcome: 'unknown Unavailable',
    },
    {
      reason: '503 that says nothing',
      operation: test1,
      exchanges: [{ answer: html(503, 'x') }],
      outcome: 'unknown Unavailable',
    },
    {
      reason: '503 that says when to come back was not executed',
      operation: test1,
      exchanges: [{ answer: { status: 503, headers: { 'retry-after': '1' } } }, { answer: batch([NO_CONTENT]) }],
      outcome: 'done',
    },
    {
      reason: '429 was not executed',
      operation: create,
      exchanges: [{ answer: { status: 429 } }, { answer: batch([NO_CONTENT]) }],
      outcome: 'done',
    },
    {
      reason: 'an inner 429 was not executed',
      operation: test1,
      exchanges: [
        { answer: batch([part('429 Too Many Requests', error('0x80072322', 'x'))]) },
        { answer: batch([NO_CONTENT]) },
      ],
      outcome: 'done',
    },
    {
      reason: 'a refused batch was not executed and goes out alone',
      operation: create,
      exchanges: [
        { answer: html(404, '<html>no</html>') },
        {
          request: { method: 'POST', url: '/ContosoSales/api/data/v9.1/emailserverprofiles' },
          answer: { status: 204 },
        },
      ],
      outcome: 'done',
    },
    {
      reason: 'half an answer',
      operation: test1,
      exchanges: [{ answer: { ...batch([NO_CONTENT]), fault: 'cut' } }],
      outcome: 'unknown Incomplete',
    },
  ])('$reason', async ({ operation, exchanges, outcome }) => {
    const written = await write([operation], exchanges)

    expect(outcomes(written)).toEqual({ m1: outcome })
    expect(written.server.problems()).toEqual([])
  })

  test('a multipart cut behind a part is believed up to there', async () => {
    const whole = String(batch([NO_CONTENT, NO_CONTENT]).body)
    const cut = whole.slice(0, whole.lastIndexOf('--batchresponse'))
    const operations = [1, 2, 3].map((number) => update(number, { requestTest: true }))

    const written = await write(operations, [{ answer: { ...batch([]), body: cut } }])

    expect(outcomes(written), 'the second part has no delimiter behind it').toEqual({
      m1: 'done',
      m2: 'unknown Incomplete',
      m3: 'unknown Incomplete',
    })
  })

  const BAD = error('', 'no')
  const failing = part('400 Bad Request', BAD)
  const tested = [1, 2, 3].map((number) => update(number, { requestTest: true }))

  test.each<{
    reason: string
    answers: WrittenAnswer[]
    look?: typeof EIGHT
    expected: Readonly<Record<string, string>>
  }>([
    {
      reason: 'two good answers to three questions may stand for any two',
      answers: [batch([NO_CONTENT, NO_CONTENT])],
      expected: { m1: 'unknown Incomplete', m2: 'unknown Incomplete', m3: 'unknown Incomplete' },
    },
    {
      reason: 'so may two answers of a server that was told to go on, and says that it did',
      answers: [batch([NO_CONTENT, failing])],
      expected: { m1: 'unknown Incomplete', m2: 'unknown Incomplete', m3: 'unknown Incomplete' },
    },
    {
      reason: 'the outer status tells that it did not go on',
      answers: [batch([NO_CONTENT, failing], 400), batch([NO_CONTENT])],
      expected: { m1: 'done', m2: 'failed Invalid', m3: 'done' },
    },
    {
      reason: 'a server that was not told to go on stops at its failure (8.2)',
      answers: [
        batch([changeSet(part('204 No Content', '', '1')), failing]),
        batch([changeSet(part('204 No Content', '', '1'))]),
      ],
      look: EIGHT,
      expected: { m1: 'done', m2: 'failed Invalid', m3: 'done' },
    },
    {
      reason: 'a Content-ID tells whose answer it is (8.2)',
      answers: [batch([changeSet(part('204 No Content', '', '1')), changeSet(part('204 No Content', '', '3'))])],
      look: EIGHT,
      expected: { m1: 'done', m2: 'unknown Incomplete', m3: 'unknown Incomplete' },
    },
  ])('fewer answers than questions: $reason', async ({ answers, look, expected }) => {
    const written = await write(
      tested,
      answers.map((answer) => ({ answer })),
      look,
    )

    expect(outcomes(written)).toEqual(expected)
    expect(written.server.problems()).toEqual([])
  })
})

describe('a batch that is refused as a whole', () => {
  test('is halved when it is too large, down to requests of their own', async () => {
    const written = await write([1, 2, 3, 4].map(stop), [
      { answer: { status: 413 } },
      { answer: batch([NO_CONTENT, NO_CONTENT]) },
      { answer: html(413, '<html>') },
      { answer: { status: 413 } },
      {
        request: {
          method: 'PATCH',
          url: `/ContosoSales/api/data/v9.1/mailboxes(${id('mbox', 3)})`,
          headers: { 'if-match': '*', 'content-type': 'application/json' },
          body: '{"incomingemaildeliverymethod":0}',
        },
        answer: { status: 204 },
      },
      { request: { method: 'PATCH', headers: { 'if-match': '*' } }, answer: { status: 204 } },
    ])

    expect(outcomes(written)).toEqual({ m1: 'done', m2: 'done', m3: 'done', m4: 'done' })
    expect(written.server.problems()).toEqual([])
  })

  test.each([404, 405, 406, 415, 501])('%i sends every operation by itself, each with If-Match', async (status) => {
    const alone = { request: { method: 'PATCH', headers: { 'if-match': '*' } }, answer: { status: 204 } } as const

    const written = await write([stop(1), stop(2)], [{ answer: html(status, '<html>no</html>') }, alone, alone])

    expect(outcomes(written)).toEqual({ m1: 'done', m2: 'done' })
    expect(written.server.problems()).toEqual([])
  })

  test('an operation of two requests that got stuck in the middle is open', async () => {
    const operation = update(1, { profileId: null, incoming: 'None' })

    const written = await write(
      [operation],
      [
        { answer: html(404, '<html>no</html>') },
        { request: { method: 'DELETE' }, answer: { status: 204 } },
        { answer: json({ error: { code: '', message: 'no' } }, 400) },
      ],
    )

    expect(outcomes(written)).toEqual({ m1: 'unknown Invalid' })
  })

  test('waits as long as it is told, then goes on', async () => {
    const written = await write(
      [stop(1), stop(2)],
      [{ answer: { status: 429, headers: { 'retry-after': '17' } } }, { answer: batch([NO_CONTENT, NO_CONTENT]) }],
    )

    expect(outcomes(written)).toEqual({ m1: 'done', m2: 'done' })
    expect(written.waits).toContain(17_000)
  })

  test('gives up when the waiting has no end, and nothing more is sent', async () => {
    const throttled = { answer: { status: 429, headers: { 'retry-after': '200' } } }

    const written = await write([1, 2, 3].map(stop), [throttled, throttled], {}, { batchSize: 2 })

    expect(outcomes(written)).toEqual({ m1: 'failed Throttled', m2: 'failed Throttled', m3: 'failed Throttled' })
    expect(written.server.problems()).toEqual([])
  })

  test.each([
    { reason: '401', answer: { status: 401, headers: { 'www-authenticate': ['Negotiate', 'NTLM'] } } },
    { reason: 'the sign-in page', answer: html(200, '<form action="/adfs/ls"></form>') },
    { reason: 'a redirect to it', answer: { status: 302, headers: { location: '/adfs/ls/' } } },
  ] as const)('stops everything when the identity is refused by $reason', async ({ answer }) => {
    const written = await write([1, 2, 3].map(stop), [{ answer }], {}, { batchSize: 1 })

    expect(outcomes(written)).toEqual({
      m1: 'failed Unauthenticated',
      m2: 'failed Unauthenticated',
      m3: 'failed Unauthenticated',
    })
    expect(written.server.problems(), 'an account must not be locked out').toEqual([])
  })

  test('403 of the Web API is the answer to all', async () => {
    const written = await write(
      [stop(1), stop(2)],
      [{ answer: json({ error: { code: '0x80040220', message: 'missing prvWriteMailbox privilege' } }, 403) }],
    )

    expect(outcomes(written)).toEqual({ m1: 'failed PrivilegeMissing', m2: 'failed PrivilegeMissing' })
  })
})

describe('many operations', () => {
  test('go out in batches, every one once', async () => {
    const operations = Array.from({ length: 25 }, (_, index) => stop(index))
    const answers = [10, 10, 5].map((size) => ({ answer: batch(Array.from({ length: size }, () => NO_CONTENT)) }))

    const written = await write(operations, answers, {}, { batchSize: 10 })

    const sent = written.server.requests.slice(2).flatMap(({ body }) => body.match(/mailboxes\([^)]*\)/g) ?? [])
    expect(new Set(sent).size).toBe(25)
    expect(sent).toHaveLength(25)
  })

  test('are evened out between the requests that may run at the same time', async () => {
    const operations = Array.from({ length: 60 }, (_, index) => stop(index))
    const half = { answer: batch(Array.from({ length: 30 }, () => NO_CONTENT)) }

    const written = await write(operations, [half, half], {}, { maximumConcurrency: 2 })

    expect(Object.values(outcomes(written)).every((outcome) => outcome === 'done')).toBe(true)
    expect(written.server.problems()).toEqual([])
  })

  test('that build on each other keep their order', async () => {
    const operations: WriteOperation[] = [
      { ref: 'a', kind: 'create-profile', id: id('prof', 9), patch: { displayName: 'New' } },
      { ref: 'b', kind: 'update-mailbox', id: id('mbox', 1), patch: { profileId: id('prof', 9) } },
      { ref: 'c', kind: 'update-mailbox', id: id('mbox', 1), patch: { incoming: 'None' } },
      { ref: 'd', kind: 'delete-profile', id: id('prof', 8) },
    ]

    const written = await write(
      operations,
      operations.map(() => ({ answer: batch([NO_CONTENT]) })),
    )

    expect(
      written.server.requests.slice(2).map((_, index) => sentParts(written.server, index + 2)[0]?.split(' ')[0]),
    ).toEqual(['POST', 'PATCH', 'PATCH', 'DELETE'])
    expect(outcomes(written)).toEqual({ a: 'done', b: 'done', c: 'done', d: 'done' })
  })

  test('stop being sent when the signal aborts: what was under way is unknown, what was not sent is cancelled', async () => {
    const server = await playExchanges([
      ...probeExchanges(),
      { answer: batch([NO_CONTENT]) },
      { answer: { status: 200, fault: 'stall' } },
    ])
    const { client, http } = clientOf(server.origin, { maximumConcurrency: 1, batchSize: 1 })
    closers.push(
      () => client.close(),
      () => http.close(),
      server.close,
    )
    const abort = new AbortController()
    const found: string[] = []

    const writing = (async () => {
      for await (const { ref, outcome, code } of client.writer().write([1, 2, 3].map(stop), abort.signal)) {
        found.push([ref, outcome, code].filter(Boolean).join(' '))
      }
    })()
    while (server.requests.length < 4) await new Promise((resolve) => setImmediate(resolve))
    abort.abort()
    await writing

    expect(found).toEqual(['m1 done', 'm2 unknown Cancelled', 'm3 failed Cancelled'])
  })

  test('are all failed when the signal aborted before', async () => {
    const { client, http } = clientOf('http://127.0.0.1:9')
    closers.push(
      () => client.close(),
      () => http.close(),
    )
    const found: WriteResult[] = []

    for await (const result of client.writer().write([stop(1)], AbortSignal.abort())) found.push(result)

    expect(found).toMatchObject([{ ref: 'm1', outcome: 'failed', code: 'Cancelled' }])
  })

  test('stop being sent when nobody reads the results any more', async () => {
    const server = await playExchanges([
      ...probeExchanges(),
      { answer: batch([NO_CONTENT]) },
      { answer: { status: 200, fault: 'stall' } },
    ])
    const { client, http } = clientOf(server.origin, { maximumConcurrency: 1, batchSize: 1 })
    closers.push(
      () => client.close(),
      () => http.close(),
      server.close,
    )

    for await (const result of client.writer().write([1, 2, 3].map(stop), NEVER)) {
      expect(result.ref).toBe('m1')
      break
    }

    expect(server.requests.length).toBeLessThanOrEqual(4)
  })

  test('are failed, not sent, when the server cannot be probed', async () => {
    const server = await playExchanges([{ answer: { status: 401 } }])
    const { client, http } = clientOf(server.origin)
    closers.push(
      () => client.close(),
      () => http.close(),
      server.close,
    )
    const found: WriteResult[] = []

    for await (const result of client.writer().write([stop(1), stop(2)], NEVER)) found.push(result)

    expect(found.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'failed Unauthenticated',
      'failed Unauthenticated',
    ])
  })

  test('cannot be written without an identity that may write', async () => {
    const { client, http } = clientOf('http://127.0.0.1:9', { writing: undefined as never })
    closers.push(
      () => client.close(),
      () => http.close(),
    )

    expect(() => client.writer()).toThrow(/no identity that may write/)
  })
})
