// The exchanges that the client is tested with are written down from the documentation. The simulator is held to the same ones: what the
// client sent there is sent here, and the answer must have the form of the written one.
import { afterEach, describe, expect, it } from 'vitest'
import type { OrganizationClient, WriteOperation } from '../../../src/crm/index.ts'
import {
  batch,
  changeSet,
  clientOf,
  id,
  json,
  legacyError,
  ME,
  modernError,
  NEVER,
  ORGANIZATION_ID,
  part,
  probeExchanges,
  type ServerLook,
} from '../../wire/crm-fixtures.ts'
import { mailbox, profile } from '../../wire/crm-rows.ts'
import { playExchanges, type RecordedRequest, type WrittenAnswer } from '../../wire/scripted-server.ts'
import { type Api, send, startApi, userMailboxes } from './exchange.ts'
import { misfits, shapeOf } from './shapes.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Exchange {
  readonly request: RecordedRequest
  readonly answer: WrittenAnswer
}

interface Look extends ServerLook {
  readonly pin?: string
  /** The exchanges of the probe count, too. */
  readonly keepsProbe?: boolean
}

const EIGHT = { version: '8.2.2.112', privilegeNames: false, pin: '8.2' } as const

/** What the client sends when these answers are written for it, behind those of the probe. */
async function exchangesOf(
  answers: readonly WrittenAnswer[],
  act: (client: OrganizationClient) => Promise<unknown>,
  { pin, keepsProbe = false, ...look }: Look = {},
): Promise<readonly Exchange[]> {
  const probe = probeExchanges(look)
  const all = [...probe, ...answers.map((answer) => ({ answer }))]
  const server = await playExchanges(all)
  const { client, http } = clientOf(server.origin, { maximumConcurrency: 1, ...(pin && { versionPin: pin }) })
  closers.push(
    () => client.close(),
    () => http.close(),
    server.close,
  )
  await act(client)
  expect(server.problems()).toEqual([])
  return server.requests
    .map((request, index) => ({ request, answer: all[index]?.answer ?? { status: 0 } }))
    .slice(keepsProbe ? 0 : probe.length)
}

async function write(client: OrganizationClient, operations: readonly WriteOperation[]): Promise<void> {
  for await (const _ of client.writer().write(operations, NEVER)) {
    // Only what was sent matters here.
  }
}

/** Sends a recorded request to the simulator; ids of the written rows become those of rows that are there. */
async function replay(api: Api, request: RecordedRequest) {
  const [first = '', second = ''] = userMailboxes(api)
  const { world } = api.simulator
  const [found] = [...world.rows('emailserverprofile').keys()]
  const [team] = [...world.rows('team').keys()]
  const [user] = [...world.rows('systemuser').keys()]
  const [queue] = [...world.rows('queue').keys()]
  const ids = [
    [id('mbox', 1), first],
    [id('mbox', 2), second],
    [id('prof', 1), found ?? ''],
    [id('team', 1), team ?? ''],
    [id('user', 1), user ?? ''],
    [id('queu', 1), queue ?? ''],
    [ME, world.callers.admin.userId],
    [ORGANIZATION_ID, world.organizationId],
  ] as const
  const here = (text: string) => ids.reduce((changed, [from, to]) => changed.replaceAll(from, to), text)
  const kept = ['prefer', 'content-type', 'if-match', 'if-none-match', 'odata-version', 'odata-maxversion', 'accept']
  const headers = kept.flatMap((name) =>
    request.headers[name] === undefined ? [] : [[name, String(request.headers[name])]],
  )
  return send(`${new URL(api.root).origin}${here(request.url)}`, {
    method: request.method,
    headers: Object.fromEntries(headers),
    ...(request.body === '' ? {} : { body: here(request.body) }),
  })
}

