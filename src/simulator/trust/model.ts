// The world behind login endpoint, Graph and CRM servers: plain state that each of them reads and writes, and that decides whether a mailbox
// test can sign in to Exchange.

/** A key of a service principal, as the directory keeps it. */
export interface SimulatedKey {
  readonly keyId: string
  readonly type: string
  readonly usage: string
  readonly displayName: string | null
  /** ISO 8601 in UTC. */
  readonly startDateTime: string
  readonly endDateTime: string
  /** As it goes over the wire; null for old entries. */
  readonly customKeyIdentifier: string | null
  /** Base64 of the DER certificate. */
  readonly key: string
}

/** A service principal. Lists are replaced, never changed in place. */
export interface SimulatedPrincipal {
  readonly id: string
  readonly appId: string
  displayName: string
  names: readonly string[]
  keys: readonly SimulatedKey[]
}

/** An application that may sign in: mailkeel itself. */
export interface SimulatedApplication {
  readonly clientId: string
  readonly displayName: string
  /** Accepted secrets with their ends, ISO 8601. */
  secrets: readonly { readonly value: string; readonly endDateTime: string }[]
  /** Base64 of DER certificates whose assertions are accepted. */
  certificates: readonly string[]
  /** Tokens of another issuer that are accepted as they are. */
  federatedTokens: readonly string[]
  /** Application permissions granted, such as `Application.Read.All`. */
  roles: readonly string[]
  /** Where people who sign in to it may be sent back. Absent: nobody signs in to it. */
  redirectUris?: readonly string[]
}

/** A person or shared mailbox of the directory. */
export interface SimulatedUser {
  readonly userPrincipalName: string
  /** `SMTP:` marks the primary one. */
  readonly proxyAddresses: readonly string[]
  /** Absent: no mailbox in Exchange Online. */
  readonly mailbox?: { readonly purpose: string }
  readonly hasPlan: boolean
  /** App roles that were assigned to this person, whatever the application. */
  readonly appRoles?: readonly string[]
}

/** An Entra ID tenant with its Exchange Online. */
export interface SimulatedTenant {
  readonly tenantId: string
  readonly displayName: string
  readonly domains: readonly { readonly name: string; readonly isInitial: boolean; readonly isDefault: boolean }[]
  readonly cloud: 'Global' | 'UsGovHigh' | 'UsGovDoD' | 'China'
  readonly applications: Map<string, SimulatedApplication>
  /** By application id, lower case. */
  readonly principals: Map<string, SimulatedPrincipal>
  readonly users: Map<string, SimulatedUser>
  /** What no interface reads or writes, and every test needs. */
  readonly exchange: {
    hybridConnector: boolean
    /** Exchange Support switched the access on. */
    supportEnabled: boolean
    /** Of the whole organization; null as it was before October 2026. */
    ewsEnabled: boolean | null
    /** Undefined: no list. */
    allowedAppIds?: readonly string[]
  }
}

/** A certificate in the store of a server. */
export interface SimulatedStoredCertificate {
  /** Base64 of the DER certificate. */
  readonly der: string
  readonly hasPrivateKey: boolean
  readonly keySpec: 0 | 1 | 2
  readonly provider: string
  /** Accounts that may read the private key. */
  readers: readonly string[]
}

/** A Windows service. `loaded` is what it read at its start: SHA-256 of the certificate, or null. */
export interface SimulatedService {
  readonly name: string
  readonly account: string
  isRunning: boolean
  startedAtMs: number
  loaded: string | null
}

/** A CRM server. */
export interface SimulatedServer {
  readonly host: string
  readonly version: string
  readonly roles: readonly string[]
  readonly powershellVersion: string
  hasSnapIn: boolean
  clockSkewMs: number
  store: readonly SimulatedStoredCertificate[]
  readonly services: readonly SimulatedService[]
  /** Values below HKLM\SOFTWARE\mailkeel. */
  registry: Readonly<Record<string, string>>
  /** Windows accounts with their rights; the password is what `-Credential` and password sign-in take. */
  readonly accounts: readonly {
    readonly name: string
    readonly password: string
    readonly isLocalAdministrator: boolean
    readonly isDeploymentAdministrator: boolean
  }[]
}

/** A row of Get-CrmCertificate. */
export interface SimulatedCertificateRow {
  readonly id: string
  readonly type: string
  readonly name: string
  /** Base64 of the DER certificate. */
  readonly data: string
  readonly storeFindType: string
}

/** A CRM deployment: several servers and the organizations on them. */
export interface SimulatedDeployment {
  readonly name: string
  readonly servers: readonly SimulatedServer[]
  /** ServerSettings; null where unset. */
  readonly settings: { authorizationServer: string | null; metadataUrl: string | null }
  rows: readonly SimulatedCertificateRow[]
  /** By unique name in lower case. */
  readonly organizations: Map<string, { readonly id: string; readonly uniqueName: string; tenantId: string | null }>
}
