import { placeName, type SpecDocument } from '../document.ts'
import type { EmailServerProfile } from '../generated/types.ts'
import type { CheckContext } from './context.ts'
import { locationFault } from './locations.ts'

type Fields = EmailServerProfile['spec']
type Document = SpecDocument<'EmailServerProfile'>

/** A field that does not go with another one: which, when, and what to write. */
interface Rule {
  readonly field: keyof Fields
  readonly broken: (fields: Fields) => boolean
  readonly message: (fields: Fields) => string
}

const DIRECTIONS = ['incoming', 'outgoing'] as const

/** Combinations that the profile form does not offer, or that contradict themselves. */
const RULES: readonly Rule[] = [
  {
    field: 'exchangeOnlineTenantId',
    broken: ({ useDefaultTenantId, exchangeOnlineTenantId }) =>
      useDefaultTenantId === true && exchangeOnlineTenantId !== undefined,
    message: () => 'useDefaultTenantId is true, so exchangeOnlineTenantId has no effect; remove one of them',
  },
  ...(['useDefaultTenantId', 'exchangeOnlineTenantId'] as const).map((field) => ({
    field,
    broken: (fields: Fields) => fields[field] !== undefined && !fields.serverType.startsWith('ExchangeOnline'),
    message: ({ serverType }: Fields) =>
      `a profile of type ${serverType} has no ${field}; it belongs to ExchangeOnlineHybrid`,
  })),
  {
    field: 'autoDiscover',
    broken: ({ serverType, autoDiscover }) => serverType === 'Pop3Smtp' && autoDiscover === true,
    message: () => 'POP3 and SMTP servers are not found by autodiscover; write false and the two locations',
  },
  {
    field: 'exchangeVersion',
    broken: ({ serverType, exchangeVersion }) =>
      exchangeVersion !== undefined && !['ExchangeServer', 'ExchangeServerHybrid'].includes(serverType),
    message: ({ serverType }) => `a profile of type ${serverType} has no exchangeVersion; it belongs to ExchangeServer`,
  },
  {
    field: 'encodingCodePage',
    broken: ({ serverType, encodingCodePage }) => encodingCodePage !== undefined && serverType !== 'Pop3Smtp',
    message: ({ serverType }) => `a profile of type ${serverType} has no encodingCodePage; it belongs to Pop3Smtp`,
  },
  {
    field: 'timeoutMailboxConnectionAfterMs',
    broken: ({ timeoutMailboxConnection, timeoutMailboxConnectionAfterMs }) =>
      timeoutMailboxConnection === false && timeoutMailboxConnectionAfterMs !== undefined,
    message: () =>
      'timeoutMailboxConnection is false, so timeoutMailboxConnectionAfterMs has no effect; remove one of them',
  },
  ...DIRECTIONS.flatMap(credentialRules),
  ...DIRECTIONS.map((direction) => ({
    field: `${direction}ServerLocation` as const,
    broken: (fields: Fields) => locationFault(fields, direction) !== undefined,
    message: (fields: Fields) => locationFault(fields, direction) ?? '',
  })),
  ...(['outgoingCredentials', 'outgoingUserName', 'outgoingPassword'] as const).map((field) => ({
    field,
    broken: (fields: Fields) => fields.useSameSettingsForOutgoing === true && fields[field] !== undefined,
    message: () => `useSameSettingsForOutgoing is true, so ${field} has no effect; remove one of them`,
  })),
  {
    field: 'previousDisplayName',
    broken: ({ displayName, previousDisplayName }) =>
      previousDisplayName !== undefined && sameName(previousDisplayName, displayName),
    message: () => 'previousDisplayName is the same as displayName; remove it when the rename is done',
  },
]

/** Every profile makes sense by itself, and no two of an organization are one row in CRM. */
export function checkProfiles(context: CheckContext): void {
  for (const { profiles } of context.organizations.values()) {
    for (const profile of profiles) checkCombinations(context, profile)
    checkDisplayNames(context, profiles)
  }
}

function checkCombinations(context: CheckContext, profile: Document): void {
  const fields = profile.value.spec
  for (const { field, broken, message } of RULES) {
    if (broken(fields)) context.report(profile.problem(['spec', field], message(fields)))
  }
}

/** CRM compares names without regard to case. */
function checkDisplayNames(context: CheckContext, profiles: readonly Document[]): void {
  const taken = new Map<string, Document>()
  for (const field of ['displayName', 'previousDisplayName'] as const) {
    for (const profile of profiles) {
      const name = profile.value.spec[field]
      if (name === undefined) continue
      const other = taken.get(name.toLowerCase())
      if (other !== undefined && other !== profile) {
        const message = `the profile at ${placeName(other.origin(['spec', 'displayName']))} has this name too; a name in CRM belongs to one profile`
        context.report(profile.problem(['spec', field], message))
      } else taken.set(name.toLowerCase(), profile)
    }
  }
}

function credentialRules(direction: 'incoming' | 'outgoing'): Rule[] {
  const credentials = `${direction}Credentials` as const
  return [
    ...([`${direction}UserName`, `${direction}Password`] as const).map((field) => ({
      field,
      broken: (fields: Fields) => fields[field] !== undefined && !takesPassword(fields, credentials),
      message: (fields: Fields) =>
        fields.serverType.startsWith('ExchangeOnline')
          ? `a profile of type ${fields.serverType} signs in server-to-server and has no ${field}; remove it`
          : `${credentials} is ${fields[credentials]}, so ${field} has no effect; write \`${credentials}: Profile\` or remove it`,
    })),
    {
      field: credentials,
      broken: (fields) => fields[credentials] === 'ServerToServer' && fields.serverType === 'Pop3Smtp',
      message: () => 'POP3 and SMTP servers know no server-to-server sign-in; write UserOrQueue, Profile or Anonymous',
    },
  ]
}

function takesPassword(fields: Fields, credentials: 'incomingCredentials' | 'outgoingCredentials'): boolean {
  if (fields.serverType.startsWith('ExchangeOnline')) return false
  return fields[credentials] === undefined || fields[credentials] === 'Profile'
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
