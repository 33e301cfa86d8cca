// The parts that most exchanges with CRM have in common, written down from Microsoft's Web API pages and entity reference.

import {
  type Authenticator,
  createOrganizationClient,
  none,
  type OrganizationClientOptions,
} from '../../src/crm/index.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import type { WrittenAnswer, WrittenExchange } from './scripted-server.ts'

export const ORGANIZATION_ID = '0f4e4d2c-6a3b-4f1e-9d0a-0b6c5f8a1e01'
export const ME = '7c1d9a50-11aa-4c55-8b11-2f6f0f2d3a02'

/** `mailbox(1)` is the same id everywhere. */
export function id(kind: string, number: number): string {
  const head = Buffer.from(kind.padEnd(4, '0').slice(0, 4)).toString('hex')
  return `${head}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

export const JSON_TYPE = { 'content-type': 'application/json; odata.metadata=minimal', 'odata-version': '4.0' }

export function json(value: unknown, status = 200): WrittenAnswer {
  return { status, headers: JSON_TYPE, body: JSON.stringify(value) }
}

export function html(status: number, text: string): WrittenAnswer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: text }
}

/** A refusal as 9.0 and before write it (Microsoft, Web API: compose HTTP requests, edition of 2018). */
export function legacyError(message: string, inner = 'inner'): string {
  const stacktrace = '   at Microsoft.Crm.Extensibility.OData.Boom()'
  const innererror = { message: inner, type: 'Microsoft.Crm.CrmHttpException', stacktrace }
  return JSON.stringify({ error: { code: '', message, innererror } })
}

/** A refusal as later builds write it (Microsoft, Web API: execute batch operations). */
export function modernError(code: string, message: string, more: object = {}): string {
  return JSON.stringify({ error: { code, message, ...more } })
}

/** A part of a batch's answer. */
export function part(status: string, body = '', contentId?: string): string {
  const headers = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary']
  if (contentId !== undefined) headers.push(`Content-ID: ${contentId}`)
  const type = body === '' ? [] : ['Content-Type: application/json; odata.metadata=minimal']
  return [...headers, '', `HTTP/1.1 ${status}`, ...type, 'OData-Version: 4.0', '', body].join('\r\n')
}

/** A change set in a batch's answer. */
export function changeSet(...parts: readonly string[]): string {
  const boundary = 'changesetresponse_64cc3fff-023a-45b0-b29d-df21583ffa15'
  return [
    `Content-Type: multipart/mixed; boundary=${boundary}`,
    '',
    ...parts.map((text) => `--${boundary}\r\n${text}\r\n`.replace(/\r\n$/, '')),
    `--${boundary}--`,
  ].join('\r\n')
}

export const RESPONSE_BOUNDARY = 'batchresponse_01346794-f2e2-4d45-8cc2-f97e09fe8916'

/** The answer to a batch. */
export function batch(parts: readonly string[], status = 200): WrittenAnswer {
  return {
    status,
    headers: { 'content-type': `multipart/mixed; boundary=${RESPONSE_BOUNDARY}`, 'odata-version': '4.0' },
    body: [...parts.map((text) => `--${RESPONSE_BOUNDARY}\r\n${text}`), `--${RESPONSE_BOUNDARY}--`, ''].join('\r\n'),
  }
}

/** Columns as `flags name name …`: C for create, U for update, R for read. */
export const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  mailbox: [
    'CR mailboxid',
    'CUR name emailaddress emailserverprofile incomingemaildeliverymethod outgoingemaildeliverymethod actdeliverymethod',
    'CUR emailrouteraccessapproval ownerid processemailreceivedafter processanddeleteemails',
    'CUR orgmarkedasprimaryforexchangesync testemailconfigurationscheduled postponetestemailconfigurationuntil',
    'CUR isactsyncorgflagset testemailconfigurationretrycount exchangesyncstatexml folderhierarchy credentialinfo',
    'UR testmailboxaccesscompletedon incomingemailstatus outgoingemailstatus actstatus statecode',
    'UR enabledforincomingemail enabledforoutgoingemail enabledforact isemailaddressapprovedbyo365admin',
    'R regardingobjectid isforwardmailbox isserviceaccount modifiedon modifiedby mailboxstatus',
    'R processingstatecode hostid processinglastattemptedon lastsuccessfulsynccompletedon',
    'UR postponemailboxprocessinguntil',
    'CU password',
  ],
  emailserverprofile: [
    'CR emailserverprofileid',
    'CUR name description servertype usedefaulttenantid exchangeonlinetenantid useautodiscover incomingserverlocation',
    'CUR outgoingserverlocation incomingportnumber outgoingportnumber incomingusessl outgoingusessl',
    'CUR incomingauthenticationprotocol outgoingauthenticationprotocol incomingcredentialretrieval',
    'CUR outgoingcredentialretrieval incomingusername outgoingusername incominguseimpersonation',
    'CUR outgoinguseimpersonation outgoingautograntdelegateaccess usesamesettingsforoutgoingconnections exchangeversion',
    'CUR processemailsreceivedafter minpollingintervalinminutes maxconcurrentconnections moveundeliveredemails',
    'CUR sendemailalert timeoutmailboxconnection timeoutmailboxconnectionafteramount encodingcodepage ownerid statuscode',
    'CUR lastteststarttime lastcrmmessage lasttestrequest lasttestresponse',
    'CUR lasttestvalidationstatus lastauthorizationstatus lasttestexecutionstatus owneremailaddress',
    'UR statecode',
    'CU incomingpassword outgoingpassword',
    'R isincomingpasswordset isoutgoingpasswordset modifiedon modifiedby',
  ],
  organization: [
    'R organizationid',
    'UR defaultemailserverprofileid emailconnectionchannel requireapprovalforuseremail requireapprovalforqueueemail',
    'UR defaultemailsettings generatealertsforerrors generatealertsforwarnings generatealertsforinformation',
    'UR notifymailboxownerofemailserverlevelalerts ignoreinternalemail emailcorrelationenabled enablesmartmatching',
    'UR isfolderbasedtrackingenabled maxfolderbasedtrackingmappings maximumtrackingnumber nexttrackingnumber',
    'UR trackingprefix trackingtokenidbase trackingtokeniddigits rendersecureiframeforemail orgdborgsettings',
    'UR allowunresolvedpartiesonemailsend unresolveemailaddressifmultiplematch resolvesimilarunresolvedemailaddress',
    'UR maxuploadfilesize blockedattachments',
  ],
  systemuser: [
    'CR systemuserid',
    'CUR internalemailaddress domainname',
    'UR emailrouteraccessapproval isdisabled',
    'R fullname modifiedon',
  ],
  queue: ['CR queueid', 'CUR name emailaddress', 'UR emailrouteraccessapproval statecode', 'R modifiedon'],
  team: ['CR teamid', 'CUR name'],
  tracelog: [
    'CR tracelogid regardingobjectid level text tracecode',
    'R errordetails traceparameterxml tracestatus createdon modifiedon',
  ],
}

const TABLES = ['mailbox', 'emailserverprofile', 'organization', 'systemuser', 'queue', 'team', 'tracelog'] as const

function attributes(lines: readonly string[], missing: readonly string[]) {
  const value = lines.flatMap((line) => {
    const [flags = '', ...names] = line.split(' ')
    return names
      .filter((name) => !missing.includes(name))
      .map((name) => ({
        '@odata.type': '#Microsoft.Dynamics.CRM.AttributeMetadata',
        LogicalName: name,
        IsValidForCreate: flags.includes('C'),
        IsValidForUpdate: flags.includes('U'),
        IsValidForRead: flags.includes('R'),
        MetadataId: id('meta', name.length),
      }))
  })
  return { '@odata.context': 'https://internal/$metadata#EntityDefinitions', value }
}

export interface ServerLook {
  readonly version?: string
  /** Columns this build does not have. */
  readonly missing?: readonly string[]
  /** False for 8.x: rows with ids only, and the privileges set in the same batch. */
  readonly privilegeNames?: boolean
}

export const PRIVILEGES = ['prvReadMailbox', 'prvWriteMailbox']

/** The answers to the probe's two requests. */
export function probeAnswers(look: ServerLook = {}): readonly [WrittenAnswer, WrittenAnswer] {
  const { version = '9.1.27.15', missing = [], privilegeNames = true } = look
  const held = PRIVILEGES.map((name, index) => ({
    Depth: 'Global',
    PrivilegeId: id('priv', index),
    BusinessUnitId: id('unit', 0),
    ...(privilegeNames && { PrivilegeName: name }),
  }))
  const names = [...PRIVILEGES, 'prvReadAccount'].map((name, index) => ({
    '@odata.etag': 'W/"1"',
    privilegeid: id('priv', index),
    name,
  }))
  const parts = [
    { '@odata.context': 'x', Version: version },
    ...TABLES.map((table) => attributes(COLUMNS[table] ?? [], missing)),
    { '@odata.context': 'x', RolePrivileges: held },
    ...(privilegeNames ? [] : [{ '@odata.context': 'x', value: names }]),
  ]
  return [
    json({ '@odata.context': 'x', BusinessUnitId: id('unit', 0), UserId: ME, OrganizationId: ORGANIZATION_ID }),
    batch(parts.map((value) => part('200 OK', JSON.stringify(value)))),
  ]
}

/** The exchanges of a probe, to be put in front of others. */
export function probeExchanges(look: ServerLook = {}): readonly WrittenExchange[] {
  return probeAnswers(look).map((answer) => ({ answer }))
}

/** Time that passes only when something waits for it. */
export interface TestClock {
  readonly waits: number[]
  now(): Date
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

export function testClock(start = '2026-03-02T10:00:00Z'): TestClock {
  const waits: number[] = []
  let time = Date.parse(start)
  return {
    waits,
    now: () => new Date(time),
    async wait(ms, signal) {
      signal?.throwIfAborted()
      waits.push(ms)
      const until = time + ms
      await new Promise((resolve) => setImmediate(resolve))
      time = Math.max(time, until)
    },
  }
}

/** A client of the server at `origin`, with nothing left to chance. The caller closes what `closers` holds. */
export function clientOf(
  origin: string,
  options: Partial<OrganizationClientOptions> & { readonly identity?: Authenticator } = {},
) {
  const http = createHttpClient({ allowedOrigins: [origin], userAgent: 'mailkeel-test' })
  const baseUrl = `${origin}/ContosoSales`
  const { identity = none(baseUrl), ...rest } = options
  const clock = testClock()
  const client = createOrganizationClient({
    http,
    baseUrl,
    reading: identity,
    writing: identity,
    now: clock.now,
    random: () => 0.5,
    wait: clock.wait,
    maximumConcurrency: 4,
    ...rest,
  })
  return { client, http, clock }
}

export const NEVER = new AbortController().signal
