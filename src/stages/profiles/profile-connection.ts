import type { FieldValue, Projection } from '../../engine/index.ts'
import { STAGE_NAMES } from '../stage-names.ts'

/** Fields of a profile that decide whether Exchange is reached: when one changes, results of tests say nothing any more. */
const CONNECTION: ReadonlySet<string> = new Set([
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
  'incomingPassword',
  'outgoingPassword',
  'incomingUseImpersonation',
  'outgoingUseImpersonation',
  'useSameSettingsForOutgoing',
  'exchangeVersion',
])

/** True for a field that decides whether Exchange is reached. */
export function isOfConnection(field: string): boolean {
  return CONNECTION.has(field)
}

const changed = new WeakMap<Projection, ReadonlySet<FieldValue | undefined>>()

/** True where the plan changes how this profile (by the name people call it) connects to Exchange. */
export function connectionChanges(projection: Projection, profile: string | null | undefined): boolean {
  if (profile === null || profile === undefined) return false
  const known = changed.get(projection) ?? profilesThatChange(projection)
  changed.set(projection, known)
  return known.has(profile)
}

/** The plan of profiles is settled when the first mailbox asks. */
function profilesThatChange(projection: Projection): ReadonlySet<FieldValue | undefined> {
  const names = new Set<FieldValue | undefined>()
  const profiles = projection.read(STAGE_NAMES.emailServerProfile)
  if (!profiles?.complete) return names
  for (const [key, { fields }] of profiles.rows) {
    const change = projection.change(STAGE_NAMES.emailServerProfile, key)
    if (change?.action === 'update' && change.fields.some(({ field }) => isOfConnection(field)))
      names.add(fields['displayName'])
  }
  return names
}
