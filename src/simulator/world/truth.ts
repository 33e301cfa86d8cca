/** A way in which a mailbox synchronizes. */
export type Direction = 'incoming' | 'outgoing' | 'act'

/**
 * What is true about a mailbox outside CRM, where no column shows it and only a test finds out. Every member is optional; a mailbox
 * without any has no trouble.
 */
export interface Truth {
  /** Primary address in Exchange; null: no such mailbox there. Absent: whatever the row says. */
  readonly exchangeAddress?: string | null
  readonly unlicensed?: boolean
  /** Name of the organization that Exchange has stored as the one that synchronizes. */
  readonly heldBy?: string
  readonly autodiscoverFails?: boolean
  readonly credentialsRefused?: boolean
  /** What is wrong with the trust between CRM and Exchange, for this mailbox alone. */
  readonly trust?: TrustProblem
  /** The next so many runs fail with a transient error. */
  readonly transientFailures?: number
  readonly failingDirection?: Direction
  /** Every second test fails, beginning with the first. */
  readonly flaps?: boolean
  /** 'never': the asynchronous service does not pick the test up. */
  readonly pickup?: 'never'
  /** 'stuck': a test that runs never ends; 'slow': it takes many times as long. */
  readonly run?: 'stuck' | 'slow'
  /** So long after a passed test the server disables the mailbox. */
  readonly disabledAfterMs?: number
  /** Finished runs so far. */
  readonly runs?: number
}

const TRUTH_FIELDS: { readonly [K in keyof Required<Truth>]: true } = {
  exchangeAddress: true,
  unlicensed: true,
  heldBy: true,
  autodiscoverFails: true,
  credentialsRefused: true,
  trust: true,
  transientFailures: true,
  failingDirection: true,
  flaps: true,
  pickup: true,
  run: true,
  disabledAfterMs: true,
  runs: true,
}

/** The value as a truth. Throws an Error for a field there is none of. */
export function asTruth(value: Readonly<Record<string, unknown>>): Truth {
  const stranger = Object.keys(value).find((name) => !Object.hasOwn(TRUTH_FIELDS, name))
  if (stranger === undefined) return value
  throw new Error(
    `'${stranger}' is nothing that can be true of a mailbox; there is ${Object.keys(TRUTH_FIELDS).join(', ')}`,
  )
}

/** What can be wrong with the trust between CRM and Exchange Online. */
export type TrustProblem =
  | 'certificate-missing'
  /** The account of the service may not read the private key. */
  | 'key-unreadable'
  /** Its provider has no key for exchange. */
  | 'key-unusable'
  | 'certificate-expired'
  | 'certificate-invalid'
  /** The directory has no valid key of the certificate. */
  | 'key-unknown'
  /** CRM does not know where to get tokens. */
  | 'settings-wrong'
  | 'tenant-wrong'
  /** The application does not go by its own id. */
  | 'name-missing'
  | 'tenant-not-enabled'
  | 'ews-blocked'

/** State of the servers around the organization. */
export interface Conditions {
  /**
   * 'busy': every test fails with a transient error; 'refusing': Exchange refuses the organization's sign-in; the others: every test fails
   * for what is wrong with the trust.
   */
  readonly exchange: 'working' | 'busy' | 'refusing' | TrustProblem
  /** With this or the next one off no test starts or ends, and nothing is synchronized. */
  readonly asynchronousService: boolean
  readonly backgroundOperations: boolean
  /** Nothing is processed, and only administrators may call. */
  readonly administrationMode: boolean
}
