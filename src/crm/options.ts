// The option sets of the e-mail tables as words. The numbers are not uniform: server-side synchronization is 1 in `actdeliverymethod`
// and 2 in the two e-mail methods, None is 2 there and 0 here (Microsoft, entity reference: mailbox). They appear in this file only.
import type {
  AlertRow,
  Approval,
  AuthenticationProtocol,
  CredentialSource,
  ExchangeVersion,
  IncomingMethod,
  OrganizationRow,
  Other,
  OutgoingMethod,
  ServerType,
  StepResult,
  SynchronizationMethod,
  TestStatus,
} from './rows.ts'

/** One option set: numbers of the server, words of ours. */
export interface OptionSet<Word extends string> {
  /** The word of a number; a number without a word is kept as `Other(n)`. Undefined for what is no number at all. */
  word(value: unknown): Word | Other | undefined
  /** The number of a word; undefined for a word that must not be written. */
  number(word: string): number | undefined
}

function optionSet<Word extends string>(words: readonly (Exclude<Word, Other> | undefined)[]): OptionSet<Word> {
  return {
    word(value) {
      if (typeof value !== 'number') return undefined
      const known = words[value]
      if (known !== undefined) return known
      return Number.isInteger(value) ? `Other(${value})` : undefined
    },
    number(word) {
      const index = (words as readonly string[]).indexOf(word)
      return index === -1 ? undefined : index
    },
  }
}

export const INCOMING_METHOD = optionSet<IncomingMethod>(['None', 'Outlook', 'ServerSideSync', 'ForwardMailbox'])
export const OUTGOING_METHOD = optionSet<OutgoingMethod>(['None', 'Outlook', 'ServerSideSync'])
export const SYNCHRONIZATION_METHOD = optionSet<SynchronizationMethod>(['Outlook', 'ServerSideSync', 'None'])
export const APPROVAL = optionSet<Approval>(['Empty', 'Approved', 'Pending', 'Rejected'])
export const TEST_STATUS = optionSet<TestStatus>(['NotRun', 'Success', 'Failure'])
export const ALERT_LEVEL = optionSet<AlertRow['level']>([undefined, 'Information', 'Warning', 'Error'])
/** Columns `lasttestvalidationstatus`, `lastauthorizationstatus`, `lasttestexecutionstatus` of a profile: failure is 0 here. */
export const STEP_RESULT = optionSet<StepResult>(['Failure', 'Success', 'Warning'])
export const CONNECTION_CHANNEL = optionSet<OrganizationRow['connectionChannel']>(['ServerSideSync', 'Router'])
export const AUTHENTICATION_PROTOCOL = optionSet<AuthenticationProtocol>(['AutoDetect', 'Negotiate', 'NTLM', 'Basic'])
export const CREDENTIAL_SOURCE = optionSet<CredentialSource>([
  'UserOrQueue',
  'Profile',
  'ServerToServer',
  'WindowsIntegrated',
  'Anonymous',
])
/** Column `exchangeversion`; there is no value for Exchange Online. */
export const EXCHANGE_VERSION = optionSet<ExchangeVersion>([
  'Exchange2007',
  'Exchange2007SP1',
  'Exchange2010',
  'Exchange2010SP1',
  'Exchange2010SP2',
  'Exchange2013',
])

const SERVER_TYPE_ON_PREMISES = optionSet<ServerType>([
  'ExchangeServer',
  'Pop3Smtp',
  'ExchangeServerHybrid',
  'ExchangeOnlineHybrid',
])
const SERVER_TYPE_ONLINE = optionSet<ServerType>([
  'ExchangeOnline',
  'Pop3Smtp',
  'ExchangeServerHybrid',
  'ExchangeOnlineHybrid',
])

/** Question: what does server type 0 mean here? Builds relabel the options; on-premises it is Exchange Server. */
export function serverTypes(online: boolean): OptionSet<ServerType> {
  return online ? SERVER_TYPE_ONLINE : SERVER_TYPE_ON_PREMISES
}
