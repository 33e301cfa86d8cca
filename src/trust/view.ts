// How the trust looks to one organization that depends on it.
import type { Link, Reason } from '../engine/index.ts'
import type { MailboxFact } from '../entra/tenant.ts'

/** The trust of one organization as it was observed, whatever the spec asks for: a rotation that waits leaves a trust that works. */
export interface TrustView {
  /**
   * `Working`: everything that can be read fits together. `Broken`: something does not, so tests would fail. `Unknown`: something could
   * not be read. `Unmanaged`: nobody says how to reach tenant and servers.
   */
  readonly state: 'Working' | 'Broken' | 'Unknown' | 'Unmanaged'
  /** Why it is not working, of the first link that is not. */
  readonly reason?: Reason
  /** Certificate, servers, credential, names, settings, tenant id, attestations, in the order of causes. */
  readonly links: readonly Link[]
  /** SHA-256 of the certificate CRM signs in with, where known. */
  readonly certificate?: string
  /**
   * When the trust was last changed, as far as the servers tell (ISO 8601 in UTC): tests from before it prove nothing, and failures that may
   * come from it may be gone.
   */
  readonly changedAt?: string
  /** Unknown only: when it was last seen working. May only keep a veto from being cast, for as long as `proofMaxAge` says. */
  readonly provenAt?: string
}

/** What surrounds an organization: laid beside its reader, so that its stages can look at it. */
export interface OrganizationSurroundings {
  /** Absent where the spec names neither tenant nor deployment. */
  readonly trust?: TrustView
  /** Whether addresses have a mailbox in Exchange Online, by canonical address. Absent where nobody may ask. */
  readonly mailboxesInExchange?: (
    addresses: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, MailboxFact>>
}
