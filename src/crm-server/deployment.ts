// The two faces of the CRM servers of one deployment. A reader cannot write, by type; whoever plans holds only a reader.

/** A Windows service of CRM. */
export interface CrmService {
  /** For example `MSCRMAsyncService`. */
  readonly name: string
  /** Its logon account, for example `CONTOSO\svc-crmasync`. */
  readonly account: string
  readonly isRunning: boolean
  /** ISO 8601 in UTC; undefined where it does not run. */
  readonly startedAt?: string
}

/** A certificate of LocalMachine\My. */
export interface StoredCertificate {
  /** Lower-case hexadecimal. */
  readonly sha256: string
  /** SHA-1, upper-case hexadecimal. */
  readonly thumbprint: string
  /** In the form of .NET, as FindBySubjectDistinguishedName takes it. */
  readonly subject: string
  readonly notBefore: string
  readonly notAfter: string
  readonly hasPrivateKey: boolean
  /** 0: CNG; 1: key exchange; 2: signature only; undefined where it could not be told. */
  readonly keySpec?: number
  /** Accounts that may read the private key; undefined where its permissions could not be read. */
  readonly readers?: readonly string[]
}

/** When mailkeel changed what the services of a server must load anew. It is kept on the server. */
export interface SwitchMarker {
  /** SHA-256 of the certificate it is about. */
  readonly sha256: string
  /** ISO 8601 in UTC, by the clock of the server. */
  readonly at: string
}

/** One server as its own script saw it. */
export interface ServerState {
  /** Difference of the server's clock to ours in milliseconds, positive when the server is ahead. */
  readonly clockSkewMs: number
  /** For example `5.1.17763.6414`. */
  readonly powershellVersion: string
  /** Whether the CRM snap-in could be loaded. */
  readonly hasSnapIn: boolean
  readonly isLocalAdministrator: boolean
  /** As `Get-CrmServer` says it; undefined where it could not be asked. */
  readonly version?: string
  readonly roles?: readonly string[]
  /** The services of CRM on this server. */
  readonly services: readonly CrmService[]
  readonly certificates: readonly StoredCertificate[]
  readonly marker?: SwitchMarker
}

/** A row of the certificates CRM knows. */
export interface CertificateRow {
  readonly id: string
  /** `S2STokenIssuer`, `AlternativeS2STokenIssuer` and others. */
  readonly type: string
  /** Of the certificate in the row, lower-case hexadecimal; undefined where the row holds none that can be read. */
  readonly sha256?: string
  readonly name?: string
}

/** A value that was read, that is not set, or that could not be told. Unset is never unknown. */
export type Setting =
  | { readonly state: 'Set'; readonly value: string }
  | { readonly state: 'Unset' }
  | { readonly state: 'Unknown'; readonly why: string }

/** What belongs to all servers of the deployment, read through one that has the Deployment Tools. */
export interface DeploymentState {
  /** Host of the server that answered. */
  readonly through: string
  /** ServerSettings, trimmed, lower case, without braces. */
  readonly authorizationServer: Setting
  /** ServerSettings, trimmed. */
  readonly metadataUrl: Setting
  readonly rows: readonly CertificateRow[]
  /** By unique name in lower case; only the organizations asked for. `Unset` for one without S2STenantId. */
  readonly tenantIds: ReadonlyMap<string, Setting>
}

/**
 * Reads the servers of one deployment. Methods throw a CrmServerError where nothing can be told. Within one reader what was read is read once
 * and shared; a new reader sees the servers anew.
 */
export interface DeploymentReader {
  /** Host names as configured, in that order. */
  readonly servers: readonly string[]
  server(host: string, signal: AbortSignal): Promise<ServerState>
  /** Asks one server after the other until one can tell. `organizations`: unique names. */
  deployment(organizations: readonly string[], signal: AbortSignal): Promise<DeploymentState>
}

/** A certificate on its way to a server. The bytes and the password are secrets: standard input only. */
export interface CertificateImport {
  readonly sha256: string
  readonly thumbprint: string
  /** Read at the moment of use. */
  readonly pfx: () => Promise<{ readonly bytes: Uint8Array; readonly password: string }>
  /** Accounts that must be able to read the private key. */
  readonly readers: readonly string[]
}

/** Writes the servers of one deployment. Every method may be called again: what is so already is left. Throws a CrmServerError. */
export interface DeploymentWriter {
  /** Imports where it is absent, grants what is missing, and sets the marker where it did either. */
  ensureCertificate(host: string, certificate: CertificateImport, signal: AbortSignal): Promise<void>
  writeServerSettings(
    settings: { readonly authorizationServer?: string; readonly metadataUrl?: string },
    signal: AbortSignal,
  ): Promise<void>
  writeTenantId(organization: string, tenantId: string, signal: AbortSignal): Promise<void>
  /** Writes the S2STokenIssuer row. Sets the marker on all servers before, so that no restart is forgotten. `der`: the certificate. */
  switchCertificate(
    certificate: { readonly sha256: string; readonly der: Uint8Array },
    signal: AbortSignal,
  ): Promise<void>
  /** Restarts the asynchronous services of a server and returns when they run again. */
  restartAsyncServices(host: string, signal: AbortSignal): Promise<void>
}

/** How a CrmServerError is to be taken. */
export type CrmServerFault =
  | 'Unreachable'
  | 'HostKeyChanged'
  | 'SignInRefused'
  | 'TimedOut'
  | 'Cut'
  /** The script answered, but not with a document of ours. */
  | 'Malformed'
  | 'PowerShellMissing'
  | 'SnapInMissing'
  | 'NotAdministrator'
  | 'NotDeploymentAdministrator'
  | 'OrganizationUnknown'
  | 'PrivateKeyNotFound'
  | 'WrongKeySpec'
  | 'WrongPassword'
  /** The script says that it failed, with a code this version does not know. */
  | 'ScriptFailed'
  /** Offline road: a person has to run the script first. */
  | 'AwaitingResults'
  | 'Cancelled'

/** A script that came to nothing. Messages hold no secret and no output of the script but its own short error text. */
export class CrmServerError extends Error {
  readonly code: CrmServerFault
  readonly host: string
  /** Whether a writing script may have taken effect all the same. */
  readonly effect: 'none' | 'possible'

  constructor(
    code: CrmServerFault,
    host: string,
    message: string,
    { effect = 'none', cause }: { effect?: 'none' | 'possible'; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CrmServerError'
    this.code = code
    this.host = host
    this.effect = effect
  }
}
