import type { Caller, EntityName } from '../world.ts'
import { missingPrivilege } from './faults.ts'
import { guidOfText } from './random.ts'

/** What a privilege allows to do with rows of a table. */
export type Access = 'Read' | 'Create' | 'Write' | 'Delete' | 'Assign' | 'Append' | 'AppendTo'

/** Needed to approve or reject an address (Microsoft, e-mail activity entities). */
export const APPROVE_PRIVILEGE = 'prvApproveRejectEmailAddress'

/** The last part of a privilege's name; a table without one may be read by everybody. */
const SUFFIX: Readonly<Record<EntityName, string | undefined>> = {
  emailserverprofile: 'EmailServerProfile',
  mailbox: 'Mailbox',
  organization: 'Organization',
  queue: 'Queue',
  systemuser: 'User',
  team: 'Team',
  tracelog: 'TraceLog',
  privilege: undefined,
}

const ACCESSES: readonly Access[] = ['Read', 'Create', 'Write', 'Delete', 'Assign', 'Append', 'AppendTo']

/** Name of the privilege for this access, for example `prvReadMailbox`. */
export function privilegeName(entity: EntityName, access: Access): string | undefined {
  const suffix = SUFFIX[entity]
  return suffix === undefined ? undefined : `prv${access}${suffix}`
}

/** Id of a privilege: the same in every organization. */
export function privilegeId(name: string): string {
  return guidOfText(`privilege ${name}`)
}

/** The names of all privileges of the simulated tables; with `access`, of these kinds only. */
export function privilegeNames(accesses: readonly Access[] = ACCESSES): string[] {
  const suffixes = Object.values(SUFFIX).filter((suffix) => suffix !== undefined)
  return suffixes.flatMap((suffix) => accesses.map((access) => `prv${access}${suffix}`))
}

/** Throws 403 naming the privilege where the caller lacks it. */
export function requireAccess(caller: Caller, entity: EntityName, access: Access): void {
  const name = privilegeName(entity, access)
  if (name !== undefined) requirePrivilege(caller, name)
}

/** As `requireAccess`, for a privilege by name. */
export function requirePrivilege(caller: Caller, name: string): void {
  if (!caller.privileges.has(name)) throw missingPrivilege(caller.userId, name, privilegeId(name))
}
