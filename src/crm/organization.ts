// The two faces of one CRM organization. A reader cannot write, by type; whoever plans holds only a reader.
import type { RemoteRecord } from '../engine/index.ts'
import type {
  AlertRow,
  Approval,
  DefaultMethods,
  HolderRow,
  IncomingMethod,
  Listing,
  MailboxRow,
  OrganizationRow,
  OutgoingMethod,
  ProfileColumns,
  ProfileRow,
  Selection,
  SettingsColumns,
  SynchronizationMethod,
  TeamRow,
} from './rows.ts'

/** What was found out about the server before anything else: from its answers and metadata, never assumed. */
export interface Probe {
  readonly organizationId: string
  readonly userId: string
  /** As RetrieveVersion says it, for example `9.1.27.15`. */
  readonly version: string
  /** Names of the privileges the caller holds. */
  readonly privileges: ReadonlySet<string>
  /** Difference of the server's clock to ours in milliseconds, positive when the server is ahead. */
  readonly clockSkewMs: number
  /** Readable columns by table, as the metadata of this server says. */
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Reads one organization. Every method reads a set completely or throws a CrmError: a half read never looks like a short one.
 * Within one reader a set that was read as a whole is read once and shared; a new reader sees the server anew.
 */
export interface OrganizationReader {
  probe(signal: AbortSignal): Promise<Probe>
  organization(signal: AbortSignal): Promise<OrganizationRow>
  /** The unique name of the organization behind the URL; undefined where this server does not tell it. */
  uniqueName(signal: AbortSignal): Promise<string | undefined>
  profiles(signal: AbortSignal): Promise<Listing<ProfileRow>>
  teams(signal: AbortSignal): Promise<Listing<TeamRow>>
  mailboxes(selection: Selection, signal: AbortSignal): Promise<Listing<MailboxRow>>
  /** Users by systemuser id. */
  users(selection: Selection, signal: AbortSignal): Promise<Listing<HolderRow>>
  /** Queues by queue id. */
  queues(selection: Selection, signal: AbortSignal): Promise<Listing<HolderRow>>
  /** The alerts regarding these mailboxes and profiles, newest first, by regarding id. */
  alerts(regardingIds: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, readonly AlertRow[]>>
  /** Who changed these rows last, by id in lower case. Rows of which CRM does not tell are left out. */
  lastWriters(records: readonly RemoteRecord[], signal: AbortSignal): Promise<ReadonlyMap<string, LastWriter>>
}

/** Who changed a row last, as the row itself says it. */
export interface LastWriter {
  /** ISO 8601 in UTC. */
  readonly at: string | null
  readonly userId: string
  readonly name: string | null
  /** For example `CONTOSO\\bob`. */
  readonly account: string | null
  /** It is an account of this program, the one that reads or the one that writes. */
  readonly isOurs: boolean
}

/** Columns of a mailbox that may be written; all others are the server's. */
export interface MailboxPatch {
  readonly name?: string
  readonly address?: string
  readonly owner?: { readonly type: 'User' | 'Team'; readonly id: string }
  readonly profileId?: string | null
  readonly incoming?: IncomingMethod
  readonly outgoing?: OutgoingMethod
  readonly appointmentsContactsTasks?: SynchronizationMethod
  readonly approval?: Approval
  readonly primarySync?: boolean
  readonly processEmailFrom?: string
  readonly processAndDelete?: boolean
  readonly requestTest?: true
}

/** Columns of a profile that may be written. A password is resolved by the caller at the moment of use. */
export interface ProfilePatch extends Omit<ProfileColumns, 'ownerId'> {
  readonly owner?: { readonly type: 'User' | 'Team'; readonly id: string }
  readonly incomingPassword?: string
  readonly outgoingPassword?: string
}

/** Columns of the organization that may be written. */
export interface OrganizationPatch extends SettingsColumns {
  readonly connectionChannel?: OrganizationRow['connectionChannel']
  readonly defaultProfileId?: string
  readonly requireApproval?: { readonly users?: boolean; readonly queues?: boolean }
  /** Methods to change in the text they were read from; everything else in it stays. */
  readonly defaultMethods?: { readonly text: string | null; readonly methods: Partial<DefaultMethods> }
}

/** One write of one row. `ref` is the caller's own mark and comes back with the result. */
export type WriteOperation = { readonly ref: string; readonly id: string } & (
  | { readonly kind: 'create-mailbox' | 'update-mailbox'; readonly patch: MailboxPatch }
  | {
      readonly kind: 'update-user' | 'update-queue'
      readonly patch: { readonly address?: string; readonly approval?: Approval }
    }
  | { readonly kind: 'create-profile' | 'update-profile'; readonly patch: ProfilePatch }
  | { readonly kind: 'delete-profile' }
  | { readonly kind: 'update-organization'; readonly patch: OrganizationPatch }
)

/**
 * What became of one operation. `done`: the server accepted it (not: that it took effect). `failed`: the server refused it, nothing
 * changed. `unknown`: no answer that can be trusted; it may or may not have taken effect, so look before doing it again.
 */
export interface WriteResult {
  readonly ref: string
  readonly outcome: 'done' | 'failed' | 'unknown'
  /** PascalCase, for example `PrivilegeMissing`, `NotFound`, `Throttled`. Absent when done. */
  readonly code?: string
  readonly message?: string
}

/**
 * Writes to one organization in bulk, a result for every operation in the order they come in. An operation that exists
 * already (create with the same id) is `done`. Stops sending when the signal aborts; what was not sent is `failed` with code `Cancelled`.
 */
export interface OrganizationWriter {
  write(operations: readonly WriteOperation[], signal: AbortSignal): AsyncIterable<WriteResult>
}

/** One CRM organization: new readers, and a writer where the identity may write. */
export interface OrganizationClient {
  /**
   * A reader that sees the server as it is from now on. One that follows a `previous` reader does not ask again who we are and what the
   * server can do.
   */
  reader(previous?: OrganizationReader): OrganizationReader
  writer(): OrganizationWriter
  close(): Promise<void>
}

/** What kind of failure, by the reaction it needs. */
export type CrmFailure =
  | 'Unauthenticated'
  | 'Forbidden'
  | 'PrivilegeMissing'
  | 'NotFound'
  | 'Conflict'
  | 'Invalid'
  | 'Throttled'
  | 'Unavailable'
  | 'Unreachable'
  | 'TimedOut'
  | 'NotUnderstood'
  | 'Incomplete'
  | 'Unsupported'
  | 'Cancelled'

/** A failed exchange with CRM. The message says what was being done, to what, and what can be done; it holds no body and no secret. */
export class CrmError extends Error {
  readonly code: CrmFailure
  readonly status: number | undefined

  constructor(code: CrmFailure, message: string, options?: ErrorOptions & { readonly status?: number }) {
    super(message, options)
    this.name = 'CrmError'
    this.code = code
    this.status = options?.status
  }
}
