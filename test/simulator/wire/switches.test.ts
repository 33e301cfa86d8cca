// Every open question is asked over the wire, once for each answer a simulated server can be told to give.
import { describe, expect, it } from 'vitest'
import { type SimulatorOptions, SWITCH_VALUES, type Switches } from '../../../src/simulator/index.ts'
import type { Caller } from '../../../src/simulator/world.ts'
import { type Api, type Received, send, startApi } from './exchange.ts'

interface Question<Value> {
  /** What a client does, and what it sees. */
  readonly ask: (api: Api) => Promise<unknown>
  readonly answers: readonly (readonly [Value, unknown])[]
  readonly options?: SimulatorOptions
  readonly version?: string
}

const QUESTIONS: { readonly [Name in keyof Switches]: Question<Switches[Name]> } = {
  errorShape: {
    async ask(api) {
      const { code, innererror } = (await api.call('mailboxes?$select=nothing')).json()['error'] as Record<
        string,
        unknown
      >
      return [code, innererror !== undefined]
    },
    answers: [
      ['legacy', ['', true]],
      ['modern', ['0x80060888', false]],
      ['empty-code', ['', false]],
    ],
  },
  readOnlyColumn: {
    ask: async (api) => (await patch(api, 'mailboxes', await annsMailbox(api), { mailboxstatus: 2 })).status,
    answers: [
      ['refuse', 400],
      ['ignore', 204],
    ],
  },
  optimisticConcurrency: {
    async ask(api) {
      const id = await annsMailbox(api)
      return (await patch(api, 'mailboxes', id, { name: 'Ann' }, { 'If-Match': 'W/"1"' })).status
    },
    answers: [
      [false, 204],
      [true, 412],
    ],
  },
  continueOnError: {
    async ask(api) {
      const root = new URL(api.root).pathname
      const parts = ['nothings', 'WhoAmI()'].map(
        (path) =>
          `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET ${root}${path} HTTP/1.1\r\n\r\n\r\n`,
      )
      const headers = { 'Content-Type': 'multipart/mixed; boundary=b', Prefer: 'odata.continue-on-error' }
      const answer = await api.call('$batch', { method: 'POST', headers, body: `${parts.join('')}--b--\r\n` })
      return [answer.status, answer.text.split('HTTP/1.1 ').length - 1]
    },
    answers: [
      [false, [404, 1]],
      [true, [200, 2]],
    ],
  },
  representation: {
    async ask(api) {
      const prefer = { Prefer: 'return=representation' }
      return (await patch(api, 'mailboxes', await annsMailbox(api), { name: 'Ann' }, prefer)).status
    },
    answers: [
      [false, 204],
      [true, 200],
    ],
  },
  mailboxApprovalReaches: {
    async ask(api) {
      await patch(api, 'mailboxes', await annsMailbox(api), { emailrouteraccessapproval: 3 })
      return read(api, 'systemusers', await ann(api), 'emailrouteraccessapproval')
    },
    answers: [
      [false, 1],
      [true, 3],
    ],
  },
  addressWithApproval: {
    async ask(api) {
      const id = await ann(api)
      const both = { internalemailaddress: 'new@contoso.com', emailrouteraccessapproval: 1 }
      await patch(api, 'systemusers', id, both)
      return read(api, 'systemusers', id, 'emailrouteraccessapproval')
    },
    answers: [
      ['reset', 2],
      ['keep', 1],
    ],
  },
  approvalWhenEmptied: {
    async ask(api) {
      const id = await annsMailbox(api)
      await patch(api, 'mailboxes', id, { emailaddress: null })
      return read(api, 'mailboxes', id, 'emailrouteraccessapproval')
    },
    answers: [
      ['empty', 0],
      ['pending', 2],
    ],
  },
  tenantApprovalCounts: {
    async ask(api) {
      const id = await annsMailbox(api)
      await tested(api, id)
      return read(api, 'mailboxes', id, 'incomingemailstatus')
    },
    answers: [
      [false, 1],
      [true, 2],
    ],
  },
  statusResetOnChange: {
    async ask(api) {
      const id = await annsMailbox(api)
      await patch(api, 'mailboxes', id, { outgoingemaildeliverymethod: 0 })
      return read(api, 'mailboxes', id, 'incomingemailstatus')
    },
    answers: [
      [false, 1],
      [true, 0],
    ],
  },
  legacyTwins: {
    async ask(api) {
      const user = await ann(api)
      const before = await read(api, 'systemusers', user, 'incomingemaildeliverymethod')
      const other = before === 0 ? 1 : 0
      await patch(api, 'mailboxes', await annsMailbox(api), { incomingemaildeliverymethod: other })
      return (await read(api, 'systemusers', user, 'incomingemaildeliverymethod')) === other
    },
    answers: [
      [false, false],
      [true, true],
    ],
  },
  profileByDefault: {
    async ask(api) {
      const xml = '<EmailSettings><IncomingEmailDeliveryMethod>0</IncomingEmailDeliveryMethod></EmailSettings>'
      await patch(api, 'organizations', api.simulator.world.organizationId, { defaultemailsettings: xml })
      await api.call('queues', { method: 'POST', body: { name: 'Late', emailaddress: 'late@contoso.com' } })
      const row = await only(api, "mailboxes?$filter=emailaddress eq 'late@contoso.com'")
      return row['_emailserverprofile_value'] !== null
    },
    answers: [
      ['always', true],
      ['server-side', false],
    ],
  },
  newDefaultMethods: {
    options: { mess: ['no-settings'] },
    async ask(api) {
      const text = (await only(api, 'organizations'))['defaultemailsettings']
      return typeof text === 'string' ? text.slice(0, '<EmailSettings>'.length) : text
    },
    answers: [
      ['null', null],
      ['empty', ''],
      ['xml', '<EmailSettings>'],
    ],
  },
  neverDates: {
    async ask(api) {
      await api.call('queues', { method: 'POST', body: { name: 'Late', emailaddress: 'late@contoso.com' } })
      const row = await only(api, "mailboxes?$filter=emailaddress eq 'late@contoso.com'")
      return row['testmailboxaccesscompletedon']
    },
    answers: [
      ['year-1900', '1900-01-01T00:00:00Z'],
      ['null', null],
    ],
  },
  runningShown: {
    async ask(api) {
      const id = await annsMailbox(api)
      await patch(api, 'mailboxes', id, { testemailconfigurationscheduled: true })
      await control(api, 'clock', { advanceMs: 3500 })
      const running = ((await control(api, 'tests')).json() as Record<string, unknown>)['running']
      return [running, await read(api, 'mailboxes', id, 'processingstatecode')]
    },
    answers: [
      [false, [1, 0]],
      [true, [1, 1]],
    ],
  },
  profileFilledIn: {
    async ask(api) {
      const body = { name: 'New', servertype: 3, useautodiscover: true }
      await api.call('emailserverprofiles', { method: 'POST', body })
      return (await only(api, "emailserverprofiles?$filter=name eq 'New'"))['incomingcredentialretrieval']
    },
    answers: [
      [false, null],
      [true, 2],
    ],
  },
  combinationsChecked: {
    async ask(api) {
      const body = { name: 'Forward', emailaddress: 'f@contoso.com', outgoingemaildeliverymethod: 2 }
      return (await api.call('mailboxes', { method: 'POST', body })).status
    },
    answers: [
      [false, 204],
      [true, 400],
    ],
  },
  deleteDefaultProfile: {
    async ask(api) {
      const id = (await only(api, 'organizations'))['_defaultemailserverprofileid_value']
      return (await api.call(`emailserverprofiles(${id})`, { method: 'DELETE' })).status
    },
    answers: [
      ['refuse', 405],
      ['unlink', 204],
    ],
  },
  appendChecked: {
    options: { callers: () => withoutAppend },
    async ask(api) {
      const { admin } = api.simulator.world.callers
      withoutAppend = { ...admin, privileges: new Set([...admin.privileges].filter((name) => !/Append/.test(name))) }
      const [profile] = await list(api, 'emailserverprofiles')
      const body = { 'emailserverprofile@odata.bind': `/emailserverprofiles(${profile?.['emailserverprofileid']})` }
      return (await patch(api, 'mailboxes', await annsMailbox(api), body)).status
    },
    answers: [
      [false, 204],
      [true, 403],
    ],
  },
  hiddenRow: {
    async ask(api) {
      const id = await annsMailbox(api)
      await control(api, 'faults', { kind: 'hide-rows', ids: [id], times: 'always' })
      const written = await patch(api, 'mailboxes', id, { name: 'Ann' }, { 'If-Match': '*' })
      const listed = (await list(api, 'mailboxes?$select=name')).some((row) => row['mailboxid'] === id)
      return [(await api.call(`mailboxes(${id})`)).status, written.status, listed]
    },
    answers: [
      ['absent', [404, 404, false]],
      ['forbidden', [403, 403, false]],
    ],
  },
  connectionTestBy: {
    options: { mess: ['no-service-mailbox'] },
    async ask(api) {
      await tested(api, await mailboxOf(api, 'crm-mail@contoso.com'))
      return (await only(api, "emailserverprofiles?$filter=name eq 'Exchange Online'"))['lasttestexecutionstatus']
    },
    answers: [
      ['service-account', null],
      ['owner', 1],
    ],
  },
  executionTimeUnit: {
    async ask(api) {
      await tested(api, await mailboxOf(api, 'crm-mail@contoso.com'))
      const row = await only(api, "emailserverprofiles?$filter=name eq 'Exchange Online'")
      return Number(row['lasttesttotalexecutiontime']) >= 1000
    },
    answers: [
      ['milliseconds', true],
      ['seconds', false],
    ],
  },
  alertCodes: {
    async ask(api) {
      await tested(api, await annsMailbox(api))
      return (await only(api, 'tracelogs'))['tracecode']
    },
    answers: [
      ['provisional', 20],
      ['unseen', 70_020],
    ],
  },
  alertTexts: {
    async ask(api) {
      await tested(api, await annsMailbox(api))
      return /\{0\}/.test(String((await only(api, 'tracelogs'))['text']))
    },
    answers: [
      ['finished', false],
      ['template', true],
    ],
  },
  lossTold: {
    async ask(api) {
      await claimedBeside(api)
      const id = await annsMailbox(api)
      const told = (await list(api, `tracelogs?$filter=_regardingobjectid_value eq ${id}`)).length
      await tested(api, id)
      return [told, await read(api, 'mailboxes', id, 'actstatus')]
    },
    answers: [
      ['at-once', [1, 2]],
      ['by-next-test', [0, 2]],
    ],
  },
  claimAfterLoss: {
    async ask(api) {
      const id = await annsMailbox(api)
      await patch(api, 'mailboxes', id, { orgmarkedasprimaryforexchangesync: true })
      await claimedBeside(api)
      return read(api, 'mailboxes', id, 'orgmarkedasprimaryforexchangesync')
    },
    answers: [
      ['stays', true],
      ['cleared', false],
    ],
  },
  copiedIds: {
    async ask(api) {
      const { url } = (await control(api, 'organizations', { name: 'copy', copy: true })).json()
      const copy = {
        ...api,
        root: `${url}/api/data/v9.1/`,
        call: (path: string) => send(encodeURI(`${url}/api/data/v9.1/${path}`)),
      }
      const organizations = new Set([
        (await only(api, 'organizations'))['organizationid'],
        (await only(copy, 'organizations'))['organizationid'],
      ])
      return [organizations.size, (await annsMailbox(api)) === (await annsMailbox(copy))]
    },
    answers: [
      ['kept', [2, true]],
      ['new', [2, false]],
    ],
  },
  inFunction: {
    ask: async (api) =>
      (await api.call('mailboxes?$filter=Microsoft.Dynamics.CRM.In(PropertyName=\'name\',PropertyValues=["Ann"])'))
        .status,
    answers: [
      [false, 400],
      [true, 200],
    ],
  },
  fifteenExpansions: {
    async ask(api) {
      const eleven = Array.from({ length: 11 }, () => 'createdby($select=fullname)').join(',')
      const many = Array.from({ length: 16 }, () => 'createdby($select=fullname)').join(',')
      return [
        (await api.call(`mailboxes?$expand=${eleven}`)).status,
        (await api.call(`mailboxes?$expand=${many}`)).status,
      ]
    },
    answers: [
      [false, [400, 400]],
      [true, [200, 400]],
    ],
  },
  entityNameColumns: {
    async ask(api) {
      const id = await annsMailbox(api)
      const one = await api.call(`mailboxes(${id})?$select=owneridtype,regardingobjecttypecode`)
      const { owneridtype, regardingobjecttypecode } = one.json()
      return [one.status, owneridtype, regardingobjecttypecode]
    },
    answers: [
      ['refuse', [400, undefined, undefined]],
      ['text', [200, 'systemuser', 'systemuser']],
    ],
  },
  changeTracking: {
    ask: async (api) => {
      const tracked = await api.call('mailboxes?$select=name', { headers: { Prefer: 'odata.track-changes' } })
      const definition = await api.call("EntityDefinitions(LogicalName='mailbox')?$select=ChangeTrackingEnabled")
      return [tracked.status, definition.json()['ChangeTrackingEnabled']]
    },
    answers: [
      [false, [400, false]],
      [true, [200, true]],
    ],
  },
  functionsWithoutParentheses: {
    ask: async (api) => (await api.call('WhoAmI')).status,
    answers: [
      [false, 404],
      [true, 200],
    ],
  },
  shortAccessType: {
    ask: async (api) => (await api.call("RetrieveCurrentOrganization(AccessType='Default')")).status,
    answers: [
      [false, 400],
      [true, 200],
    ],
  },
  organizationDetail: {
    async ask(api) {
      const form = "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')"
      return Object.keys((await api.call(form)).json()['Detail'] as object).includes('UniqueName')
    },
    answers: [
      ['full', true],
      ['bare', false],
    ],
  },
  v92: {
    version: 'v9.2',
    ask: async (api) => (await api.call('WhoAmI()')).status,
    answers: [
      [false, 501],
      [true, 200],
    ],
  },
}

