import { createWorld, type SimulatedWorld, type WorldOptions } from '../../../src/simulator/world/index.ts'
import { CrmFault, type EntityName, type Row } from '../../../src/simulator/world.ts'

/** An organization with one profile that is its default, everything server-side, and approval required. */
export function smallWorld(options: WorldOptions = {}): { world: SimulatedWorld; profileId: string } {
  const world = createWorld(options)
  const { admin } = world.callers
  const profileId = world.create(admin, 'emailserverprofile', {
    name: 'Exchange Online',
    servertype: 3,
    useautodiscover: true,
  })
  world.update(admin, 'organization', world.organizationId, {
    defaultemailserverprofileid: { entity: 'emailserverprofile', id: profileId },
    defaultemailsettings:
      '<EmailSettings><IncomingEmailDeliveryMethod>2</IncomingEmailDeliveryMethod><OutgoingEmailDeliveryMethod>2</OutgoingEmailDeliveryMethod><ACTDeliveryMethod>1</ACTDeliveryMethod></EmailSettings>',
    requireapprovalforuseremail: true,
    requireapprovalforqueueemail: true,
  })
  return { world, profileId }
}

/** Creates a user or queue and returns its id and that of its mailbox. */
export function createPerson(
  world: SimulatedWorld,
  entity: 'systemuser' | 'queue',
  name = 'ann',
): { id: string; mailboxId: string } {
  const columns: Row =
    entity === 'queue'
      ? { name, emailaddress: `${name}@contoso.com` }
      : {
          firstname: name,
          lastname: 'Albers',
          domainname: `CONTOSO\\${name}`,
          internalemailaddress: `${name}@contoso.com`,
        }
  const id = world.create(world.callers.admin, entity, columns)
  return { id, mailboxId: referenceId(world, entity, id, 'defaultmailbox') }
}

/** Creates an approved user; returns its id and that of its mailbox. */
export function createApprovedUser(world: SimulatedWorld, name = 'ann'): { id: string; mailboxId: string } {
  const person = createPerson(world, 'systemuser', name)
  world.update(world.callers.admin, 'systemuser', person.id, { emailrouteraccessapproval: 1 })
  return person
}

/** The row; an Error where there is none. */
export function rowOf(world: SimulatedWorld, entity: EntityName, id: string): Readonly<Row> {
  const row = world.rows(entity).get(id)
  if (row === undefined) throw new Error(`no ${entity} ${id}`)
  return row
}

/** The id in a lookup column; an Error where it is empty. */
export function referenceId(world: SimulatedWorld, entity: EntityName, id: string, column: string): string {
  const value = rowOf(world, entity, id)[column]
  if (typeof value !== 'object' || value === null) throw new Error(`${column} of ${entity} ${id} is empty`)
  return value.id
}

/** The refusal of `work`; an Error where it is not refused. */
export function faultOf(work: () => unknown): CrmFault {
  try {
    work()
  } catch (error) {
    if (error instanceof CrmFault) return error
    throw error
  }
  throw new Error('the server did not refuse')
}

/** The chosen columns of a row. */
export function pick(row: Readonly<Row>, ...columns: string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))
}

/** A reference to a profile. */
export function profile(id: string): { entity: 'emailserverprofile'; id: string } {
  return { entity: 'emailserverprofile', id }
}
