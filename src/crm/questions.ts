// What the documentation of the Web API leaves open and a read can settle: one function per question. An answer tells forms, statuses and
// numbers, and never a value that somebody typed, so that it may be shown to strangers.
import { createAdaptiveLimiter } from '../network/limiter.ts'
import type { OrganizationClientOptions } from './client.ts'
import { createExchange, type Exchange, type Received } from './exchange.ts'
import { type BatchPart, batchContentType, writeBatch } from './wire/batch-request.ts'
import { readBatch } from './wire/batch-response.ts'
import { asObject } from './wire/body.ts'
import { readServerError } from './wire/errors.ts'
import { headerOf } from './wire/headers.ts'
import { parseServiceRoot } from './wire/service-root.ts'

/** A question and how it is asked. Throws CrmError where it could not be. */
export type OrganizationQuestion = readonly [question: string, ask: (signal: AbortSignal) => Promise<string>]

const SEGMENT = 'v9.1'
const NOBODY = '00000000-0000-0000-0000-000000000001'
const PATIENCE_MS = 20_000

/** The questions to one organization, asked as the identity that reads. Nothing is sent before one is asked. */
export function organizationQuestions(options: OrganizationClientOptions): readonly OrganizationQuestion[] {
  const exchange = exchangeOf(options)
  const root = parseServiceRoot(options.baseUrl)
  const segment = root.segment ?? SEGMENT
  const get = (path: string, signal: AbortSignal) =>
    exchange.read({ method: 'GET', path: `${segment}/${path}` }, 'asking an open question', signal)
  return [
    ['which version segments are answered', (signal) => answeredSegments(exchange, signal)],
    ['what form does the version have', (signal) => versionForm(get, signal)],
    ['is WhoAmI understood without parentheses', async (signal) => statusOf(await get('WhoAmI', signal))],
    ['which members has Detail of RetrieveCurrentOrganization', (signal) => organizationDetail(get, signal)],
    ['is the short form of AccessType understood', (signal) => shortAccessType(get, signal)],
    ['have the tables optimistic concurrency and change tracking', (signal) => tableFlags(get, signal)],
    ['which columns has the table of mailboxes', (signal) => mailboxColumns(get, signal)],
    ['do rows of RetrieveUserPrivileges carry names', (signal) => privilegeNames(get, signal)],
    ['does a batch go on behind a failing part', (signal) => continuesOnError(exchange, segment, signal)],
    ['is the function In understood', (signal) => inFunction(get, signal)],
    ['is a filter over a navigation property understood', (signal) => navigationFilter(get, signal)],
    [
      'what does an unknown column come to',
      async (signal) => errorForm(await get('mailboxes?$select=nosuchcolumn&$top=1', signal)),
    ],
    [
      'what does an unknown row come to',
      async (signal) => errorForm(await get(`mailboxes(${NOBODY})?$select=mailboxid`, signal)),
    ],
    ['what stands in defaultemailsettings', (signal) => defaultSettings(get, signal)],
    ['what stands where something never happened', (signal) => neverDates(get, signal)],
    ['which numbers are in tracecode', (signal) => traceCodes(get, signal)],
  ]
}

type Get = (path: string, signal: AbortSignal) => Promise<Received>

function exchangeOf(options: OrganizationClientOptions): Exchange {
  const { http, reading, now, random, wait } = options
  const schedule = (delayMs: number, fire: () => void) => {
    const called = new AbortController()
    wait(delayMs, called.signal).then(fire, () => {})
    return () => called.abort()
  }
  return createExchange({
    http,
    root: parseServiceRoot(options.baseUrl),
    authenticator: reading,
    limiter: createAdaptiveLimiter({ initial: 2, maximum: 2, schedule }),
    now,
    random,
    wait,
    patienceMs: PATIENCE_MS,
    onEvent: () => {},
  })
}

async function answeredSegments(exchange: Exchange, signal: AbortSignal): Promise<string> {
  const segments = ['v8.1', 'v8.2', 'v9.0', 'v9.1', 'v9.2']
  const asked = segments.map(async (segment) => {
    const answer = await exchange.read({ method: 'GET', path: `${segment}/WhoAmI()` }, 'asking for a version', signal)
    return `${segment}: ${answer.status}`
  })
  return (await Promise.all(asked)).join(', ')
}