let withoutAppend: Caller | undefined

const NAMES = Object.keys(QUESTIONS) as (keyof Switches)[]

describe('a switch', () => {
  it.each(NAMES)('%s answers in every way it knows', async (name) => {
    const { ask, answers, options, version } = QUESTIONS[name]

    const seen = []
    for (const [value] of answers) {
      const api = await startApi({ ...options, switches: { [name]: value } }, version)
      seen.push([value, await ask(api)])
    }

    expect(seen).toEqual(answers)
    expect(answers.map(([value]) => value).sort()).toEqual([...SWITCH_VALUES[name]].sort())
  })
})

async function ann(api: Api): Promise<string> {
  return String((await only(api, "systemusers?$filter=internalemailaddress eq 'ann@contoso.com'"))['systemuserid'])
}

function annsMailbox(api: Api): Promise<string> {
  return mailboxOf(api, 'ann@contoso.com')
}

async function mailboxOf(api: Pick<Api, 'call'>, address: string): Promise<string> {
  return String((await only(api, `mailboxes?$filter=emailaddress eq '${address}'`))['mailboxid'])
}

async function list(api: Pick<Api, 'call'>, path: string): Promise<readonly Record<string, unknown>[]> {
  return (await api.call(path)).json().value
}

async function only(api: Pick<Api, 'call'>, path: string): Promise<Record<string, unknown>> {
  const [row, another] = await list(api, path)
  if (row === undefined || another !== undefined) throw new Error(`not one row: ${path}`)
  return row
}

