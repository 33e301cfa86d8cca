// An organization with what surrounds it: a trust that was observed, and who has a mailbox in Exchange Online.
import type { MailboxFact } from '../../src/entra/tenant.ts'
import type { OrganizationStage, SurroundedReader } from '../../src/reconcile/contract.ts'
import { organizationStages } from '../../src/stages/index.ts'
import type { TrustView } from '../../src/trust/view.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import type { Remote } from './pass.ts'

const DIGEST = `9f2c${'0'.repeat(58)}a1`

/** A trust that works, in one certificate. */
export const WORKING: TrustView = {
  state: 'Working',
  links: [
    { name: 'certificate', state: 'good', words: 'certificate 9F2C…A1 in CRM' },
    { name: 'credential', state: 'good', words: 'Entra has 9F2C…A1' },
  ],
  certificate: DIGEST,
}

/** A trust whose credential is gone. */
export const BROKEN: TrustView = {
  state: 'Broken',
  reason: {
    code: 'CredentialMissing',
    message: 'certificate 9F2C…A1 in CRM; Entra has 77D0…3B only. `mailkeel apply --only credential` adds it again.',
  },
  links: [
    { name: 'certificate', state: 'good', words: 'certificate 9F2C…A1 in CRM' },
    {
      name: 'credential',
      state: 'broken',
      words: 'certificate 9F2C…A1 in CRM; Entra has 77D0…3B only',
      next: '`mailkeel apply --only credential` adds it again.',
    },
  ],
  certificate: DIGEST,
}

/** A trust that could not be read. */
export const UNREAD: TrustView = {
  state: 'Unknown',
  reason: { code: 'Unreachable', message: 'crm-async-1 could not be reached. Start its SSH server.' },
  links: [{ name: 'servers', state: 'unknown', words: 'crm-async-1 could not be reached' }],
}

/** What is laid beside a reader. */
export interface Around {
  readonly trust?: TrustView
  readonly exchange?: (addresses: readonly string[]) => ReadonlyMap<string, MailboxFact>
}

/** The same organization, surrounded. */
export function surrounded(remote: Remote, { trust, exchange }: Around): Remote {
  return {
    ...remote,
    reader: (): SurroundedReader => ({
      ...remote.reader(),
      ...(trust && { trust }),
      ...(exchange && { mailboxesInExchange: async (addresses: readonly string[]) => exchange(addresses) }),
    }),
  }
}

/** All stages, where a proof of the trust may be as old as this. */
export function stagesWith(proofMaxAgeMs: number): readonly OrganizationStage[] {
  return organizationStages({ resolveSecret: async () => CANARY_SECRET, proofMaxAgeMs })
}
