// The columns of an email server profile and our names for them, once, for reading and for writing. What is not in this table is the
// server's: test results, counters, the owner's address, what the server fills in by itself (Microsoft, entity reference:
// emailserverprofile).
import { type Codec, FLAG, NUMBER, TEXT, type Written } from './codecs.ts'
import { AUTHENTICATION_PROTOCOL, CREDENTIAL_SOURCE, EXCHANGE_VERSION, type OptionSet, serverTypes } from './options.ts'
import { type Raw, time as readTime, requiredText, Undecodable } from './read/values.ts'
import type { Other, ProfileColumns } from './rows.ts'

/** The fields that are one column each. Owner and state need more than one. */
export type ProfileField = Exclude<keyof ProfileColumns, 'ownerId' | 'active'>

/** Writes undefined for a value that must not be written. */
type ColumnCodec<Value> = Codec<Value, Written | undefined>

type Codecs = {
  readonly [F in ProfileField]: { readonly column: string; readonly codec: ColumnCodec<NonUndefined<F>> }
}
type NonUndefined<F extends ProfileField> = Exclude<ProfileColumns[F], undefined>

const NAME: ColumnCodec<string> = { read: requiredText, write: (value) => value }
const TIME: ColumnCodec<string | null> = { read: readTime, write: (value) => value }

function option<Word extends string>(set: OptionSet<Word>): ColumnCodec<Word | Other> {
  return {
    read(value, column) {
      if (value === null || value === undefined) return undefined
      const word = set.word(value)
      if (word === undefined) throw new Undecodable(column, `an unexpected ${typeof value}`)
      return word
    },
    write: (value) => set.number(value),
  }
}

function nullableOption<Word extends string>(set: OptionSet<Word>): ColumnCodec<Word | Other | null> {
  const plain = option(set)
  return {
    read: (value, column) => plain.read(value, column) ?? null,
    write: (value) => (value === null ? null : plain.write(value)),
  }
}

/** The table. `online` decides how server type 0 is called. */
export function profileCodecs(online: boolean): Codecs {
  return {
    displayName: { column: 'name', codec: NAME },
    description: { column: 'description', codec: TEXT },
    serverType: { column: 'servertype', codec: option(serverTypes(online)) },
    useDefaultTenantId: { column: 'usedefaulttenantid', codec: FLAG },
    exchangeOnlineTenantId: { column: 'exchangeonlinetenantid', codec: TEXT },
    autoDiscover: { column: 'useautodiscover', codec: FLAG },
    incomingServerLocation: { column: 'incomingserverlocation', codec: TEXT },
    outgoingServerLocation: { column: 'outgoingserverlocation', codec: TEXT },
    incomingPort: { column: 'incomingportnumber', codec: NUMBER },
    outgoingPort: { column: 'outgoingportnumber', codec: NUMBER },
    incomingUseSsl: { column: 'incomingusessl', codec: FLAG },
    outgoingUseSsl: { column: 'outgoingusessl', codec: FLAG },
    incomingAuthenticationProtocol: {
      column: 'incomingauthenticationprotocol',
      codec: nullableOption(AUTHENTICATION_PROTOCOL),
    },
    outgoingAuthenticationProtocol: {
      column: 'outgoingauthenticationprotocol',
      codec: nullableOption(AUTHENTICATION_PROTOCOL),
    },
    incomingCredentials: { column: 'incomingcredentialretrieval', codec: nullableOption(CREDENTIAL_SOURCE) },
    outgoingCredentials: { column: 'outgoingcredentialretrieval', codec: nullableOption(CREDENTIAL_SOURCE) },
    incomingUserName: { column: 'incomingusername', codec: TEXT },
    outgoingUserName: { column: 'outgoingusername', codec: TEXT },
    incomingUseImpersonation: { column: 'incominguseimpersonation', codec: FLAG },
    outgoingUseImpersonation: { column: 'outgoinguseimpersonation', codec: FLAG },
    outgoingAutoGrantDelegateAccess: { column: 'outgoingautograntdelegateaccess', codec: FLAG },
    useSameSettingsForOutgoing: { column: 'usesamesettingsforoutgoingconnections', codec: FLAG },
    exchangeVersion: { column: 'exchangeversion', codec: nullableOption(EXCHANGE_VERSION) },
    // Plural "emails" here, singular in the mailbox.
    processEmailFrom: { column: 'processemailsreceivedafter', codec: TIME },
    minimumPollingIntervalMinutes: { column: 'minpollingintervalinminutes', codec: NUMBER },
    maximumConcurrentConnections: { column: 'maxconcurrentconnections', codec: NUMBER },
    moveFailedEmailsToUndeliverableFolder: { column: 'moveundeliveredemails', codec: FLAG },
    sendAlertEmails: { column: 'sendemailalert', codec: FLAG },
    timeoutMailboxConnection: { column: 'timeoutmailboxconnection', codec: FLAG },
    timeoutMailboxConnectionAfterMs: { column: 'timeoutmailboxconnectionafteramount', codec: NUMBER },
    encodingCodePage: { column: 'encodingcodepage', codec: TEXT },
  }
}

/** The names of all fields of the table. */
export function profileFields(codecs: Codecs): readonly ProfileField[] {
  return Object.keys(codecs) as ProfileField[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The fields of one row; a column that `has` denies, and an empty value that tells nothing, are left out. */
export function readProfileFields(raw: Raw, codecs: Codecs, has: (column: string) => boolean): ProfileColumns {
  const fields: Mutable<ProfileColumns> = {}
  for (const field of profileFields(codecs)) {
    if (has(codecs[field].column)) readField(field, codecs, raw, fields)
  }
  return fields
}

function readField<F extends ProfileField>(field: F, codecs: Codecs, raw: Raw, into: Mutable<ProfileColumns>): void {
  const { column, codec } = codecs[field]
  const value = codec.read(raw[column], column)
  if (value !== undefined) into[field] = value
}

/** The column and value of one field to write; `refused` where this value is shown but never written. */
export function writeProfileField<F extends ProfileField>(
  field: F,
  value: NonUndefined<F>,
  codecs: Codecs,
): { readonly column: string; readonly value: string | number | boolean | null } | { readonly refused: string } {
  const { column, codec } = codecs[field]
  const written = codec.write(value)
  return written === undefined ? { refused: column } : { column, value: written }
}
