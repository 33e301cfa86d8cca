import type { ProfileColumns, ProfileRow } from '../../crm/rows.ts'
import type { DesiredProfile } from '../../spec/desired.ts'
import { ownerInWords } from '../mailboxes/owner-directory.ts'
import { readDescription } from '../profiles/profile-marker.ts'

/** Columns that are compared and written as they are. */
const PLAIN = [
  'serverType',
  'useDefaultTenantId',
  'exchangeOnlineTenantId',
  'autoDiscover',
  'incomingServerLocation',
  'outgoingServerLocation',
  'incomingPort',
  'outgoingPort',
  'incomingUseSsl',
  'outgoingUseSsl',
  'incomingAuthenticationProtocol',
  'outgoingAuthenticationProtocol',
  'incomingCredentials',
  'outgoingCredentials',
  'incomingUserName',
  'outgoingUserName',
  'incomingUseImpersonation',
  'outgoingUseImpersonation',
  'outgoingAutoGrantDelegateAccess',
  'useSameSettingsForOutgoing',
  'exchangeVersion',
  'processEmailFrom',
  'minimumPollingIntervalMinutes',
  'maximumConcurrentConnections',
  'moveFailedEmailsToUndeliverableFolder',
  'sendAlertEmails',
  'timeoutMailboxConnection',
  'timeoutMailboxConnectionAfterMs',
  'encodingCodePage',
] as const satisfies readonly (keyof ProfileColumns)[]

/** A profile in comparable form. A field is absent where this build of CRM has no such column. */
export type ProfileShape = Pick<ProfileColumns, (typeof PLAIN)[number]> & {
  readonly displayName?: string
  /** Without the line that mailkeel keeps at its end; null where it is empty. */
  readonly description?: string | null
  /** See `ownerInWords`. */
  readonly owner?: string
  /** The version label, never the password; null where none is set or its version is not known. */
  readonly incomingPassword?: string | null
  readonly outgoingPassword?: string | null
}

/** A row in comparable form. `owner` in words, undefined where nobody asks for it. */
export function shapeOfRow(row: ProfileRow, owner: string | undefined): ProfileShape {
  const { text, labels } = readDescription(row.description)
  return {
    displayName: row.displayName,
    ...picked(row, PLAIN),
    ...(row.description !== undefined && { description: text === '' ? null : text }),
    ...(owner !== undefined && { owner }),
    incomingPassword: row.incomingPasswordSet ? (labels.incomingPassword ?? null) : null,
    outgoingPassword: row.outgoingPasswordSet ? (labels.outgoingPassword ?? null) : null,
  }
}

/** What the spec asks of a profile, in comparable form: only what it names. */
export function shapeOfWish(profile: DesiredProfile): ProfileShape {
  const { description, owner, incomingPassword, outgoingPassword } = profile
  const text = readDescription(description).text
  return {
    displayName: profile.displayName,
    ...picked(profile, PLAIN),
    ...(description !== undefined && { description: text === '' ? null : text }),
    ...(owner && { owner: ownerInWords(owner) }),
    ...(incomingPassword && { incomingPassword: incomingPassword.version }),
    ...(outgoingPassword && { outgoingPassword: outgoingPassword.version }),
  }
}

function picked<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Pick<T, K> {
  const found = keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]])
  return Object.fromEntries(found) as Pick<T, K>
}
