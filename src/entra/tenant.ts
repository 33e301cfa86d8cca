// The two faces of one Entra ID tenant. A reader cannot write, by type; whoever plans holds only a reader.

/** A key of the service principal. */
export interface KeyCredential {
  readonly keyId: string
  /** SHA-256 of the certificate, lower-case hexadecimal; undefined where the directory gave no certificate. */
  readonly sha256?: string
  /** SHA-1 of the certificate, upper-case hexadecimal: of its bytes, else as `customKeyIdentifier` says where that is one. */
  readonly thumbprint?: string
  readonly displayName?: string
  /** ISO 8601 in UTC, as the directory says it. */
  readonly startDateTime: string
  readonly endDateTime: string
}

/** The principal of an application in this tenant. */
export interface ServicePrincipal {
  readonly id: string
  readonly appId: string
  /** `servicePrincipalNames`, as written there. */
  readonly names: readonly string[]
  readonly keys: readonly KeyCredential[]
}

/** What the directory says of itself. */
export interface TenantFacts {
  /** Lower case, from `organization`. */
  readonly tenantId: string
  readonly displayName: string
  readonly verifiedDomains: readonly string[]
}

/** What our own sign-in says of us: read from the token, which says it as far as it is one that can be read. */
export interface OwnAccess {
  /** `tid`, lower case. */
  readonly tenantId?: string
  /** Application permissions such as `Application.Read.All`; undefined where the token does not tell. */
  readonly roles?: ReadonlySet<string>
  /** Difference of the server's clock to ours in milliseconds, positive when the server is ahead. */
  readonly clockSkewMs: number
}

/** The mailbox of an address in Exchange Online. `Unknown`: it could not be told, and says why. */
export type MailboxFact =
  | { readonly state: 'Present'; readonly primaryAddress?: string; readonly purpose?: string }
  | { readonly state: 'Absent'; readonly why: 'NoSuchUser' | 'NotInExchangeOnline' }
  | { readonly state: 'Unknown'; readonly why: string }

/**
 * Reads one tenant. Every method tells the whole truth or throws an EntraError. Within one reader what was read is read once and shared; a
 * new reader sees the directory anew.
 */
export interface TenantReader {
  access(signal: AbortSignal): Promise<OwnAccess>
  facts(signal: AbortSignal): Promise<TenantFacts>
  /** Undefined: the tenant has no such principal. */
  servicePrincipal(appId: string, signal: AbortSignal): Promise<ServicePrincipal | undefined>
  /** By canonical address. Never throws for a single mailbox: what cannot be told of it is `Unknown`. */
  mailboxes(addresses: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, MailboxFact>>
  /** When the credential that we ourselves sign in with ends, ISO 8601; undefined where that cannot be told. */
  ownCredentialEnd(signal: AbortSignal): Promise<string | undefined>
}

/** A certificate to be added as a key. */
export interface NewKey {
  /** DER of the certificate. */
  readonly der: Uint8Array
  readonly displayName: string
  /** ISO 8601 in UTC; both are clamped to the certificate's own and sent without fractions of seconds. */
  readonly startDateTime: string
  readonly endDateTime: string
}

/** What shall become of the keys of a principal. Everything else stays as it is. */
export interface KeyChange {
  readonly add: readonly NewKey[]
  /** Key ids that shall go. Each must be there, or be gone already. */
  readonly remove: readonly string[]
}

/**
 * Writes one tenant. Each method reads afresh, writes once, and looks whether it can be seen; a foreign writer's work that fell between is
 * put back. Throws an EntraError; its `effect` tells whether the write may have happened.
 */
export interface TenantWriter {
  /** Does nothing where the principal is there. */
  createServicePrincipal(appId: string, signal: AbortSignal): Promise<void>
  changeKeys(appId: string, change: KeyChange, signal: AbortSignal): Promise<void>
  addNames(appId: string, names: readonly string[], signal: AbortSignal): Promise<void>
}

/** How an EntraError is to be taken. */
export type EntraFault =
  /** The sign-in was refused: wrong secret, unknown application, unknown certificate, clock. */
  | 'SignInRefused'
  /** Signed in, but the permission is missing. */
  | 'Forbidden'
  | 'NotFound'
  | 'Throttled'
  /** The service did not answer, or not in time. */
  | 'Unavailable'
  /** The request was refused as wrong: repeating it is of no use. */
  | 'Refused'
  /** An answer that is none. */
  | 'Malformed'
  /** What is configured cannot be used to sign in. */
  | 'Invalid'
  /** The write was accepted and cannot be seen yet. */
  | 'NotVisible'
  /** The write removed what somebody had added in the same moment, and that could not be put back. */
  | 'RemovedForeign'
  | 'Cancelled'

/** A request to Entra ID or Graph without a usable answer. Messages hold no token, no secret and no body. */
export class EntraError extends Error {
  readonly code: EntraFault
  /** Whether a write may have taken effect all the same. */
  readonly effect: 'none' | 'possible'
  /** `request-id` of the answer, for a support case. */
  readonly requestId?: string
  readonly retryAfterMs?: number

  constructor(
    code: EntraFault,
    message: string,
    {
      effect = 'none',
      requestId,
      retryAfterMs,
      cause,
    }: {
      effect?: 'none' | 'possible'
      requestId?: string | undefined
      retryAfterMs?: number | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'EntraError'
    this.code = code
    this.effect = effect
    if (requestId !== undefined) this.requestId = requestId
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
  }
}
