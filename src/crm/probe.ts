// What kind of server this is, found out from its own answers in at most five requests: WhoAmI under the newest version segment it
// accepts (one to three), one batch with the version, the metadata of our tables and the caller's privileges, and one more where
// privileges come without names.
import { clockSkewMs } from '../network/server-date.ts'
import { capabilitiesOf, isOnline, SEGMENTS } from './capabilities.ts'
import { type Exchange, jsonOf } from './exchange.ts'
import { CrmError, type Probe } from './organization.ts'
import { readParts } from './read/parts.ts'
import type { BatchPart } from './wire/batch-request.ts'
import { asObject } from './wire/body.ts'
import { refusesVersion, toCrmError } from './wire/errors.ts'
import { rebaseNextLink } from './wire/next-link.ts'

/** The columns of one table by what may be done with them. */
export interface TableColumns {
  readonly readable: ReadonlySet<string>
  readonly creatable: ReadonlySet<string>
  readonly updatable: ReadonlySet<string>
}

/** What readers and writers need to know about the server; the same for every identity. */
export interface ServerFacts {
  /** Version segment of the URL, for example `v9.1`. */
  readonly segment: string
  readonly version: string
  readonly online: boolean
  readonly tables: ReadonlyMap<string, TableColumns>
}

/** A probe with the facts it came from. */
export interface Probed {
  readonly probe: Probe
  readonly facts: ServerFacts
}

const TABLES = ['mailbox', 'emailserverprofile', 'organization', 'systemuser', 'queue', 'team', 'tracelog'] as const
const MAXIMUM_PRIVILEGE_PAGES = 20

/** Finds out everything. `segments` are tried in order; only the server's own refusal of a segment leads to the next. */
export async function probeServer(
  exchange: Exchange,
  segments: readonly string[],
  signal: AbortSignal,
): Promise<Probed> {
  const me = await whoAmI(exchange, segments, signal)
  const { host } = exchange.options.root
  const parts = [
    get('RetrieveVersion()'),
    ...TABLES.map(attributesOf),
    get(`systemusers(${me.userId})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges`),
    ...(capabilitiesOf(me.segment).privilegeNames ? [] : [get(PRIVILEGES_PATH)]),
  ]
  const answers = await readParts(exchange, me.segment, parts, `finding out about ${host}`, signal)
  const [version, ...rest] = answers
  const tables = new Map(TABLES.map((table, index) => [table as string, columnsOf(rest[index], table)]))
  const held = rest[TABLES.length]
  const names = await privilegeNames(exchange, me.segment, held, rest[TABLES.length + 1], signal)
  const versionText = asObject(version)?.['Version']
  if (typeof versionText !== 'string') throw notUnderstood('RetrieveVersion')
  const facts = { segment: me.segment, version: versionText, online: isOnline(versionText), tables }
  return {
    facts,
    probe: {
      organizationId: me.organizationId,
      userId: me.userId,
      version: versionText,
      privileges: names,
      clockSkewMs: me.clockSkewMs,
      columns: new Map([...tables].map(([table, { readable }]) => [table, readable])),
    },
  }
}

/** The segments to try: the pinned one alone, else the one that worked last and all others. */
export function segmentsToTry(pinned: string | undefined, last: string | undefined): readonly string[] {
  if (pinned !== undefined) return [pinned]
  return last === undefined ? SEGMENTS : [last, ...SEGMENTS.filter((segment) => segment !== last)]
}

interface Me {
  readonly segment: string
  readonly userId: string
  readonly organizationId: string
  readonly clockSkewMs: number
}

