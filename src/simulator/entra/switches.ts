// One switch per question that Microsoft's documentation of the directory leaves open. Their values are data, as those of the organization.

/** The answers of a simulated tenant to what the documentation leaves open. */
export interface EntraSwitches {
  /** A service principal name that another object has, in a PATCH. */
  nameConflict: 'bad-request' | 'conflict'
  /** A PATCH that leaves the bare application id out of the service principal names. */
  bareNameRemoval: 'refuse' | 'allow'
  /** A property that the directory does not know. */
  unknownProperty: 'refuse' | 'ignore'
  /** The bytes of a key come in a GET inside $batch, as they do outside. */
  keyInBatch: boolean
  /** The bytes of a key come where $select names other properties beside keyCredentials. */
  keyBesideOthers: boolean
  /** The longest span of a new key. */
  keySpan: 'any' | 'one-year'
  /** A new key that ends after its certificate. */
  keyAfterCertificate: 'refuse' | 'allow'
  /** The display name of a key that a PATCH keeps without saying it. */
  unsaidDisplayName: 'kept' | 'lost'
  /** An app management policy of the tenant limits keys to 180 days. */
  managementPolicy: boolean
  /** Service principal names of a principal that was just created. */
  createdNames: 'bare' | 'none'
  /** The code for the mailbox settings of a user that is not there. */
  unknownMailbox: 'Request_ResourceNotFound' | 'ResourceNotFound' | 'MailboxNotFound'
  /** A filter on proxyAddresses needs ConsistencyLevel: eventual and $count=true. */
  addressFilterAdvanced: boolean
  /** A filter on proxyAddresses tells SMTP: from smtp:. */
  addressFilterExact: boolean
  /** client-request-id comes back always, or where return-client-request-id asks for it. */
  clientRequestId: 'always' | 'when-asked'
  /** Status of a refused client at the token endpoint. */
  invalidClientStatus: 401 | 400
}

type ValuesOf<T> = { readonly [Name in keyof T]: readonly T[Name][] }

const YES_NO = [false, true] as const

/** Every value of every switch, the default first. */
export const ENTRA_SWITCH_VALUES: ValuesOf<EntraSwitches> = {
  nameConflict: ['bad-request', 'conflict'],
  bareNameRemoval: ['refuse', 'allow'],
  unknownProperty: ['refuse', 'ignore'],
  keyInBatch: [true, false],
  keyBesideOthers: [true, false],
  keySpan: ['any', 'one-year'],
  keyAfterCertificate: ['refuse', 'allow'],
  unsaidDisplayName: ['kept', 'lost'],
  managementPolicy: YES_NO,
  createdNames: ['bare', 'none'],
  unknownMailbox: ['ResourceNotFound', 'Request_ResourceNotFound', 'MailboxNotFound'],
  addressFilterAdvanced: YES_NO,
  addressFilterExact: YES_NO,
  clientRequestId: ['when-asked', 'always'],
  invalidClientStatus: [401, 400],
}

/** What a tenant answers where nothing else is asked for. */
export const DEFAULT_ENTRA_SWITCHES: EntraSwitches = {
  nameConflict: 'bad-request',
  bareNameRemoval: 'refuse',
  unknownProperty: 'refuse',
  keyInBatch: true,
  keyBesideOthers: true,
  keySpan: 'any',
  keyAfterCertificate: 'refuse',
  unsaidDisplayName: 'kept',
  managementPolicy: false,
  createdNames: 'bare',
  unknownMailbox: 'ResourceNotFound',
  addressFilterAdvanced: false,
  addressFilterExact: false,
  clientRequestId: 'when-asked',
  invalidClientStatus: 401,
}
