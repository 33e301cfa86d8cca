// Whether a trust carries mail: the newest test that a mailbox passed which depends on it.
import type { OrganizationReader } from '../crm/organization.ts'
import type { MailboxRow } from '../crm/rows.ts'
import type { OrganizationProof } from './contract.ts'

/** Only profiles of this type sign in to Exchange Online with the certificate of the servers. */
const THROUGH_THE_TRUST = 'ExchangeOnlineHybrid'

/**
 * The newest test that a mailbox of an organization passed through the trust. `passedOn` says when the newest test of a mailbox was passed,
 * undefined where it was not. Throws what the reader throws: a proof that cannot be read is none, and nothing says that there is not any.
 */
export async function proofOf(
  reader: Pick<OrganizationReader, 'mailboxes' | 'profiles'>,
  passedOn: (mailbox: MailboxRow) => string | undefined,
  signal: AbortSignal,
): Promise<OrganizationProof> {
  const [mailboxes, profiles] = await Promise.all([reader.mailboxes('all', signal), reader.profiles(signal)])
  let newest: string | undefined
  for (const mailbox of mailboxes.rows.values()) {
    const { profileId } = mailbox
    if (profileId === null || profiles.rows.get(profileId)?.serverType !== THROUGH_THE_TRUST) continue
    const at = passedOn(mailbox)
    if (at !== undefined && (newest === undefined || Date.parse(at) > Date.parse(newest))) newest = at
  }
  return newest === undefined ? {} : { lastPassedOn: newest }
}
