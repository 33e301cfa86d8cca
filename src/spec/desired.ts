// The desired state: what the documents of one revision ask for, typed and canonical, one entry per scope.
// Absent means "not managed": a field that no document names is missing here too, and no schema default is ever put in its place.

/** Where a value was written. Lines and columns count from 1. Instances may compute line and column when asked. */
export interface Origin {
  /** Path in the source, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** How a direction of e-mail is synchronized. `ForwardMailbox` exists for incoming only. */
export type DeliveryMethod = 'None' | 'Outlook' | 'ServerSideSync' | 'ForwardMailbox'
/** How outgoing e-mail, or appointments, contacts and tasks, are synchronized. */
export type SyncMethod = 'None' | 'Outlook' | 'ServerSideSync'
/** Kinds of email server as the profile form names them. */
export type ServerType =
  | 'ExchangeServer'
  | 'ExchangeServerHybrid'
  | 'ExchangeOnlineHybrid'
  | 'ExchangeOnline'
  | 'Pop3Smtp'
export type AuthenticationProtocol = 'AutoDetect' | 'Negotiate' | 'NTLM' | 'Basic'
export type CredentialRetrieval = 'UserOrQueue' | 'Profile' | 'ServerToServer' | 'WindowsIntegrated' | 'Anonymous'
export type ExchangeVersion =
  | 'Exchange2007'
  | 'Exchange2007SP1'
  | 'Exchange2010'
  | 'Exchange2010SP1'
  | 'Exchange2010SP2'
  | 'Exchange2013'
export type MailboxType = 'User' | 'Queue' | 'Forward'

/** Owner of a row: a user by primary address or domain name, or a team by name. Exactly one of the two is there. */
export type Owner = { readonly user: string; readonly team?: never } | { readonly team: string; readonly user?: never }

/** A password: the name of a secret of the runtime configuration, and a label that people change when the secret changed. */
export interface Password {
  readonly secret: string
  readonly version: string
}

/** The columns of an email server profile that may be managed. Absent = not managed. */
export interface ProfileFields {
  readonly description?: string
  readonly owner?: Owner
  readonly useDefaultTenantId?: boolean
  /** Lower case GUID. */
  readonly exchangeOnlineTenantId?: string
  readonly autoDiscover?: boolean
  readonly incomingServerLocation?: string
  readonly outgoingServerLocation?: string
  readonly incomingPort?: number
  readonly outgoingPort?: number
  readonly incomingUseSsl?: boolean
  readonly outgoingUseSsl?: boolean
  readonly incomingAuthenticationProtocol?: AuthenticationProtocol
  readonly outgoingAuthenticationProtocol?: AuthenticationProtocol
  readonly incomingCredentials?: CredentialRetrieval
  readonly outgoingCredentials?: CredentialRetrieval
  readonly incomingUserName?: string
  readonly outgoingUserName?: string
  readonly incomingPassword?: Password
  readonly outgoingPassword?: Password
  readonly incomingUseImpersonation?: boolean
  readonly outgoingUseImpersonation?: boolean
  readonly outgoingAutoGrantDelegateAccess?: boolean
  readonly useSameSettingsForOutgoing?: boolean
  readonly exchangeVersion?: ExchangeVersion
  /** ISO 8601 in UTC with seconds, for example 2026-11-01T00:00:00Z. */
  readonly processEmailFrom?: string
  readonly minimumPollingIntervalMinutes?: number
  readonly maximumConcurrentConnections?: number
  readonly moveFailedEmailsToUndeliverableFolder?: boolean
  readonly sendAlertEmails?: boolean
  readonly timeoutMailboxConnection?: boolean
  readonly timeoutMailboxConnectionAfterMs?: number
  readonly encodingCodePage?: string
}

/** One email server profile. */
export interface DesiredProfile extends ProfileFields {
  /** metadata.name: our name, by which sets and settings refer to it. */
  readonly name: string
  /** The name in CRM. */
  readonly displayName: string
  /** Look for this name in CRM where `displayName` is not there yet: a rename. */
  readonly previousDisplayName?: string
  readonly ensure: 'present' | 'absent'
  readonly serverType: ServerType
  readonly origin: Origin
  /** Where a field was written; the profile's own origin for a field that was not. */
  originOf(field: keyof ProfileFields | 'displayName' | 'previousDisplayName' | 'ensure' | 'serverType'): Origin
}

/** System Settings > Email of one organization. Absent = not managed. */
export interface DesiredSettings {
  /** metadata.name. */
  readonly name?: string
  readonly processEmailsUsing?: 'ServerSideSync' | 'EmailRouter'
  /** metadata.name of a profile of this organization. */
  readonly defaultProfile?: string
  readonly incoming?: DeliveryMethod
  readonly outgoing?: SyncMethod
  readonly appointmentsContactsTasks?: SyncMethod
  readonly requireApproval?: { readonly users?: boolean; readonly queues?: boolean }
  readonly alerts?: { readonly errors?: boolean; readonly warnings?: boolean; readonly information?: boolean }
  readonly notifyMailboxOwner?: boolean
  readonly tracking?: {
    readonly correlation?: boolean
    readonly smartMatching?: boolean
    readonly internalEmail?: boolean
    readonly folderLevel?: boolean
    readonly maximumFolderMappings?: number
    readonly token?: {
      readonly prefix?: string
      readonly base?: number
      readonly digits?: number
      readonly maximumNumber?: number
    }
  }
  readonly secureIframe?: boolean
  readonly allowUnresolvedRecipients?: boolean
  readonly unresolveWhenSeveralMatch?: boolean
  readonly resolveSimilarAddresses?: boolean
  readonly maximumAttachmentKilobytes?: number
  readonly origin: Origin
  /** Where a field was written, by dotted path such as `requireApproval.users`; the document's origin for one that was not. */
  originOf(field: string): Origin
}

/** A part of a mailbox that may be managed or left to people. */
export type ManagedPart = 'settings' | 'approval' | 'test'

/** A field of a mailbox that may be left alone for a while. */
export type IgnorableField =
  | 'profile'
  | 'incoming'
  | 'outgoing'
  | 'appointmentsContactsTasks'
  | 'approval'
  | 'test'
  | 'primarySync'
  | 'processEmailFrom'
  | 'processAndDelete'
  | 'name'
  | 'owner'

/** A field that is left alone until its end. `until` is a day, which ends it as the day begins in UTC, or a time with its zone. */
export interface IgnoredField {
  readonly field: IgnorableField
  readonly reason: string
  readonly until: string
}

/** Nothing is written until its end; `owner` is whom to ask. `until` as in `IgnoredField`. */
export interface Suspension {
  readonly owner: string
  readonly reason: string
  readonly until: string
}

/** One mailbox: the fields of its set with its own on top. Absent = not managed. */
export interface DesiredMailbox {
  /** Canonical: NFKC, lower case. */
  readonly address: string
  readonly type: MailboxType
  /** Canonical. The address the mailbox had before, where CRM may still know it by that. */
  readonly previousAddress?: string
  /** metadata.name of the set. */
  readonly set: string
  /** metadata.name of a profile of this organization. */
  readonly profile?: string
  /** True where profile and methods were taken from EmailSettings because the set says `useDefaults: true`. */
  readonly useDefaults: boolean
  readonly incoming?: DeliveryMethod
  readonly outgoing?: SyncMethod
  readonly appointmentsContactsTasks?: SyncMethod
  readonly approval?: 'Approved' | 'Rejected'
  /** True: must hold a passed test newer than its last change. */
  readonly testAndEnable: boolean
  readonly primarySync?: 'Claim'
  /** Claim only: the organization (metadata.name) that synchronizes the mailbox until now. */
  readonly movedFrom?: string
  /** Forward mailboxes only. */
  readonly name?: string
  /** Forward mailboxes only. */
  readonly owner?: Owner
  /** A day, for example 2026-11-01: the CRM column holds no time. */
  readonly processEmailFrom?: string
  readonly processAndDelete?: boolean
  readonly useCredentials?: boolean
  readonly userName?: string
  readonly password?: Password
  readonly onRelease: 'Keep' | 'Stop'
  /** What is managed; absent = all. What is not has no value here either. */
  readonly manage?: readonly ManagedPart[]
  /** `Observe`: compared and told, never written. */
  readonly policy?: 'Enforce' | 'Observe'
  /** Fields left alone, those that ended included: its own, then those of its set. A field is left alone while any entry for it stands. */
  readonly ignore?: readonly IgnoredField[]
  /** Its own and that of its set, those that ended included; each holds until its own end. Members of a set share the list. */
  readonly suspensions?: readonly Suspension[]
  /** The member is gone from this revision and its set said `onRelease: Stop`; methods are None and the origin is in the previous revision. */
  readonly released?: true
  /** Somebody asks for a test now: that is all that is wished for, whatever else the member says. */
  readonly testRequested?: true
  readonly origin: Origin
}

/** How changes of a set go out in waves. What is absent is as the runtime configuration says, else as mailkeel does by itself. */
export interface DesiredRollout {
  /** Canonical addresses of members, those that go first. */
  readonly canary: readonly string[]
  /** Cumulative percent of the members, rising. */
  readonly waves?: readonly number[]
  readonly maximumFailurePercent?: number
  /** What has not begun is held back. */
  readonly paused?: { readonly reason: string; readonly owner?: string }
}

/** One CRM organization with everything that is wanted in it. */
export interface DesiredOrganization {
  /** metadata.name. */
  readonly name: string
  readonly uniqueName: string
  readonly environment: 'Production' | 'NonProduction'
  /** metadata.name of the Tenant; absent where the spec has none. */
  readonly tenant?: string
  /** metadata.name of the Deployment; absent where the spec has none. */
  readonly deployment?: string
  /** Stages that people do by hand: checked where readable, never written. */
  readonly external: readonly string[]
  /** Nothing at all is written in the organization until its end. */
  readonly suspend?: Suspension
  readonly origin: Origin
  /** By metadata.name, in the order of files and documents. */
  readonly profiles: ReadonlyMap<string, DesiredProfile>
  readonly settings?: DesiredSettings
  /** By canonical address, in the order of files, documents and members. */
  readonly mailboxes: ReadonlyMap<string, DesiredMailbox>
  /** By metadata.name of the set; only sets that say something of it. */
  readonly rollouts?: ReadonlyMap<string, DesiredRollout>
}

/** What no API can read: who says it, and when. */
export interface Attestation {
  readonly by: string
  /** A day, for example 2026-09-11. */
  readonly on: string
  readonly evidence?: string
}

/** One Entra ID and Exchange Online tenant. */
export interface DesiredTenant {
  readonly name: string
  /** Lower case GUID. */
  readonly tenantId: string
  readonly cloud: 'Global' | 'UsGovHigh' | 'UsGovDoD' | 'China'
  readonly servicePrincipal: { readonly appId: string; readonly domains: readonly string[] }
  readonly attestations: {
    readonly hybridConnector?: Attestation
    readonly exchangeSupportEnabled?: Attestation
    readonly ewsAllowList?: Attestation
  }
  readonly external: readonly string[]
  readonly origin: Origin
}

/** One group of CRM servers. */
export interface DesiredDeployment {
  readonly name: string
  readonly certificate?: {
    /** Name of a certificate of the runtime configuration. */
    readonly name: string
    /** Lower case hexadecimal SHA-256 of the reviewed leaf. */
    readonly sha256: string
    readonly serviceAccounts: readonly string[]
    readonly warnBeforeMs: number
    readonly keepPreviousForMs: number
    readonly evaluation: boolean
  }
  readonly external: readonly string[]
  readonly origin: Origin
}

/** What an organization takes part in a trust with. */
export interface TrustMember {
  /** metadata.name of the Organization. */
  readonly name: string
  readonly uniqueName: string
  /** metadata.name; absent where the spec has none. */
  readonly tenant?: string
  readonly deployment?: string
  readonly external: readonly string[]
  readonly origin: Origin
}

/**
 * Tenants and deployments that organizations tie together: most often one of each. Whatever belongs to all of them has one writer, however
 * many organizations share it.
 */
export interface DesiredTrust {
  /** Name of its first tenant, or where it has none of its first deployment, with `-deployment` behind it where a tenant has that name. */
  readonly name: string
  /** By metadata.name. */
  readonly tenants: ReadonlyMap<string, DesiredTenant>
  readonly deployments: ReadonlyMap<string, DesiredDeployment>
  readonly organizations: ReadonlyMap<string, TrustMember>
  /** Where the document that gave it its name stands. */
  readonly origin: Origin
}

/** A reviewed permission to pass a guard. */
export interface DesiredOverride {
  readonly name: string
  /** metadata.name of the organization it holds for. */
  readonly organization: string
  readonly guard: string
  /** Sets the override holds for; absent means the whole organization. */
  readonly sets?: readonly string[]
  /** The most mailboxes that may pass in one plan. */
  readonly limit: number
  readonly reason: string
  readonly ticket?: string
  /** ISO 8601 in UTC. */
  readonly expires: string
  readonly origin: Origin
}

/** Everything one revision asks for. */
export interface DesiredState {
  readonly organizations: ReadonlyMap<string, DesiredOrganization>
  readonly tenants: ReadonlyMap<string, DesiredTenant>
  readonly deployments: ReadonlyMap<string, DesiredDeployment>
  /** By name. Every tenant and every deployment is in exactly one. */
  readonly trusts: ReadonlyMap<string, DesiredTrust>
  readonly overrides: readonly DesiredOverride[]
}