async function misfitsAt(api: Api, { request, answer }: Exchange): Promise<readonly string[]> {
  const came = await replay(api, request)
  const written = {
    status: answer.status,
    contentType: String(answer.headers?.['content-type'] ?? ''),
    body: String(answer.body ?? ''),
  }
  const real = { status: came.status, contentType: came.headers['content-type'] ?? '', body: came.text }
  return misfits(shapeOf(written), shapeOf(real))
}

function start(options: Parameters<typeof startApi>[0] = {}): Promise<Api> {
  return startApi({ organizationName: 'ContosoSales', ...options })
}

const update = (number: number): WriteOperation => ({
  ref: `m${number}`,
  kind: 'update-mailbox',
  id: id('mbox', number),
  patch: { incoming: 'None', profileId: id('prof', 1) },
})
const missing: WriteOperation = { ref: 'gone', kind: 'update-mailbox', id: id('none', 1), patch: { incoming: 'None' } }
const CONTEXT = { '@odata.context': 'http://crmsrv01/$metadata#mailboxes' }

const USER = {
  '@odata.etag': 'W/"1"',
  systemuserid: id('user', 1),
  fullname: 'Ann',
  internalemailaddress: 'ann@contoso.com',
  emailrouteraccessapproval: 2,
  isdisabled: true,
  domainname: 'CONTOSO\\ann',
  modifiedon: '2026-01-01T00:00:00Z',
}
const QUEUE = {
  '@odata.etag': 'W/"1"',
  queueid: id('queu', 1),
  name: 'Support',
  emailaddress: 'support@contoso.com',
  emailrouteraccessapproval: 0,
  statecode: 0,
  modifiedon: '2026-01-01T00:00:00Z',
}
const ALERT = {
  '@odata.etag': 'W/"1"',
  tracelogid: id('trac', 1),
  _regardingobjectid_value: id('mbox', 1),
  level: 3,
  tracecode: 42,
  text: 'Alert',
  createdon: '2026-01-01T00:00:00Z',
  modifiedon: '2026-01-01T00:00:00Z',
  errordetails: null,
  traceparameterxml: null,
  tracestatus: false,
}
const SETTINGS = {
  '@odata.etag': 'W/"1"',
  organizationid: ORGANIZATION_ID,
  _defaultemailserverprofileid_value: id('prof', 1),
  emailconnectionchannel: 1,
  requireapprovalforuseremail: true,
  requireapprovalforqueueemail: false,
  defaultemailsettings: '<EmailSettings/>',
  generatealertsforerrors: true,
  generatealertsforwarnings: false,
  generatealertsforinformation: true,
  notifymailboxownerofemailserverlevelalerts: false,
  emailcorrelationenabled: true,
  enablesmartmatching: true,
  ignoreinternalemail: true,
  isfolderbasedtrackingenabled: false,
  maxfolderbasedtrackingmappings: 25,
  trackingprefix: 'CRM:',
  trackingtokenidbase: 1,
  trackingtokeniddigits: 3,
  maximumtrackingnumber: 0,
  rendersecureiframeforemail: true,
  allowunresolvedpartiesonemailsend: false,
  unresolveemailaddressifmultiplematch: true,
  resolvesimilarunresolvedemailaddress: false,
  maxuploadfilesize: 5_242_880,
}
const NEW_MAILBOX = {
  ref: 'm',
  kind: 'create-mailbox',
  id: id('newm', 1),
  patch: { name: 'In', address: 'in@contoso.com', owner: { type: 'Team', id: id('team', 1) } },
} as const satisfies WriteOperation
const NEW_PROFILE = {
  ref: 'p',
  kind: 'create-profile',
  id: id('newp', 1),
  patch: { displayName: 'New', serverType: 'ExchangeOnlineHybrid', autoDiscover: true },
} as const satisfies WriteOperation
const NEW_ADDRESS = {
  ref: 'u',
  kind: 'update-user',
  id: id('user', 1),
  patch: { address: 'new@contoso.com', approval: 'Approved' },
} as const satisfies WriteOperation
const NEW_SETTINGS = {
  ref: 'o',
  kind: 'update-organization',
  id: ORGANIZATION_ID,
  patch: { connectionChannel: 'ServerSideSync', defaultProfileId: id('prof', 1), requireApproval: { queues: true } },
} as const satisfies WriteOperation