async function versionForm(get: Get, signal: AbortSignal): Promise<string> {
  const version = asObject(jsonIn(await get('RetrieveVersion()', signal)))?.['Version']
  return typeof version === 'string' && /^[\d.]{1,30}$/.test(version) ? `version ${version}` : formOf(version)
}

async function organizationDetail(get: Get, signal: AbortSignal): Promise<string> {
  const answer = await get(
    "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')",
    signal,
  )
  const detail = asObject(asObject(jsonIn(answer))?.['Detail'])
  if (!detail) return errorForm(answer)
  const names = Object.keys(detail).filter((name) => /^[A-Za-z]{1,40}$/.test(name))
  return `status ${answer.status}, members ${names.sort().join(', ')}`
}

async function shortAccessType(get: Get, signal: AbortSignal): Promise<string> {
  return statusOf(await get("RetrieveCurrentOrganization(AccessType='Default')", signal))
}

const TABLES = ['mailbox', 'emailserverprofile', 'organization', 'systemuser', 'queue', 'team', 'tracelog']

async function tableFlags(get: Get, signal: AbortSignal): Promise<string> {
  const filter = TABLES.map((table) => `LogicalName eq '${table}'`).join(' or ')
  const answer = await get(
    `EntityDefinitions?$select=LogicalName,IsOptimisticConcurrencyEnabled,ChangeTrackingEnabled&$filter=${filter}`,
    signal,
  )
  const rows = rowsIn(answer)
  if (!rows) return errorForm(answer)
  const told = rows.map((row) => {
    const name = TABLES.find((table) => table === row['LogicalName']) ?? 'another table'
    return `${name}: concurrency ${formOf(row['IsOptimisticConcurrencyEnabled'])}, tracking ${formOf(row['ChangeTrackingEnabled'])}`
  })
  return told.sort().join('; ')
}

/** Columns without a publisher's prefix are the vendor's; how the others are called is nobody's business. */
async function mailboxColumns(get: Get, signal: AbortSignal): Promise<string> {
  const answer = await get(
    "EntityDefinitions(LogicalName='mailbox')/Attributes?$select=LogicalName,IsValidForRead",
    signal,
  )
  const rows = rowsIn(answer)
  if (!rows) return errorForm(answer)
  const names = rows.map((row) => String(row['LogicalName']))
  const vendors = names.filter((name) => /^[a-z0-9]{1,80}$/.test(name)).sort()
  return `${vendors.join(', ')}; and ${names.length - vendors.length} with a prefix`
}

async function privilegeNames(get: Get, signal: AbortSignal): Promise<string> {
  const me = asObject(jsonIn(await get('WhoAmI()', signal)))?.['UserId']
  if (typeof me !== 'string' || !/^[0-9a-f-]{36}$/i.test(me)) return 'who we are was not told'
  const answer = await get(`systemusers(${me})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges`, signal)
  const held = asObject(jsonIn(answer))?.['RolePrivileges']
  if (!Array.isArray(held)) return errorForm(answer)
  const named = held.filter((row) => typeof asObject(row)?.['PrivilegeName'] === 'string').length
  return `${named} of ${held.length} rows have PrivilegeName`
}

async function continuesOnError(exchange: Exchange, segment: string, signal: AbortSignal): Promise<string> {
  const answered = async (headers: Readonly<Record<string, string>>) => {
    const id = 'question'
    const part = (path: string): BatchPart => ({ method: 'GET', path, headers: { Accept: 'application/json' } })
    const items = [part('WhoAmI()'), part(`mailboxes(${NOBODY})?$select=mailboxid`), part('WhoAmI()')].map(
      (one) => ({ kind: 'plain', part: one }) as const,
    )
    const body = writeBatch(items, `${exchange.options.root.apiPath}${segment}/`, id)
    const outgoing = {
      method: 'POST',
      path: `${segment}/$batch`,
      headers: { 'Content-Type': batchContentType(id), ...headers },
      body,
    } as const
    const answer = await exchange.read(outgoing, 'asking an open question', signal)
    const batch = readBatch(headerOf(answer.headers, 'content-type'), answer.response.body.toString('utf8'))
    return batch ? `${batch.items.length} of 3 parts` : statusOf(answer)
  }
  const plain = await answered({})
  return `${plain} without the preference, ${await answered({ Prefer: 'odata.continue-on-error' })} with it`
}

