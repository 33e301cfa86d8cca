// What the CRM client gives and takes, in mailkeel's own words. Option numbers, column names and navigation properties end in this folder.

/** A value of an option set this build does not know: kept, shown, never written. */
export type Other = `Other(${number})`

export type IncomingMethod = 'None' | 'Outlook' | 'ServerSideSync' | 'ForwardMailbox' | Other
export type OutgoingMethod = 'None' | 'Outlook' | 'ServerSideSync' | Other
export type SynchronizationMethod = 'None' | 'Outlook' | 'ServerSideSync' | Other
export type Approval = 'Empty' | 'Approved' | 'Pending' | 'Rejected' | Other
export type TestStatus = 'NotRun' | 'Success' | 'Failure' | Other

/** The three directions of a mailbox. */
export type Direction = 'incoming' | 'outgoing' | 'appointmentsContactsTasks'

/** A mailbox as CRM holds it. Times are ISO 8601 in UTC, null for never (CRM stores 1900-01-01). */
export interface MailboxRow {
  readonly id: string
  readonly name: string
  /** As stored, not canonical; null where the column is empty. */
  readonly address: string | null
  readonly type: 'User' | 'Queue' | 'Forward'
  /** The user or queue it belongs to; null for a forward mailbox. */
  readonly regardingId: string | null
  readonly ownerId: string | null
  readonly profileId: string | null
  readonly incoming: IncomingMethod
  readonly outgoing: OutgoingMethod
  readonly appointmentsContactsTasks: SynchronizationMethod
  /** The mailbox's copy; the user or queue decides. */
  readonly approval: Approval
  readonly primarySync: boolean
  readonly processEmailFrom: string | null
  readonly processAndDelete: boolean
  readonly active: boolean
  readonly serviceAccount: boolean
  readonly testScheduled: boolean
  readonly testCompletedOn: string | null
  readonly testPostponedUntil: string | null
  /** How often the last test was tried; 0 where this build does not tell. */
  readonly testTries: number
  /** The asynchronous service works on it right now. */
  readonly processing: boolean
  /** When the asynchronous service last took it up, for a test or for its mail. */
  readonly processedOn: string | null
  readonly lastSyncedOn: string | null
  /** CRM leaves it alone until then; far in the future = parked. */
  readonly postponedUntil: string | null
  readonly status: Readonly<Record<Direction, TestStatus>>
  readonly enabled: Readonly<Record<Direction, boolean>>
  readonly modifiedOn: string | null
  readonly modifiedById: string | null
}

/** A user or a queue, as far as e-mail is concerned. */
export interface HolderRow {
  readonly id: string
  readonly type: 'User' | 'Queue'
  readonly name: string
  readonly address: string | null
  /** Users only: the account name, for example `CONTOSO\\ann`. Absent where it was not read. */
  readonly domainName?: string | null
  readonly approval: Approval
  /** False for a disabled user or an inactive queue. */
  readonly active: boolean
  readonly modifiedOn: string | null
}

/** A team that may own profiles. */
export interface TeamRow {
  readonly id: string
  readonly name: string
}

export type ServerType =
  | 'ExchangeServer'
  | 'Pop3Smtp'
  | 'ExchangeServerHybrid'
  | 'ExchangeOnlineHybrid'
  | 'ExchangeOnline'
export type AuthenticationProtocol = 'AutoDetect' | 'Negotiate' | 'NTLM' | 'Basic'
export type ExchangeVersion =
  | 'Exchange2007'
  | 'Exchange2007SP1'
  | 'Exchange2010'
  | 'Exchange2010SP1'
  | 'Exchange2010SP2'
  | 'Exchange2013'
export type CredentialSource = 'UserOrQueue' | 'Profile' | 'ServerToServer' | 'WindowsIntegrated' | 'Anonymous'

/** The columns of an email server profile that can be declared. Absent = not in this build's metadata (reading) or not written (writing). */
export interface ProfileColumns {
  readonly displayName?: string
  readonly description?: string | null
  readonly serverType?: ServerType | Other
  readonly useDefaultTenantId?: boolean
  readonly exchangeOnlineTenantId?: string | null
  readonly autoDiscover?: boolean
  readonly incomingServerLocation?: string | null
  readonly outgoingServerLocation?: string | null
  readonly incomingPort?: number | null
  readonly outgoingPort?: number | null
  readonly incomingUseSsl?: boolean
  readonly outgoingUseSsl?: boolean
  readonly incomingAuthenticationProtocol?: AuthenticationProtocol | Other | null
  readonly outgoingAuthenticationProtocol?: AuthenticationProtocol | Other | null
  readonly incomingCredentials?: CredentialSource | Other | null
  readonly outgoingCredentials?: CredentialSource | Other | null
  readonly incomingUserName?: string | null
  readonly outgoingUserName?: string | null
  readonly incomingUseImpersonation?: boolean
  readonly outgoingUseImpersonation?: boolean
  readonly outgoingAutoGrantDelegateAccess?: boolean
  readonly useSameSettingsForOutgoing?: boolean
  readonly exchangeVersion?: ExchangeVersion | Other | null
  readonly processEmailFrom?: string | null
  readonly minimumPollingIntervalMinutes?: number | null
  readonly maximumConcurrentConnections?: number | null
  readonly moveFailedEmailsToUndeliverableFolder?: boolean
  readonly sendAlertEmails?: boolean
  readonly timeoutMailboxConnection?: boolean
  readonly timeoutMailboxConnectionAfterMs?: number | null
  readonly encodingCodePage?: string | null
  readonly ownerId?: string
  readonly active?: boolean
}