describe('an exchange that was written down for the client has the same form here:', () => {
  it.each<{
    readonly reason: string
    readonly answers: readonly WrittenAnswer[]
    readonly act: (client: OrganizationClient) => Promise<unknown>
    readonly look?: Look
    /** Exchanges that the probe adds. */
    readonly more?: number
    /** What must be there before. */
    readonly prepare?: (api: Api) => void
    readonly options?: Parameters<typeof startApi>[0]
  }>([
    {
      reason: 'a page of mailboxes with their count',
      answers: [json({ ...CONTEXT, '@odata.count': 1, value: [mailbox(1)] })],
      act: (client) => client.reader().mailboxes('all', NEVER),
      // Only users, as in what was written.
      options: { queues: 0, mess: ['none'] },
    },
    {
      reason: 'profiles with every column',
      answers: [json({ '@odata.context': 'x', '@odata.count': 1, value: [profile(1)] })],
      act: (client) => client.reader().profiles(NEVER),
    },
    {
      reason: 'a batch of updates, without bodies (9.x)',
      answers: [batch([part('204 No Content'), part('204 No Content')])],
      act: (client) => write(client, [update(1), update(2)]),
    },
    {
      reason: 'change sets with their Content-ID (8.2)',
      answers: [batch([changeSet(part('204 No Content', '', '1')), changeSet(part('204 No Content', '', '2'))])],
      act: (client) => write(client, [update(1), update(2)]),
      look: EIGHT,
      options: { version: '8.2' },
    },
    {
      reason: 'a failure among successes, with a code (9.1)',
      answers: [batch([part('404 Not Found', modernError('0x80040217', 'gone')), part('204 No Content')])],
      act: (client) => write(client, [missing, update(1)]),
      options: { switches: { errorShape: 'modern' } },
    },
    {
      reason: 'a failure among successes, with an inner error (9.0)',
      answers: [batch([part('404 Not Found', legacyError('gone')), part('204 No Content')])],
      act: (client) => write(client, [missing, update(1)]),
      options: { switches: { errorShape: 'legacy' } },
    },
    {
      reason: 'a failure that ends the batch, and what is sent again (8.2)',
      answers: [
        batch([changeSet(part('404 Not Found', legacyError('gone'), '1'))], 404),
        batch([changeSet(part('204 No Content', '', '1'))]),
      ],
      act: (client) => write(client, [missing, update(1)]),
      look: EIGHT,
      options: { version: '8.2' },
    },
    {
      reason: 'the probe of 9.1',
      answers: [],
      act: (client) => client.reader().probe(NEVER),
      look: { keepsProbe: true },
      more: 2,
    },
    {
      reason: 'the probe of 8.2, which gives privileges no names',
      answers: [],
      act: (client) => client.reader().probe(NEVER),
      look: { ...EIGHT, keepsProbe: true },
      more: 2,
      options: { version: '8.2' },
    },
    {
      reason: 'users and queues',
      answers: [
        json({ ...CONTEXT, '@odata.count': 1, value: [USER] }),
        json({ ...CONTEXT, '@odata.count': 1, value: [QUEUE] }),
      ],
      act: async (client) => {
        const reader = client.reader()
        await reader.users('all', NEVER)
        await reader.queues('all', NEVER)
      },
    },
    {
      reason: 'the organization with every column',
      answers: [json({ ...CONTEXT, '@odata.count': 1, value: [SETTINGS] })],
      act: (client) => client.reader().organization(NEVER),
    },
    {
      reason: 'alerts of a mailbox',
      answers: [json({ ...CONTEXT, value: [ALERT] })],
      act: (client) => client.reader().alerts(new Set([id('mbox', 1)]), NEVER),
      prepare: (api) => {
        const regardingobjectid = { entity: 'mailbox', id: userMailboxes(api)[0] ?? '' } as const
        const { world } = api.simulator
        world.create(world.callers.admin, 'tracelog', { regardingobjectid, level: 3, text: 'x', tracecode: 42 })
      },
    },
    {
      reason: 'a new mailbox and a new profile with our ids',
      answers: [batch([part('204 No Content')]), batch([part('204 No Content')])],
      act: async (client) => {
        await write(client, [NEW_MAILBOX])
        await write(client, [NEW_PROFILE])
      },
    },
    {
      reason: 'a profile that is created and then switched off: one change set',
      answers: [batch([changeSet(part('204 No Content', '', '1'), part('204 No Content', '', '2'))])],
      act: (client) => write(client, [{ ...NEW_PROFILE, patch: { ...NEW_PROFILE.patch, active: false } }]),
    },
    {
      reason: 'an address and an approval of a user: one change set',
      answers: [batch([changeSet(part('204 No Content', '', '1'), part('204 No Content', '', '2'))])],
      act: (client) => write(client, [NEW_ADDRESS]),
    },
    {
      reason: 'settings of the organization',
      answers: [batch([part('204 No Content')])],
      act: (client) => write(client, [NEW_SETTINGS]),
    },
    {
      reason: 'a profile that is deleted and is not there',
      answers: [batch([part('404 Not Found', modernError('0x80040217', 'gone'))])],
      act: (client) => write(client, [{ ref: 'gone', kind: 'delete-profile', id: id('none', 1) }]),
      options: { switches: { errorShape: 'modern' } },
    },
  ])('$reason', async ({ answers, act, look, options, more = 0, prepare }) => {
    const exchanges = await exchangesOf(answers, act, look)
    const api = await start(options)
    prepare?.(api)

    const found = []
    for (const exchange of exchanges) found.push(...(await misfitsAt(api, exchange)))

    expect(exchanges.length).toBe(answers.length + more)
    expect(found).toEqual([])
  })

  it.each([
    { shape: 'legacy' as const, written: legacyError('x') },
    { shape: 'modern' as const, written: modernError('0x1', 'x') },
  ])('a refusal in the $shape shape', async ({ shape, written }) => {
    const api = await start({ switches: { errorShape: shape } })
    const [mailboxId] = userMailboxes(api)

    const refusals = await Promise.all([
      api.call('mailboxes?$select=nothing'),
      api.call(`mailboxes(${mailboxId})`, { method: 'PATCH', body: { name: 'x'.repeat(201) } }),
      api.call(`mailboxes(${mailboxId})`, {
        method: 'PATCH',
        body: { name: 'x' },
        headers: { Authorization: 'Bearer simulator-reader' },
      }),
      api.call(`mailboxes(${id('none', 1)})`),
      api.call('nothings'),
      api.call(`tracelogs(${id('none', 1)})`, { method: 'PATCH', body: { text: 'x' }, headers: { 'If-Match': '*' } }),
    ])

    for (const { status, text, headers } of refusals) {
      const form = { status, contentType: headers['content-type'] ?? '' }
      expect(misfits(shapeOf({ ...form, body: written }), shapeOf({ ...form, body: text }))).toEqual([])
    }
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 403, 404, 404, 404])
  })
})

describe('the comparison of forms', () => {
  it.each([
    { written: '{"a":1}', real: '{"a":"1"}', reason: 'another type' },
    { written: '{"a":1,"b":2}', real: '{"a":1}', reason: 'a member too few' },
    { written: '{"a":1}', real: '{"a":1,"b":2}', reason: 'a member too many' },
    { written: '{"value":[{"a":1}]}', real: '{"value":[{"b":1}]}', reason: 'other members of rows' },
  ])('tells $reason', ({ written, real }) => {
    const form = { status: 200, contentType: 'application/json' }

    const found = misfits(shapeOf({ ...form, body: written }), shapeOf({ ...form, body: real }))

    expect(found.length).toBeGreaterThan(0)
  })
})
