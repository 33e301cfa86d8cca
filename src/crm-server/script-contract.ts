// What every script is given and what it answers with: the field names on both sides of the wire. The scripts say what the server says, as
// it says it (ids with or without braces, names in any case); what it means is decided in answers.ts.
//
// One line of base64 goes to standard input: UTF-8 JSON of a Payload, `input` being one of the *Input types below. One line comes back on
// standard output: `BEGIN-<token>`, base64 of the UTF-8 JSON of a Document, `END-<token>`, without spaces between.
// All times are ISO 8601 in UTC; what the server could not tell is null.

/** What goes to standard input. */
export interface Payload {
  readonly v: 1
  /** Frames the answer; new for every call. */
  readonly token: string
  readonly script: { readonly id: string; readonly sha256: string; readonly body: string }
  readonly input: Readonly<Record<string, unknown>>
}

/** What comes back between the frame. */
export type Document =
  | {
      readonly v: 1
      readonly ok: true
      readonly result: unknown
      readonly changed: boolean
      readonly warnings: readonly string[]
    }
  | {
      readonly v: 1
      readonly ok: false
      /** It had begun to change something. Where it does not say so, only the code tells. */
      readonly changed?: true
      readonly error: {
        /** A CrmServerFault, or `ScriptFailed`. */
        readonly code: string
        readonly message: string
        readonly fullyQualifiedErrorId: string
        readonly category: string
      }
    }

/** Given to every script that calls a cmdlet of CRM, where the configuration has one. `password` is a secret input. */
export interface WithCredential {
  readonly credential?: { readonly user: string; readonly password: string }
}

/** `read-server`. Names CRM's cmdlet Get-CrmServer. */
export type ReadServerInput = WithCredential

export interface ReadServerResult {
  /** The clock of the server. */
  readonly now: string
  readonly computerName: string
  readonly powershellVersion: string
  readonly hasSnapIn: boolean
  readonly isLocalAdministrator: boolean
  /** null where Get-CrmServer cannot be asked (no snap-in, no right). */
  readonly version: string | null
  readonly roles: readonly string[] | null
  readonly services: readonly RawService[]
  readonly certificates: readonly RawCertificate[]
  readonly marker: RawMarker | null
}

export interface RawService {
  readonly name: string
  /** As canonical `DOMAIN\name` where Windows knows it. */
  readonly account: string
  readonly isRunning: boolean
  readonly startedAt: string | null
}

/** A certificate of LocalMachine\My. */
export interface RawCertificate {
  readonly sha256: string
  readonly thumbprint: string
  readonly subject: string
  readonly notBefore: string
  readonly notAfter: string
  readonly hasPrivateKey: boolean
  readonly keySpec: number | null
  /** Canonical `DOMAIN\name`, or a SID that nobody knows. */
  readonly readers: readonly string[] | null
}

/** Below HKLM:\SOFTWARE\mailkeel: S2SCertificate and S2SChangedAt. */
export interface RawMarker {
  readonly sha256: string
  readonly at: string
}

/** `read-deployment`. Get-CrmAdvancedSetting, Get-CrmCertificate, Get-CrmOrganization. */
export interface ReadDeploymentInput extends WithCredential {
  /** Unique names. */
  readonly organizations: readonly string[]
}

export interface ReadDeploymentResult {
  /** ServerSettings S2SDefaultAuthorizationServerPrincipalId. */
  readonly authorizationServer: RawSetting
  /** ServerSettings S2SDefaultAuthorizationServerMetadataUrl. */
  readonly metadataUrl: RawSetting
  readonly rows: readonly RawRow[]
  /** One for every organization asked for. */
  readonly tenantIds: readonly { readonly organization: string; readonly setting: RawSetting }[]
}

/** What Get-CrmAdvancedSetting answered about one setting. */
export interface RawSetting {
  /** Whether a pair of that name was among the attributes. */
  readonly found: boolean
  /** Its value as text. */
  readonly value: string | null
  /** Where the cmdlet failed. `code` as in a document. */
  readonly error: { readonly code: string; readonly message: string; readonly fullyQualifiedErrorId: string } | null
}

/** A row of Get-CrmCertificate. */
export interface RawRow {
  readonly id: string
  readonly type: string
  readonly name: string | null
  /** Base64 of the DER certificate. */
  readonly data: string | null
}

/** `ensure-certificate`. Uses certutil.exe and key permissions; no cmdlet of CRM. */
export interface EnsureCertificateInput {
  readonly sha256: string
  readonly thumbprint: string
  readonly readers: readonly string[]
  /** Both are secret inputs; `data` is base64. */
  readonly pfx: { readonly data: string; readonly password: string }
}

export interface EnsureCertificateResult {
  readonly imported: boolean
  /** Those that were granted access now. */
  readonly granted: readonly string[]
  readonly keySpec: number | null
  /** Thumbprints of other certificates of the same subject in LocalMachine\My. */
  readonly sameSubject: readonly string[]
}

/** `set-marker`. */
export interface SetMarkerInput {
  readonly sha256: string
}

/** `set-marker` answers with the marker as it stands now. */
export type SetMarkerResult = RawMarker

/** `write-server-settings`. Set-CrmAdvancedSetting -Entity, for what differs. */
export interface WriteServerSettingsInput extends WithCredential {
  readonly authorizationServer?: string
  readonly metadataUrl?: string
}

export interface WriteServerSettingsResult {
  /** Names of the settings that were written. */
  readonly written: readonly string[]
}

/** `write-tenant-id`. Get-CrmOrganization, Set-CrmAdvancedSetting -ID. */
export interface WriteTenantIdInput extends WithCredential {
  /** Unique name. */
  readonly organization: string
  readonly tenantId: string
}

export interface WriteTenantIdResult {
  readonly written: readonly string[]
}

/** `switch-certificate`. Get-CrmCertificate, Set-CrmCertificate; Remove-CrmCertificate where the set inserted instead of updating. */
export interface SwitchCertificateInput extends WithCredential {
  readonly sha256: string
  /** Base64 of the DER certificate; no secret. */
  readonly certificate: string
}

export interface SwitchCertificateResult {
  /** All rows of the type S2STokenIssuer afterwards. */
  readonly rows: readonly RawRow[]
}

/** `restart-services`. Restarts what runs, starts what should run and does not. */
export type RestartServicesInput = Readonly<Record<never, never>>

export interface RestartServicesResult {
  readonly services: readonly RawService[]
}
