// What stands in a simulated organization, and whether what changed in it is what the spec asks for. The numbers of options are written
// down here once more on purpose, from the entity reference: a test that took them from the client would believe the client.
import type { SimulatedWorld } from '../../src/simulator/index.ts'
import type { EntityName, Row, Value } from '../../src/simulator/world.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../src/spec/desired.ts'

const TABLES = [
  'mailbox',
  'systemuser',
  'queue',
  'emailserverprofile',
  'organization',
  'team',
] as const satisfies readonly EntityName[]

/** Columns that the server changes by itself, whoever wrote. */
const OF_THE_SERVER =
  /^(versionnumber|modified|(incomingemail|outgoingemail|act|mailbox)status$|enabledfor|processing|hostid|testmailboxaccess|testemailconfigurationretry|postpone|last|transientfailure|noemail|noact|ewsurl|isactsyncorgflagset)/

/** The rows of an organization by table and id, without what the server writes by itself. */
export type Picture = ReadonlyMap<string, Readonly<Record<string, Value>>>

/** Takes a picture. */
export function pictureOf(world: SimulatedWorld): Picture {
  const picture = new Map<string, Record<string, Value>>()
  for (const table of TABLES) {
    for (const [id, row] of world.rows(table)) {
      const columns = Object.entries(row).filter(([column]) => !OF_THE_SERVER.test(column))
      picture.set(`${table} ${id}`, Object.fromEntries(columns))
    }
  }
  return picture
}

/** One column that differs between two pictures; `row` when the whole row came or went. */
export interface Difference {
  readonly table: string
  readonly id: string
  readonly column: string
  readonly from: Value | undefined
  readonly to: Value | undefined
}

/** What differs between two pictures. */
export function differences(before: Picture, after: Picture): readonly Difference[] {
  const found: Difference[] = []
  for (const place of new Set([...before.keys(), ...after.keys()])) {
    const [table = '', id = ''] = place.split(' ')
    const [from, to] = [before.get(place), after.get(place)]
    if (!from || !to) {
      found.push({ table, id, column: 'row', from: from ? 'there' : undefined, to: to ? 'there' : undefined })
      continue
    }
    for (const column of new Set([...Object.keys(from), ...Object.keys(to)])) {
      if (JSON.stringify(from[column]) !== JSON.stringify(to[column]))
        found.push({ table, id, column, from: from[column], to: to[column] })
    }
  }
  return found
}

/** What differs and is not what the spec asks for: wrong writes, each as a line. */
export function wrongWrites(before: Picture, world: SimulatedWorld, desired: DesiredOrganization): readonly string[] {
  const after = pictureOf(world)
  return differences(before, after)
    .filter((difference) => !isEndOfTest(difference) && !isWished(difference, after, world, desired))
    .map(
      ({ table, id, column, from, to }) => `${table} ${id} ${column}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`,
    )
}

/** A test that somebody asked for comes to its end by itself. */
function isEndOfTest({ column, to }: Difference): boolean {
  return column === 'testemailconfigurationscheduled' && to === false
}

function isWished(
  difference: Difference,
  after: Picture,
  world: SimulatedWorld,
  desired: DesiredOrganization,
): boolean {
  const { table, id, column, to } = difference
  const row = after.get(`${table} ${id}`)
  if (!row) return false
  if (table === 'emailserverprofile') return isWishedProfile(row, desired)
  if (table === 'organization') return isWishedSetting(column, to, world, desired)
  if (table === 'mailbox') {
    const member = memberOf(row['emailaddress'], desired)
    if (member === undefined) return false
    return column === 'row' ? member.type === 'Forward' : isWishedColumn(column, to, member, world, desired)
  }
  const address = table === 'queue' ? row['emailaddress'] : row['internalemailaddress']
  const member = memberOf(address, desired)
  if (member === undefined || column === 'row') return false
  if (column === 'emailaddress' || column === 'internalemailaddress') return member.previousAddress !== undefined
  return column === 'emailrouteraccessapproval' && isWishedApproval(to, member)
}

function isWishedProfile(row: Readonly<Row>, { profiles }: DesiredOrganization): boolean {
  return [...profiles.values()].some(({ displayName, ensure }) => ensure === 'present' && displayName === row['name'])
}

/** The settings a random spec may ask for, as columns. */
function isWishedSetting(
  column: string,
  to: Value | undefined,
  world: SimulatedWorld,
  { settings, profiles }: DesiredOrganization,
): boolean {
  switch (column) {
    case 'emailconnectionchannel':
      return to === (settings?.processEmailsUsing === 'ServerSideSync' ? 0 : 1)
    case 'defaultemailserverprofileid':
      return nameOfProfile(to, world) === profiles.get(settings?.defaultProfile ?? '')?.displayName
    case 'defaultemailsettings':
      return String(to).includes(
        `<IncomingEmailDeliveryMethod>${INCOMING[settings?.incoming ?? '']}</IncomingEmailDeliveryMethod>`,
      )
    case 'requireapprovalforuseremail':
      return to === settings?.requireApproval?.users
    case 'ignoreinternalemail':
      return settings?.tracking?.internalEmail !== undefined && to !== settings.tracking.internalEmail
    case 'maxuploadfilesize':
      return settings?.maximumAttachmentKilobytes !== undefined && to === settings.maximumAttachmentKilobytes * 1024
    default:
      return false
  }
}