async function read(api: Api, set: string, id: string, column: string): Promise<unknown> {
  return (await api.call(`${set}(${id})?$select=${column}`)).json()[column]
}

function patch(
  api: Api,
  set: string,
  id: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Received> {
  return api.call(`${set}(${id})`, { method: 'PATCH', body, headers })
}

function control(api: Api, route: string, body?: object): Promise<Received> {
  return send(`${new URL(api.root).origin}/_simulator/${route}`, { method: body ? 'POST' : 'GET', body })
}

async function tested(api: Api, mailboxId: string): Promise<void> {
  await patch(api, 'mailboxes', mailboxId, { testemailconfigurationscheduled: true })
  await control(api, 'clock', { untilIdleMs: 3_600_000 })
}

/** Another organization takes Ann's mailbox. */
async function claimedBeside(api: Api): Promise<void> {
  const { url } = (await control(api, 'organizations', { name: 'contoso-test', mailboxes: 2, holds: false })).json()
  const root = `${url}/api/data/v9.1/`
  const beside = { call: (path: string) => send(encodeURI(root + path)) }
  const body = { orgmarkedasprimaryforexchangesync: true, testemailconfigurationscheduled: true }
  await send(`${root}mailboxes(${await annsMailbox(beside as Api)})`, { method: 'PATCH', body })
  await control(api, 'clock', { untilIdleMs: 3_600_000 })
  await control(api, 'organizations/contoso-test/clock', { untilIdleMs: 3_600_000 })
}