async function inFunction(get: Get, signal: AbortSignal): Promise<string> {
  const call = `Microsoft.Dynamics.CRM.In(PropertyName='mailboxid',PropertyValues=['${NOBODY}'])`
  return statusOf(await get(`mailboxes?$select=mailboxid&$top=1&$filter=${call}`, signal))
}

async function navigationFilter(get: Get, signal: AbortSignal): Promise<string> {
  return statusOf(
    await get("mailboxes?$select=mailboxid&$top=1&$filter=emailserverprofile/name eq 'no such profile'", signal),
  )
}

async function defaultSettings(get: Get, signal: AbortSignal): Promise<string> {
  const answer = await get('organizations?$select=defaultemailsettings', signal)
  const value = rowsIn(answer)?.[0]?.['defaultemailsettings']
  if (typeof value !== 'string') return answer.status === 200 ? formOf(value) : errorForm(answer)
  if (value.trim() === '') return 'an empty text'
  const elements = [...new Set([...value.matchAll(/<([A-Za-z]{1,40})/g)].map(([, name]) => name))]
  return `XML of ${elements.join(', ')}`
}

const DATES = ['processinglastattemptedon', 'lastsuccessfulsynccompletedon', 'testmailboxaccesscompletedon']

async function neverDates(get: Get, signal: AbortSignal): Promise<string> {
  const answer = await get(`mailboxes?$select=${DATES.join(',')}&$top=500`, signal)
  const rows = rowsIn(answer)
  if (!rows) return errorForm(answer)
  const forms = DATES.map((column) => {
    const values = rows.map((row) => row[column])
    const nulls = values.filter((value) => value === null).length
    const old = values.filter((value) => typeof value === 'string' && value.startsWith('1900-')).length
    return `${column}: ${nulls} null, ${old} of 1900, ${values.length - nulls - old} others`
  })
  return forms.join('; ')
}

async function traceCodes(get: Get, signal: AbortSignal): Promise<string> {
  const answer = await get('tracelogs?$select=tracecode,level&$top=2000', signal)
  const rows = rowsIn(answer)
  if (!rows) return errorForm(answer)
  const codes = new Set(rows.map((row) => row['tracecode']).filter((code) => typeof code === 'number'))
  return codes.size === 0 ? 'no alert to look at' : [...codes].sort((a, b) => a - b).join(', ')
}

function jsonIn({ body }: Received): unknown {
  return body.kind === 'json' ? body.value : undefined
}

function rowsIn(answer: Received): readonly Readonly<Record<string, unknown>>[] | undefined {
  const value = asObject(jsonIn(answer))?.['value']
  return Array.isArray(value) ? value.map((row) => asObject(row) ?? {}) : undefined
}

function statusOf({ status }: Pick<Received, 'status'>): string {
  return `status ${status}`
}

/** Of an error: its status and the form of its code, never its text. */
function errorForm(answer: Received): string {
  if (answer.body.kind !== 'json') return `status ${answer.status}, ${answer.body.kind}`
  const { code } = readServerError(answer.body)
  const error = asObject(asObject(answer.body.value)?.['error'])
  const shown = code === '' ? 'an empty code' : /^0x[0-9a-f]{8}$/.test(code) ? `code ${code}` : 'another code'
  return `status ${answer.status}, ${shown}, innererror ${error?.['innererror'] === undefined ? 'absent' : 'there'}`
}

/** What kind of value it is, and never the value, unless it is true or false. */
function formOf(value: unknown): string {
  return typeof value === 'boolean'
    ? String(value)
    : value === null
      ? 'null'
      : value === undefined
        ? 'absent'
        : `a ${typeof value}`
}
