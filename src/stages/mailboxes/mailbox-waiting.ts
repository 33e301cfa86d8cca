import type { Reason } from '../../engine/index.ts'

/** CRM makes the mailboxes of users and queues by itself; mailkeel adopts them and never creates them (Microsoft, create forward mailboxes). */
export const NOT_IN_CRM: Reason = {
  code: 'NotInCrm',
  message: 'not in CRM yet; give a user or queue this address there, CRM makes the mailbox by itself',
}