/** A profile as CRM holds it. Passwords are write-only: CRM tells only whether one is set. */
export interface ProfileRow extends ProfileColumns {
  readonly id: string
  readonly displayName: string
  readonly incomingPasswordSet: boolean
  readonly outgoingPasswordSet: boolean
  readonly ownerType: 'User' | 'Team' | null
  /** What CRM's own test of the connection found; absent where it was never run. */
  readonly connectionTest?: ConnectionTest
  readonly modifiedOn: string | null
  readonly modifiedById: string | null
}

/** What CRM wrote down of the last test of a profile's connection; null where a step has no result. The server's, never written. */
export interface ConnectionTest {
  readonly startedOn: string
  readonly connection: StepResult | null
  readonly authorization: StepResult | null
  readonly mailboxAccess: StepResult | null
  /** CRM's own words, capped to one short line. */
  readonly message: string | null
}

/** How one step of a connection test ended. */
export type StepResult = 'Failure' | 'Success' | 'Warning' | Other

/** The switches and numbers of System Settings > Email. Absent = not in this build's metadata (reading) or not written (writing). */
export interface SettingsColumns {
  readonly alertsForErrors?: boolean
  readonly alertsForWarnings?: boolean
  readonly alertsForInformation?: boolean
  readonly notifyMailboxOwner?: boolean
  readonly correlation?: boolean
  readonly smartMatching?: boolean
  /** E-mail between two users is tracked; CRM stores the opposite. */
  readonly internalEmail?: boolean
  readonly folderLevelTracking?: boolean
  readonly maximumFolderMappings?: number | null
  readonly tokenPrefix?: string | null
  readonly tokenBase?: number | null
  readonly tokenDigits?: number | null
  readonly tokenMaximumNumber?: number | null
  readonly secureIframe?: boolean
  readonly allowUnresolvedRecipients?: boolean
  readonly unresolveWhenSeveralMatch?: boolean
  readonly resolveSimilarAddresses?: boolean
  /** CRM stores bytes; a fraction where they are no whole number of kilobytes. */
  readonly maximumAttachmentKilobytes?: number | null
}

/** The delivery methods of new mailboxes; null where CRM has nothing set. */
export interface DefaultMethods {
  readonly incoming: IncomingMethod | null
  readonly outgoing: OutgoingMethod | null
  readonly appointmentsContactsTasks: SynchronizationMethod | null
}

/** The column that holds them. `text` is as CRM has it, and goes back with what is to be changed in it. */
export type DefaultMethodsRow = { readonly text: string | null } & (
  | { readonly methods: DefaultMethods; readonly notUnderstood?: never }
  | { readonly notUnderstood: string; readonly methods?: never }
)

/** The one row of the organization, as far as this client reads it. */
export interface OrganizationRow extends SettingsColumns {
  readonly id: string
  readonly defaultProfileId: string | null
  /** Absent where this build has no such column. */
  readonly defaultMethods?: DefaultMethodsRow
  /** `Router` means that nothing of server-side synchronization works. */
  readonly connectionChannel: 'ServerSideSync' | 'Router' | Other
  readonly requireApproval: { readonly users: boolean; readonly queues: boolean }
}

/** An alert of a mailbox or profile. `text` is localized: match on `code`. */
export interface AlertRow {
  readonly id: string
  readonly regardingId: string
  readonly level: 'Information' | 'Warning' | 'Error' | Other
  readonly code: number
  readonly text: string
  /** What the mail server or CRM said, not for people: error ids, HTTP statuses. Absent where this build has no such column. */
  readonly details?: string | null
  /** Parameters of the text as XML; they hold names and addresses too. Absent where this build has no such column. */
  readonly parameters?: string | null
  /** True where the row tells of a success. */
  readonly succeeded?: boolean
  /** First time the same was logged for the object. */
  readonly createdOn: string
  /** Last time. */
  readonly modifiedOn: string
  /** What of the row could not be understood; its code and level say nothing then. */
  readonly undecodable?: string
}

/** Why a row or a set could not be read. */
export interface Unreadable {
  readonly code: string
  readonly message: string
  /** Of a mailbox: a test of it is scheduled all the same. */
  readonly testScheduled?: true
}

/** A complete set: the last page was seen and no key came twice. Rows that could not be decoded stand in `unknown`. */
export interface Listing<T> {
  readonly rows: ReadonlyMap<string, T>
  readonly unknown: ReadonlyMap<string, Unreadable>
}

/** Which rows of a set: all of them, or those with these ids. */
export type Selection = 'all' | ReadonlySet<string>
