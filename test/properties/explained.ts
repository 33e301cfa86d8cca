// Whether everything that was sent is a part of a plan. The names of columns are written down here once more on purpose, from the entity
// reference: a test that took them from the client would believe the client. A column that is not here must never be written.
import type { Change } from '../../src/engine/index.ts'
import type { LoggedOperation, SimulatedWorld } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'

const FIELD_OF: Readonly<Record<string, string>> = {
  'emailserverprofile@odata.bind': 'profile',
  emailserverprofile: 'profile',
  incomingemaildeliverymethod: 'incoming',
  outgoingemaildeliverymethod: 'outgoing',
  actdeliverymethod: 'appointmentsContactsTasks',
  testemailconfigurationscheduled: 'test',
  orgmarkedasprimaryforexchangesync: 'primarySync',
  processemailreceivedafter: 'processEmailFrom',
  processanddeleteemails: 'processAndDelete',
  emailrouteraccessapproval: 'approval',
  internalemailaddress: 'address',
  emailaddress: 'address',
  name: 'name',
  'ownerid@odata.bind': 'owner',
}

const OF_WRITES: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT', 'DELETE'])
const PEOPLE: ReadonlySet<string> = new Set(['mailboxes', 'systemusers', 'queues'])
const KINDS: Readonly<Record<string, string>> = {
  emailserverprofiles: 'EmailServerProfile',
  organizations: 'EmailSettings',
}

/** Which keys of the spec a row stands for: taken before a pass, because a pass changes addresses. */
export type KeysByRow = ReadonlyMap<string, readonly string[]>

/** The keys of all mailboxes, and of the users and queues they belong to. */
export function keysByRow(world: SimulatedWorld, { mailboxes }: DesiredOrganization): KeysByRow {
  const keys = new Map<string, readonly string[]>()
  const renamed = new Map([...mailboxes].map(([key, { previousAddress }]) => [previousAddress, key]))
  for (const [id, row] of world.rows('mailbox')) {
    const address = String(row['emailaddress'] ?? '').toLowerCase()
    const own = [address, renamed.get(address) ?? address]
    keys.set(id, own)
    const regarding = row['regardingobjectid']
    if (typeof regarding === 'object' && regarding !== null && 'id' in regarding) keys.set(String(regarding.id), own)
  }
  return keys
}

/** The writes of a log that were sent, whatever came of them. */
export function writesIn(log: readonly LoggedOperation[]): readonly LoggedOperation[] {
  return log.filter(({ kind, method }) => kind !== 'batch' && OF_WRITES.has(method))
}

/** The mailboxes that writes are about, each once. */
export function mailboxesIn(writes: readonly LoggedOperation[], keys: KeysByRow): ReadonlySet<string> {
  return new Set(
    writes.flatMap(({ path }) => {
      const { set, id } = placeOf(path)
      return PEOPLE.has(set) ? [keys.get(id)?.at(-1) ?? path] : []
    }),
  )
}

/** Writes that none of the changes asks for, as lines. */
export function unexplained(
  writes: readonly LoggedOperation[],
  changes: readonly Change[],
  keys: KeysByRow,
): readonly string[] {
  return writes
    .filter((write) => !isExplained(write, changes, keys))
    .map(({ method, path, columns }) => `${method} ${path} ${columns.join(' ')}`)
}

function isExplained({ method, path, columns }: LoggedOperation, changes: readonly Change[], keys: KeysByRow): boolean {
  const { set, id } = placeOf(path)
  if (!PEOPLE.has(set)) return changes.some(({ kind }) => kind === KINDS[set])
  if (id === '')
    return method === 'POST' && changes.some(({ action, kind }) => action === 'create' && kind === 'Mailbox')
  const own = changes.filter(({ kind, key }) => kind === 'Mailbox' && keys.get(id)?.includes(key))
  const asked = new Set(own.flatMap(({ fields }) => fields.map(({ field }) => field)))
  return method === 'PATCH' && columns.every((column) => asked.has(FIELD_OF[column] ?? `the column ${column}`))
}

function placeOf(path: string): { readonly set: string; readonly id: string } {
  const [, set = '', id = ''] = /^([a-z]+)(?:\(([0-9a-f-]{36})\))?/i.exec(path) ?? []
  return { set, id: id.toLowerCase() }
}
