// What writes do to people, counted from the requests and from the rows before them. Effects and guards of ours have no part in it. Where it
// is not sure that something happens to somebody it is not counted, so a count here is never more than a guard should have counted.
import type { SimulatedWorld } from '../../src/simulator/index.ts'
import type { Row, Value } from '../../src/simulator/world.ts'
import type { DesiredOrganization, DesiredOverride } from '../../src/spec/desired.ts'
import type { SentWrite } from '../stack/sent.ts'
import type { KeysByRow } from './explained.ts'

const DAY_MS = 24 * 3_600_000
const APPROVED = 1
const REJECTED = 3
const NEVER_SET = '1900'
/** Tables whose rows are told as mailboxes. */
const PEOPLE: ReadonlySet<string> = new Set(['mailboxes', 'systemusers', 'queues'])
/** What an object of these guards is called: there is one organization. */
const ORGANIZATION = 'the organization'

/** Rows by table and id, as they were at one time. */
export type Rows = ReadonlyMap<string, Readonly<Row>>

/** Takes the rows that effects are told from. */
export function rowsNow(world: SimulatedWorld): Rows {
  const tables = ['mailbox', 'systemuser', 'queue', 'emailserverprofile', 'organization'] as const
  return new Map(
    tables.flatMap((table) => [...world.rows(table)].map(([id, row]) => [`${SETS[table]} ${id}`, row] as const)),
  )
}

const SETS = {
  mailbox: 'mailboxes',
  systemuser: 'systemusers',
  queue: 'queues',
  emailserverprofile: 'emailserverprofiles',
  organization: 'organizations',
} as const

/** What is counted from. */
export interface Recounted {
  readonly writes: readonly SentWrite[]
  readonly before: Rows
  readonly after: Rows
  readonly keys: KeysByRow
  readonly now: Date
  readonly desired: DesiredOrganization
}

/** Those whom a guard has to count, by the name of the guard. */
export function countedByGuard(input: Recounted): ReadonlyMap<string, ReadonlySet<string>> {
  const { writes, before, keys } = input
  const counted = new Map<string, Set<string>>(Object.keys(HAPPENS).map((guard) => [guard, new Set()]))
  for (const write of writes) {
    const row = before.get(`${write.set} ${write.id}`)
    const isPerson = PEOPLE.has(write.set)
    if (isPerson && write.id === '') {
      counted.get('change')?.add(String(write.values['emailaddress']).toLowerCase())
      continue
    }
    const key = isPerson ? (keys.get(write.id)?.at(-1) ?? write.id) : ORGANIZATION
    for (const [guard, happens] of Object.entries(HAPPENS)) {
      if (row && happens(write, row, input)) counted.get(guard)?.add(key)
    }
  }
  return counted
}

type Happens = (write: SentWrite, row: Readonly<Row>, input: Recounted) => boolean

/** What each guard counts. */
const HAPPENS: Readonly<Record<string, Happens>> = {
  change: ({ set, values, property }) =>
    PEOPLE.has(set) &&
    (property !== '' || Object.keys(values).some((column) => column !== 'testemailconfigurationscheduled')),
  move: ({ set, values }, row) => {
    const to = boundTo(values['emailserverprofile@odata.bind'])
    const from = idIn(row['emailserverprofile'])
    return set === 'mailboxes' && to !== undefined && from !== undefined && to !== from
  },
  stop: (write, row) =>
    write.set === 'mailboxes' &&
    (write.property === 'emailserverprofile/$ref' ||
      becomes(write, row, 'incomingemaildeliverymethod', 0) ||
      becomes(write, row, 'outgoingemaildeliverymethod', 0) ||
      becomes(write, row, 'actdeliverymethod', 2)),
  unapprove: (write, row) => PEOPLE.has(write.set) && becomes(write, row, 'emailrouteraccessapproval', REJECTED),
  claim: (write, row) => becomes(write, row, 'orgmarkedasprimaryforexchangesync', true),
  'delete-mail': (write, row) => becomes(write, row, 'processanddeleteemails', true),
  'old-mail': (write, row, input) =>
    write.set === 'mailboxes' && (reachesBack(write, row, input) || joins(write, row, input)),
  'default-profile': ({ set, values }, row) => {
    const to = boundTo(values['defaultemailserverprofileid@odata.bind'])
    return set === 'organizations' && to !== undefined && to !== idIn(row['defaultemailserverprofileid'])
  },
  'stop-all': (write, row, input) =>
    write.set === 'organizations' &&
    (becomes(write, row, 'emailconnectionchannel', 1) ||
      (becomes(write, row, 'requireapprovalforuseremail', true) && silencesSomebody('systemuser', input)) ||
      (becomes(write, row, 'requireapprovalforqueueemail', true) && silencesSomebody('queue', input))),
}

