import type { FieldRule } from '../../engine/index.ts'
import { ownerForPeople } from '../mailboxes/owner-directory.ts'
import type { ProfileShape } from './shape.ts'
import { sentence, toggle, valued } from './words.ts'

type ProfileRules = { readonly [K in keyof Required<ProfileShape>]: FieldRule<Required<ProfileShape>[K]> }

/** Kinds of email server in words. */
export const SERVER_TYPES = {
  ExchangeServer: 'Exchange Server',
  ExchangeServerHybrid: 'Exchange Server (hybrid)',
  ExchangeOnlineHybrid: 'Exchange Online (hybrid)',
  ExchangeOnline: 'Exchange Online',
  Pop3Smtp: 'POP3 and SMTP',
}
const PROTOCOLS = { AutoDetect: 'whatever protocol the server offers' }
const CREDENTIALS = {
  UserOrQueue: 'with the credentials of each user or queue',
  Profile: 'with the credentials of the profile',
  ServerToServer: 'by server-to-server authentication',
  WindowsIntegrated: 'by Windows authentication',
  Anonymous: 'without credentials',
}
const EXCHANGE_VERSIONS = {
  Exchange2007: 'Exchange 2007',
  Exchange2007SP1: 'Exchange 2007 SP1',
  Exchange2010: 'Exchange 2010',
  Exchange2010SP1: 'Exchange 2010 SP1',
  Exchange2010SP2: 'Exchange 2010 SP2',
  Exchange2013: 'Exchange 2013',
}

/** How each field of a profile is compared and told. */
export const PROFILE_RULES: ProfileRules = {
  displayName: {
    effect: () => 'rename',
    words: (from) => ({ group: 'rename', one: `is renamed, it was called "${from ?? ''}"`, many: 'are renamed' }),
  },
  serverType: valued('is for', SERVER_TYPES),
  description: { effect: () => 'adjust', words: () => sentence('gets another description') },
  owner: valued('belongs to', (owner) => ownerForPeople(String(owner))),
  useDefaultTenantId: toggle('uses the tenant of the organization', 'uses a tenant of its own'),
  exchangeOnlineTenantId: {
    ...valued('uses the tenant'),
    satisfied: (desired, actual) => desired?.toLowerCase() === actual?.toLowerCase(),
  },
  autoDiscover: toggle('finds Exchange by autodiscover', 'uses fixed server locations'),
  incomingServerLocation: valued('receives from'),
  outgoingServerLocation: valued('sends through'),
  incomingPort: valued('receives on port'),
  outgoingPort: valued('sends on port'),
  incomingUseSsl: toggle('receives over TLS', 'receives without TLS'),
  outgoingUseSsl: toggle('sends over TLS', 'sends without TLS'),
  incomingAuthenticationProtocol: valued('receives with', PROTOCOLS),
  outgoingAuthenticationProtocol: valued('sends with', PROTOCOLS),
  incomingCredentials: valued('receives', CREDENTIALS),
  outgoingCredentials: valued('sends', CREDENTIALS),
  incomingUserName: valued('receives as'),
  outgoingUserName: valued('sends as'),
  incomingPassword: valued('gets version', toReceive, { instead: false }),
  outgoingPassword: valued('gets version', toSend, { instead: false }),
  incomingUseImpersonation: toggle('receives by impersonation', 'receives without impersonation'),
  outgoingUseImpersonation: toggle('sends by impersonation', 'sends without impersonation'),
  outgoingAutoGrantDelegateAccess: toggle('grants delegate access by itself', 'grants no delegate access by itself'),
  useSameSettingsForOutgoing: toggle('sends with the settings to receive', 'has settings of its own to send'),
  exchangeVersion: valued('speaks to', EXCHANGE_VERSIONS),
  processEmailFrom: {
    satisfied: (desired, actual) => desired === actual || Date.parse(desired ?? '') === Date.parse(actual ?? ''),
    effect: () => 'adjust',
    words: (from, to) => sentence(reach(from ?? null, to)),
  },
  minimumPollingIntervalMinutes: { effect: () => 'adjust', words: (from, to) => sentence(polls(from ?? null, to)) },
  maximumConcurrentConnections: valued('opens at most', (count) => `${count} connections at once`),
  moveFailedEmailsToUndeliverableFolder: toggle(
    'moves failed e-mail to the undeliverable folder',
    'leaves failed e-mail where it is',
  ),
  sendAlertEmails: toggle('mails its owner when mailboxes fail', 'mails nobody when mailboxes fail'),
  timeoutMailboxConnection: toggle('gives up on slow mailboxes', 'waits for slow mailboxes without limit'),
  timeoutMailboxConnectionAfterMs: valued('gives up on a mailbox after', (ms) => `${Number(ms) / 1000} s`),
  encodingCodePage: valued('uses the code page'),
}

function toReceive(version: unknown): string {
  return `${version} of the password to receive`
}

function toSend(version: unknown): string {
  return `${version} of the password to send`
}

function polls(from: number | null, to: number | null): string {
  if (!to) return 'polls without a minimum interval'
  const every = `polls every ${to === 1 ? 'minute' : `${to} minutes`}`
  if (from === 0) return `${every}, until now without a minimum interval`
  return from === null ? every : `${every} instead of ${from}`
}

const DAY_MS = 86_400_000

/** A date in the past reaches mailboxes that newly join the profile, whose older mail is then pulled (Microsoft, connect to Exchange Online). */
function reach(from: string | null, to: string | null): string {
  if (to === null) return 'pulls e-mail of any age from mailboxes that join it'
  const since = `pulls e-mail received since ${day(to)} from mailboxes that join it`
  if (from === null) return `${since}, until now it had no such date`
  const days = Math.round((Date.parse(from) - Date.parse(to)) / DAY_MS)
  if (days > 0) return `${since}, ${days === 1 ? '1 day' : `${days} days`} further back than ${day(from)}`
  return `${since} instead of ${day(from)}`
}

/** A time that is midnight in UTC is told as its day. */
function day(time: string): string {
  return time.replace(/T00:00:00(?:\.0+)?Z$/, '')
}
