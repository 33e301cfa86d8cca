import type { OrganizationReader } from '../../crm/organization.ts'
import type { Reason } from '../../engine/index.ts'

/**
 * Why profiles must not be deleted, by identifier: CRM would silently empty the default of the organization and the profile of every
 * mailbox (Microsoft, entity reference: emailserverprofile). Reads nothing where nobody asks.
 */
export async function usageOf(
  reader: OrganizationReader,
  ids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Reason>> {
  if (ids.size === 0) return new Map()
  const [organization, mailboxes] = await Promise.all([reader.organization(signal), reader.mailboxes('all', signal)])
  const users = new Map<string, number>()
  for (const { profileId } of mailboxes.rows.values()) {
    if (profileId !== null && ids.has(profileId)) users.set(profileId, (users.get(profileId) ?? 0) + 1)
  }
  const reasons = new Map<string, Reason>()
  for (const id of ids) {
    const count = users.get(id) ?? 0
    if (organization.defaultProfileId === id) reasons.set(id, IS_DEFAULT)
    else if (count > 0) reasons.set(id, inUse(count))
    else if (mailboxes.unknown.size > 0) reasons.set(id, notUnderstood(mailboxes.unknown.size))
  }
  return reasons
}

const IS_DEFAULT: Reason = {
  code: 'ProfileIsDefault',
  message: 'it is the default of the organization and is not deleted; make another profile the default first',
}

function inUse(count: number): Reason {
  const mailboxes = count === 1 ? '1 mailbox uses' : `${count} mailboxes use`
  return { code: 'ProfileInUse', message: `${mailboxes} it and it is not deleted; give them another profile first` }
}

function notUnderstood(count: number): Reason {
  const mailboxes = count === 1 ? 'one mailbox' : `${count} mailboxes`
  return { code: 'UsageNotKnown', message: `${mailboxes} of CRM could not be understood and may use it` }
}