async function whoAmI(exchange: Exchange, segments: readonly string[], signal: AbortSignal): Promise<Me> {
  const doing = `asking ${exchange.options.root.host} who we are`
  let refusal: CrmError | undefined
  for (const segment of segments) {
    const answer = await exchange.read({ method: 'GET', path: `${segment}/WhoAmI()` }, doing, signal)
    if (refusesVersion(answer)) {
      refusal ??= toCrmError(answer, `${doing} under ${segment}`)
      continue
    }
    const me = asObject(jsonOf(answer, doing))
    const userId = me?.['UserId']
    const organizationId = me?.['OrganizationId']
    if (typeof userId !== 'string' || typeof organizationId !== 'string') throw notUnderstood('WhoAmI')
    return {
      segment,
      userId: userId.toLowerCase(),
      organizationId: organizationId.toLowerCase(),
      clockSkewMs: clockSkewMs(answer.headers, answer) ?? 0,
    }
  }
  throw new CrmError(
    'Unsupported',
    `${doing}: none of ${segments.join(', ')} is answered (${refusal?.message ?? 'nothing tried'}); check the URL of the organization`,
    { cause: refusal },
  )
}

/** Who an identity is: the id of its user, in lower case. Throws CrmError. */
export async function userBehind(exchange: Exchange, segment: string, signal: AbortSignal): Promise<string> {
  return (await whoAmI(exchange, [segment], signal)).userId
}

function get(path: string): BatchPart {
  return { method: 'GET', path, headers: { Accept: 'application/json' } }
}

function attributesOf(table: string): BatchPart {
  return get(
    `EntityDefinitions(LogicalName='${table}')/Attributes?$select=LogicalName,IsValidForCreate,IsValidForUpdate,IsValidForRead`,
  )
}

function columnsOf(answer: unknown, table: string): TableColumns {
  const rows = rowsOf(answer, `the metadata of ${table}`)
  const namesWhere = (flag: string) =>
    new Set(rows.filter((row) => row[flag] === true).map((row) => String(row['LogicalName'])))
  return {
    readable: namesWhere('IsValidForRead'),
    creatable: namesWhere('IsValidForCreate'),
    updatable: namesWhere('IsValidForUpdate'),
  }
}

const PRIVILEGES_PATH = 'privileges?$select=privilegeid,name'

/**
 * Question: do the rows of RetrieveUserPrivileges carry names? In 9.x they do, in 8.x they hold ids only (Microsoft, RolePrivilege);
 * the rows themselves decide.
 */
async function privilegeNames(
  exchange: Exchange,
  segment: string,
  answer: unknown,
  firstPage: unknown,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const held = asObject(answer)?.['RolePrivileges']
  if (!Array.isArray(held)) throw notUnderstood('RetrieveUserPrivileges')
  const rows = held.map((row) => asObject(row) ?? {})
  const names = rows.map((row) => row['PrivilegeName']).filter((name) => typeof name === 'string' && name !== '')
  if (names.length === rows.length) return new Set(names as string[])
  const byId = await namesById(exchange, segment, firstPage, signal)
  return new Set(
    rows.flatMap((row) => {
      const name = byId.get(String(row['PrivilegeId']).toLowerCase())
      return name === undefined ? [] : [name]
    }),
  )
}

async function namesById(
  exchange: Exchange,
  segment: string,
  firstPage: unknown,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const doing = `reading the names of privileges of ${exchange.options.root.host}`
  const names = new Map<string, string>()
  let page = firstPage
  let path: string | undefined = PRIVILEGES_PATH
  for (let pages = 0; pages < MAXIMUM_PRIVILEGE_PAGES; pages += 1) {
    page ??= await exchange.json({ method: 'GET', path: `${segment}/${path}` }, doing, signal)
    for (const row of rowsOf(page, 'privileges')) {
      names.set(String(row['privilegeid']).toLowerCase(), String(row['name']))
    }
    const link = asObject(page)?.['@odata.nextLink']
    if (link === undefined) return names
    path = rebaseNextLink(link, segment, 'privileges')
    if (path === undefined) break
    page = undefined
  }
  throw new CrmError('Incomplete', `${doing}: the list of privileges has no end`)
}

function rowsOf(answer: unknown, what: string): readonly Readonly<Record<string, unknown>>[] {
  const value = asObject(answer)?.['value']
  if (!Array.isArray(value)) throw notUnderstood(what)
  return value.map((row) => asObject(row) ?? {})
}

function notUnderstood(what: string): CrmError {
  return new CrmError(
    'NotUnderstood',
    `finding out about the server: the answer to ${what} is not what the Web API gives`,
  )
}