function becomes({ values }: SentWrite, row: Readonly<Row>, column: string, value: unknown): boolean {
  return values[column] === value && row[column] !== value
}

function boundTo(path: unknown): string | undefined {
  return typeof path === 'string' ? /\(([0-9a-f-]{36})\)/i.exec(path)?.[1]?.toLowerCase() : undefined
}

function idIn(value: Value | undefined): string | undefined {
  return typeof value === 'object' && value !== null ? value.id : undefined
}

/** Its own date goes back, or is set for the first time, and lies more than a day back. */
function reachesBack({ values }: SentWrite, row: Readonly<Row>, { now }: Recounted): boolean {
  const to = values['processemailreceivedafter']
  if (typeof to !== 'string' || !isPast(to, now)) return false
  const from = String(row['processemailreceivedafter'] ?? NEVER_SET)
  return from.startsWith(NEVER_SET) || to.slice(0, DAY_LENGTH) < from.slice(0, DAY_LENGTH)
}

const DAY_LENGTH = 'YYYY-MM-DD'.length

function isPast(time: Value | undefined, now: Date): boolean {
  return typeof time === 'string' && !time.startsWith(NEVER_SET) && now.getTime() - Date.parse(time) > DAY_MS
}

/** It gets another profile, or begins to receive, and the profile it has then reaches back. */
function joins({ values }: SentWrite, row: Readonly<Row>, { after, now }: Recounted): boolean {
  const to = boundTo(values['emailserverprofile@odata.bind'])
  const isOnServer = (method: unknown) => method === 2 || method === 3
  const incoming = values['incomingemaildeliverymethod'] ?? row['incomingemaildeliverymethod']
  const begins = isOnServer(incoming) && !isOnServer(row['incomingemaildeliverymethod'])
  const moves = to !== undefined && to !== idIn(row['emailserverprofile'])
  if (!isOnServer(incoming) || !(moves || begins)) return false
  const profile = after.get(`emailserverprofiles ${to ?? idIn(row['emailserverprofile'])}`)
  return isPast(profile?.['processemailsreceivedafter'], now)
}

/** Somebody whom the spec does not name sends or receives on the server without approval, and alone has that address. */
function silencesSomebody(entity: string, { before, desired }: Recounted): boolean {
  const rows = [...before].flatMap(([place, row]) => (place.startsWith('mailboxes ') ? [row] : []))
  const addresses = rows.map((row) => String(row['emailaddress'] ?? '').toLowerCase())
  return rows.some((row, index) => {
    const address = addresses[index] ?? ''
    const holder = row['regardingobjectid']
    const isOfType = typeof holder === 'object' && holder !== null && holder.entity === entity
    const flows = row['incomingemaildeliverymethod'] === 2 || row['outgoingemaildeliverymethod'] === 2
    const isAlone = /^[a-z.]+@contoso\.com$/.test(address) && addresses.filter((one) => one === address).length === 1
    const isNamed =
      desired.mailboxes.has(address) || [...desired.mailboxes.values()].some((one) => one.previousAddress === address)
    const isOpen = row['statecode'] === 0 && row['isserviceaccount'] !== true
    return isOfType && flows && isAlone && !isNamed && isOpen && row['emailrouteraccessapproval'] !== APPROVED
  })
}

/** Of those a guard counts, the ones whom no override that counts lets pass. */
export function uncovered(
  guard: string,
  counted: ReadonlySet<string>,
  overrides: readonly DesiredOverride[],
  { desired, now }: Pick<Recounted, 'desired' | 'now'>,
): readonly string[] {
  const good = overrides
    .filter((one) => one.guard === guard && Date.parse(one.expires) > now.getTime())
    .map(({ sets, limit }) => {
      const isFor = (key: string) => sets === undefined || sets.includes(desired.mailboxes.get(key)?.set ?? '')
      return { isFor, counts: [...counted].filter(isFor).length <= limit }
    })
  return [...counted].filter((key) => !good.some(({ isFor, counts }) => counts && isFor(key)))
}
