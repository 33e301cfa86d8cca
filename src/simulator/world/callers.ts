import type { Caller } from '../world.ts'
import { type Core, type KnownUser, systemUser, tableIn } from './core.ts'
import { initialRow, standardColumns } from './new-row.ts'
import { APPROVE_PRIVILEGE, privilegeId, privilegeNames } from './privileges.ts'
import type { KnownCallers } from './types.ts'

const NON_INTERACTIVE = 4

const KNOWN_NAMES: Readonly<Record<KnownUser, string>> = {
  system: 'SYSTEM',
  admin: 'Simulator Admin',
  reader: 'Simulator Reader',
  limited: 'Simulator Limited',
  someone: 'Sam Someone',
}

/** Puts what every organization has: the organization row, the privileges, the server's own user and those of the known callers. */
export function foundOrganization(core: Core, name: string): void {
  core.store.put('organization', core.organizationId, {
    ...initialRow(tableIn(core, 'organization')),
    organizationid: core.organizationId,
    name,
    languagecode: core.language,
    initialversion: core.version === '8.2' ? '8.2.0.0' : '9.0.0.0',
  })
  for (const privilege of [...privilegeNames(), APPROVE_PRIVILEGE]) {
    const id = privilegeId(privilege)
    core.store.put('privilege', id, { privilegeid: id, name: privilege })
  }
  for (const [user, fullName] of Object.entries(KNOWN_NAMES)) putKnownUser(core, user as KnownUser, fullName)
}

/** Known users have no address and no mailbox, so that they stand outside every count of mailboxes. */
function putKnownUser(core: Core, user: KnownUser, fullName: string): void {
  const id = core.knownUsers[user]
  const [firstname = fullName, lastname = null] = fullName.split(' ')
  core.store.put('systemuser', id, {
    ...initialRow(tableIn(core, 'systemuser')),
    ...standardColumns(core, 'systemuser', id, systemUser(core)),
    fullname: fullName,
    firstname,
    lastname,
    domainname: `CONTOSO\\${fullName.toLowerCase().replace(' ', '-')}`,
    accessmode: NON_INTERACTIVE,
  })
}

/** The callers of this organization by what they may do. */
export function knownCallers(core: Core): KnownCallers {
  const caller = (user: KnownUser, privileges: readonly string[]): Caller => ({
    userId: core.knownUsers[user],
    businessUnitId: core.businessUnitId,
    privileges: new Set(privileges),
  })
  return {
    admin: caller('admin', [...privilegeNames(), APPROVE_PRIVILEGE]),
    reader: caller('reader', privilegeNames(['Read'])),
    limited: caller('limited', privilegeNames()),
  }
}

/** The person who changes things by hand: all privileges, another user than the known callers. */
export function someoneElse(core: Core): Caller {
  return { ...knownCallers(core).admin, userId: core.knownUsers.someone }
}

/** The caller named by `Bearer simulator-admin`, `simulator-reader` or `simulator-limited`. */
export function callerNamedIn(callers: KnownCallers, authorization: string | undefined): Caller | undefined {
  switch (/^Bearer simulator-(\w+)$/i.exec(authorization ?? '')?.[1]) {
    case 'admin':
      return callers.admin
    case 'reader':
      return callers.reader
    case 'limited':
      return callers.limited
    default:
      return undefined
  }
}