/** The member with what may be written of it; undefined where that is nothing. Suspensions and exceptions here never end. */
function memberOf(address: Value | undefined, { mailboxes }: DesiredOrganization): DesiredMailbox | undefined {
  const key = typeof address === 'string' ? address.toLowerCase() : undefined
  // One that is to get another address may be stopped before it has it.
  const member =
    mailboxes.get(key ?? '') ?? [...mailboxes.values()].find(({ previousAddress }) => previousAddress === key)
  if (key === undefined || member === undefined || member.suspensions !== undefined || member.policy === 'Observe')
    return undefined
  const left: Record<string, unknown> = { ...member }
  for (const { field } of member.ignore ?? []) delete left[field === 'test' ? 'testAndEnable' : field]
  if (member.manage?.includes('settings') === false) delete left['previousAddress']
  return left as unknown as DesiredMailbox
}

const INCOMING: Readonly<Record<string, number>> = { None: 0, Outlook: 1, ServerSideSync: 2, ForwardMailbox: 3 }
const OUTGOING: Readonly<Record<string, number>> = { None: 0, Outlook: 1, ServerSideSync: 2 }
const SYNCHRONIZATION: Readonly<Record<string, number>> = { Outlook: 0, ServerSideSync: 1, None: 2 }

function isWishedColumn(
  column: string,
  to: Value | undefined,
  member: DesiredMailbox,
  world: SimulatedWorld,
  desired: DesiredOrganization,
): boolean {
  switch (column) {
    case 'incomingemaildeliverymethod':
      return to === INCOMING[member.incoming ?? '']
    case 'outgoingemaildeliverymethod':
      return to === OUTGOING[member.outgoing ?? '']
    case 'actdeliverymethod':
      return to === SYNCHRONIZATION[member.appointmentsContactsTasks ?? '']
    case 'emailserverprofile':
      return nameOfProfile(to, world) === desired.profiles.get(member.profile ?? '')?.displayName
    case 'emailrouteraccessapproval':
      return isWishedApproval(to, member)
    case 'testemailconfigurationscheduled':
      return member.testAndEnable
    case 'orgmarkedasprimaryforexchangesync':
      return member.primarySync === 'Claim' && to === true
    case 'processemailreceivedafter':
      return member.processEmailFrom !== undefined && to === `${member.processEmailFrom}T00:00:00Z`
    case 'processanddeleteemails':
      return member.processAndDelete === to
    case 'emailaddress':
      return member.previousAddress !== undefined
    case 'name':
    case 'ownerid':
    case 'owninguser':
    case 'owningteam':
    case 'owneridtype':
      return member.type === 'Forward'
    default:
      return false
  }
}

/** A new address takes the approval with it: nobody has decided then, until it is given again. */
function isWishedApproval(to: Value | undefined, { approval, previousAddress }: DesiredMailbox): boolean {
  if (previousAddress !== undefined && (to === 0 || to === 2)) return true
  return (approval === 'Approved' && to === 1) || (approval === 'Rejected' && to === 3)
}

function nameOfProfile(value: Value | undefined, world: SimulatedWorld): Value | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return world.rows('emailserverprofile').get(value.id)?.['name']
}

/** Addresses of users or queues that a spec can name: of one mailbox each, plain, in the order of the rows. */
export function plainAddresses(world: SimulatedWorld, type: 'systemuser' | 'queue'): readonly string[] {
  const all = [...world.rows('mailbox').values()]
  const counts = new Map<string, number>()
  for (const row of all) counts.set(lower(row), (counts.get(lower(row)) ?? 0) + 1)
  return all
    .filter((row) => {
      const regarding = row['regardingobjectid']
      const isOfType = typeof regarding === 'object' && regarding !== null && regarding.entity === type
      return isOfType && row['isserviceaccount'] !== true && counts.get(lower(row)) === 1
    })
    .map(lower)
    .filter((address) => /^[a-z0-9][a-z0-9.]*@contoso\.com$/.test(address))
}

function lower(row: Readonly<Row>): string {
  return String(row['emailaddress'] ?? '').toLowerCase()
}

/** The one row of a table with this value in this column. */
export function rowWith(
  world: SimulatedWorld,
  entity: EntityName,
  column: string,
  value: string,
): readonly [string, Row] {
  const found = [...world.rows(entity)].filter(([, row]) => row[column] === value)
  const [only] = found
  if (!only || found.length !== 1) throw new Error(`${found.length} rows of ${entity} have ${column} ${value}`)
  return only
}
